//! The command decoder: the payload of a command to the parameters of a job, every one checked against the limits.

use crate::netlist::Module;
use galena_target::config::RATE_DIVISORS;
use galena_target::frame::{COMMAND_WORDS, GROUP_COLUMNS, StatusCode};
use galena_target::job::{BITS_MAX, READ_MAX};
use galena_target::kernel::KernelRow;
use galena_target::{Config, FIELD_PRIME, KERNELS, Kernel, Limits};

/// Verilog for "the kernel is one of those with this property".
fn kernels_with(property: impl Fn(&KernelRow) -> bool) -> String {
    let tests: Vec<String> =
        KERNELS.iter().filter(|k| property(k)).map(|k| format!("kernel == 8'd{}", k.kernel.code())).collect();
    if tests.is_empty() { "1'b0".into() } else { tests.join(" || ") }
}

/// `shell_command_*`: checks each word as it comes and remembers the first that is wrong; the verdict follows the payload's CRC by three clocks.
/// The seeds of the scale table go straight to the transform.
pub fn command(config: &Config) -> Module {
    let limits = config.limits();
    let Limits { log_rows_min, log_rows_max, log_blowup_max, columns_max, memory_beats } = limits;
    let memory = u8::from(memory_beats > 0);
    let kernel = |k: Kernel| format!("kernel == 8'd{}", k.code());
    Module::new(format!("shell_command_n{log_rows_max}_b{log_blowup_max}_m{memory}"), "decodes commands and checks them against the limits")
        .timing("2 clocks from a command's end to `accept` or `refuse`", "one word a clock")
        .doc(&format!(
            "log_rows {log_rows_min} to {log_rows_max} of a transform, to {} otherwise; blow-up to 2^{log_blowup_max}; up to {columns_max} columns.
             Words are taken into a register first: nothing here is on the way of the link's words.",
            limits.log_height_max()
        ))
        .clk_rst()
        .input("begin_command", 1, "")
        .input("s_word", 1, "")
        .input("s_index", 5, "")
        .input("s_data", 32, "")
        .input("s_finish", 1, "the CRC of the payload was right")
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
        .output_reg("group_last", 11, "groups of 8 columns - 1")
        .output_reg("last_columns", 4, "columns of the last group")
        .output_reg("levels", 5, "of a search the bits")
        .output_reg("first_level", 5, "the lowest whose digests are sent")
        .output_reg("keep_rows", 1, "")
        .output_reg("keep_digests", 1, "")
        .output_reg("rows_base", 20, "beat of row 0 of group 0")
        .output_reg("digests_base", 20, "beat of digest 0 of level 0")
        .output_reg("beats", 17, "of a read")
        .output_reg("divisor", 16, "of a rate")
        .output_reg("total", 32, "data words")
        .output_reg("step", 31, "s^16; of a search the first candidate")
        .output_reg("candidates", 31, "of a search")
        .output("seed", 1, "seed_data is s^k / 2^n, or word k of the state")
        .output("seed_index", 4, "k")
        .output("seed_data", 31, "")
        .reg("word", 1)
        .reg("index", 5)
        .reg("data", 32)
        .reg("finish", 1)
        .reg("works", 1)
        .reg("transforms", 1)
        .reg("compresses", 1)
        .reg("tree", 1)
        .reg("read", 1)
        .reg("rate", 1)
        .reg("searches", 1)
        .wire("log_rows_least", 5)
        .wire("log_rows_limit", 5)
        .reg("levels_limit", 5)
        .reg("groups", 12)
        .reg("expected", 36)
        .reg("bad", 1)
        .reg("wrong", 1)
        .reg("wrong_code", 4)
        .wire("canonical", 1)
        .body(format!(
            "
            assign log_rows_least = read || searches ? 5'd0 : 5'd{log_rows_min};
            assign log_rows_limit = read || searches ? 5'd0 : transforms ? 5'd{log_rows_max} : 5'd{log_height_max};
            assign canonical      = !data[31] && (data[30:27] != 4'd15 || data[26:0] == 0);
            assign seed           = word && index[4:3] != 0;
            assign seed_data      = data[30:0];
            assign seed_index     = {{!index[3], index[2:0]}};

            // What is wrong with the word that is there now.
            always @(*) begin
                wrong      = 1'b0;
                wrong_code = {limits};
                case (index)
                5'd0: wrong = data[4:0] < log_rows_least || data[4:0] > log_rows_limit
                           || data[9:8] > (transforms ? 2'd{log_blowup_max} : 2'd0)
                           || (data[18] && !({keeps_rows})) || (data[19] && !({keeps_digests}));
                5'd1: wrong = tree ? data != 32'd{group} : data == 0 || data > (read ? 32'd{read_max} : searches ? 32'd{group} : 32'd{columns_max});
                5'd2: wrong = data > {{27'd0, levels_limit}} || first_level > data[4:0];
                5'd3: begin
                    wrong      = {{4'd0, data}} != expected;
                    wrong_code = {length};
                end
                5'd5: wrong = searches && (data == 0 || data > 32'd{FIELD_PRIME});
                5'd6, 5'd7: wrong = 1'b0;
                default: begin
                    wrong      = !canonical;
                    wrong_code = {non_canonical};
                end
                endcase
                if (!works) wrong = 1'b0;
                if (rate && index == 5'd7) wrong = data < 32'd{rate_least} || data > 32'd{rate_most};
            end

            always @(posedge clk) begin
                // The kernel is there before the first word is.
                works      <= {works};
                transforms <= {transforms};
                compresses <= {compresses};
                tree       <= {tree};
                read       <= {read};
                rate       <= {rate};
                searches   <= {searches};

                word     <= s_word;
                index    <= s_index;
                data     <= s_data;
                finish   <= s_finish;
                accept   <= finish && !bad;
                refuse   <= finish && bad;
                // Of words before the last one: each is there when the word that it is for is.
                levels_limit <= compresses ? log_rows + {{3'd0, log_blowup}} : searches ? 5'd{bits_max} : 5'd0;
                expected     <= read ? {{19'd0, beats}} : searches ? 36'd0 : {{24'd0, groups}} << (log_rows + 5'd3);
                if (word) begin
                    case (index)
                    5'd0: begin
                        log_rows       <= data[4:0];
                        log_blowup     <= data[9:8];
                        return_rows    <= data[16];
                        return_digests <= data[17];
                        keep_rows      <= data[18];
                        keep_digests   <= data[19];
                        first_level    <= data[28:24];
                    end
                    5'd1: begin
                        beats        <= data[16:0];
                        group_last   <= data[13:3] - {{10'd0, data[2:0] == 0}};
                        groups       <= data[14:3] + {{11'd0, data[2:0] != 0}};
                        last_columns <= data[2:0] == 0 ? 4'd8 : {{1'b0, data[2:0]}};
                    end
                    5'd2: levels <= data[4:0];
                    5'd3: total  <= works ? data : 32'd0;
                    5'd4: step   <= data[30:0];
                    5'd5: begin
                        rows_base  <= data[19:0];
                        candidates <= data[30:0];
                    end
                    5'd6: digests_base <= data[19:0];
                    5'd7: divisor      <= data[15:0];
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
                if (rst) begin
                    // A verdict of before the reset would begin a job that nobody sends.
                    word   <= 1'b0;
                    finish <= 1'b0;
                    accept <= 1'b0;
                    refuse <= 1'b0;
                end
            end
            ",
            works = kernels_with(|k| k.kernel.works()),
            tree = kernel(Kernel::Tree),
            read = kernel(Kernel::Read),
            rate = kernel(Kernel::Rate),
            searches = kernels_with(|k| k.searches),
            bits_max = BITS_MAX,
            keeps_rows = if memory == 1 { kernel(Kernel::Commit) } else { "1'b0".into() },
            keeps_digests = if memory == 1 { "compresses" } else { "1'b0" },
            read_max = READ_MAX,
            rate_least = RATE_DIVISORS.start(),
            rate_most = RATE_DIVISORS.end(),
            transforms = kernels_with(|k| k.transforms),
            compresses = kernels_with(|k| k.compresses),
            log_height_max = limits.log_height_max(),
            limits = format_args!("4'd{}", StatusCode::Limits as u32),
            length = format_args!("4'd{}", StatusCode::Length as u32),
            non_canonical = format_args!("4'd{}", StatusCode::NonCanonical as u32),
            group = GROUP_COLUMNS,
        ))
}

/// The indices above are those of this layout: 8 words, then 16 seeds.
const _: () = assert!(COMMAND_WORDS == 24);
