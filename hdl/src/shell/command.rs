//! The command decoder: the payload of a command to the parameters of a job, every one checked against the limits.

use crate::netlist::Module;
use galena_target::frame::{COMMAND_WORDS, GROUP_COLUMNS, StatusCode};
use galena_target::kernel::KernelRow;
use galena_target::{KERNELS, Kernel, Limits};

/// Verilog for "the kernel is one of those with this property".
fn kernels_with(property: impl Fn(&KernelRow) -> bool) -> String {
    let tests: Vec<String> =
        KERNELS.iter().filter(|k| property(k)).map(|k| format!("kernel == 8'd{}", k.kernel.code())).collect();
    if tests.is_empty() { "1'b0".into() } else { tests.join(" || ") }
}

/// `shell_command_*`: checks each word as it comes and remembers the first that is wrong; the verdict follows the payload's CRC by two clocks.
/// The seeds of the scale table go straight to the transform.
pub fn command(limits: &Limits) -> Module {
    let Limits { log_rows_min, log_rows_max, log_blowup_max, columns_max } = *limits;
    let identify = Kernel::Identify.code();
    Module::new(format!("shell_command_n{log_rows_max}_b{log_blowup_max}"), "decodes commands and checks them against the limits")
        .doc(&format!(
            "log_rows {log_rows_min} to {log_rows_max} of a transform, to {} otherwise; blow-up to 2^{log_blowup_max}; up to {columns_max} columns.
             One word a clock; the verdict comes a clock after `finish`.",
            limits.log_height_max()
        ))
        .clk()
        .input("begin_command", 1, "")
        .input("word", 1, "")
        .input("index", 5, "")
        .input("data", 32, "")
        .input("finish", 1, "the CRC of the payload was right")
        .input("kernel", 8, "")
        .output_reg("accept", 1, "")
        .output_reg("refuse", 1, "")
        .output_reg("refuse_code", 4, "")
        .output_reg("refuse_offset", 5, "")
        .output_reg("refuse_found", 32, "")
        .output_reg("log_rows", 5, "")
        .output_reg("log_blowup", 2, "")
        .output_reg("return_rows", 1, "")
        .output_reg("return_digests", 1, "")
        .output_reg("group_last", 8, "groups of 8 columns - 1")
        .output_reg("last_columns", 4, "columns of the last group")
        .output_reg("levels", 5, "")
        .output_reg("total", 32, "data words")
        .output_reg("step", 31, "s^16")
        .output("seed", 1, "data[30:0] is s^k / 2^n")
        .output("seed_index", 4, "k")
        .wire("transforms", 1)
        .wire("compresses", 1)
        .wire("tree", 1)
        .wire("log_rows_limit", 5)
        .wire("levels_limit", 5)
        .wire("groups", 9)
        .reg("expected", 32)
        .reg("bad", 1)
        .reg("wrong", 1)
        .reg("wrong_code", 4)
        .wire("canonical", 1)
        .body(format!(
            "
            assign transforms     = {transforms};
            assign compresses     = {compresses};
            assign tree           = kernel == 8'd{tree};
            assign log_rows_limit = transforms ? 5'd{log_rows_max} : 5'd{log_height_max};
            assign levels_limit   = compresses ? log_rows + {{3'd0, log_blowup}} : 5'd0;
            assign groups         = {{1'b0, group_last}} + 1'b1;
            assign canonical      = !data[31] && (data[30:27] != 4'd15 || data[26:0] == 0);
            assign seed           = word && index[4:3] != 0;
            assign seed_index     = {{!index[3], index[2:0]}};

            // What is wrong with the word that is there now.
            always @(*) begin
                wrong      = 1'b0;
                wrong_code = {limits};
                case (index)
                5'd0: wrong = data[4:0] < 5'd{log_rows_min} || data[4:0] > log_rows_limit
                           || data[9:8] > (transforms ? 2'd{log_blowup_max} : 2'd0);
                5'd1: wrong = tree ? data != 32'd{group} : data == 0 || data > 32'd{columns_max};
                5'd2: wrong = data > {{27'd0, levels_limit}};
                5'd3: begin
                    wrong      = data != expected;
                    wrong_code = {length};
                end
                5'd5, 5'd6, 5'd7: wrong = 1'b0;
                default: begin
                    wrong      = !canonical;
                    wrong_code = {non_canonical};
                end
                endcase
                if (kernel == 8'd{identify}) wrong = 1'b0;
            end

            always @(posedge clk) begin
                accept   <= finish && !bad;
                refuse   <= finish && bad;
                expected <= {{23'd0, groups}} << (log_rows + 5'd3);
                if (word) begin
                    case (index)
                    5'd0: begin
                        log_rows       <= data[4:0];
                        log_blowup     <= data[9:8];
                        return_rows    <= data[16];
                        return_digests <= data[17];
                    end
                    5'd1: begin
                        group_last   <= data[10:3] - {{7'd0, data[2:0] == 0}};
                        last_columns <= data[2:0] == 0 ? 4'd8 : {{1'b0, data[2:0]}};
                    end
                    5'd2: levels <= data[4:0];
                    5'd3: total  <= kernel == 8'd{identify} ? 32'd0 : data;
                    5'd4: step   <= data[30:0];
                    default: ;
                    endcase
                    if (wrong && !bad) begin
                        bad           <= 1'b1;
                        refuse_code   <= wrong_code;
                        refuse_offset <= index;
                        refuse_found  <= data;
                    end
                end
                if (begin_command) bad <= 1'b0;
            end
            ",
            transforms = kernels_with(|k| k.transforms),
            compresses = kernels_with(|k| k.compresses),
            tree = Kernel::Tree.code(),
            log_height_max = limits.log_height_max(),
            limits = format_args!("4'd{}", StatusCode::Limits as u32),
            length = format_args!("4'd{}", StatusCode::Length as u32),
            non_canonical = format_args!("4'd{}", StatusCode::NonCanonical as u32),
            group = GROUP_COLUMNS,
        ))
}

/// The indices above are those of this layout: 8 words, then 16 seeds.
const _: () = assert!(COMMAND_WORDS == 24);
