//! The entrance: words of a group in matrix order to their places in buffer 0.

use super::Geometry;
use crate::netlist::{Module, nested};

/// `lde_load_*`: word k of row i is column k; it goes to lane k mod lanes, at the bit-reversed position of row i.
///
/// The counter of rows is kept at the top of its register (it counts in steps of 2^(log_rows_max - n)), so that its bits read backwards are
/// the reversed row at every n.
pub fn load(geometry: &Geometry) -> Module {
    let (lanes, n) = (geometry.column_lanes(), geometry.log_rows_max);
    let bank_bits = geometry.bank_bits();
    let (lane_bits, column_bits, address) = (geometry.lane_bits(), geometry.column_bits(), geometry.address_bits());
    let lane = if lane_bits == 0 { "1'b1".to_string() } else { format!("{lanes}'d1 << word[{}:0]", lane_bits - 1) };
    let column = if column_bits == 0 { String::new() } else { format!("word[2:{lane_bits}], ") };
    let (ahead, load_buffer) = match geometry.load_buffers() {
        1 => (false, ""),
        _ => (true, "\n    load_buffer  <= fill;"),
    };
    let mut module = Module::new(
        format!("lde_load_l{lanes}_n{n}{}", geometry.suffix()),
        "puts the words of a group where the inverse transform wants them",
    )
    .timing("1 clock from a taken word to the memories' write ports", "one word a clock")
    .clk_rst()
    .input("start", 1, "a job begins")
    .input("row_step", n, "2^(log_rows_max - log_rows)")
    .input("space", 1, "buffer 0 may be filled")
    .input("s_valid", 1, "")
    .output("s_ready", 1, "")
    .input("s_data", 31, "")
    .output("loaded", 1, "the last word of a group is taken now")
    .output_reg("load", lanes, "one bit a lane")
    .output_reg("load_bank", bank_bits, "")
    .output_reg("load_address", address, "")
    .output_reg("load_data", 31, "")
    .reg("word", 3)
    .reg("row", n)
    .wire("next_row", n + 1)
    .wire("place", n - bank_bits);
    if ahead {
        module = module.input("fill", 1, "which of the two buffers is filled").output_reg("load_buffer", 1, "");
    }
    module.body(format!(
        "
            assign s_ready  = space;
            assign next_row = {{1'b0, row}} + {{1'b0, row_step}};
            assign loaded   = s_valid && s_ready && word == 3'd7 && next_row[{n}];
            // The lowest bits of the reversed row are the bank's and not part of the address.
            assign place    = {{{reversed}}};

            always @(posedge clk) begin
                load         <= s_valid && s_ready ? {lane} : {lanes}'d0;
                load_bank    <= {bank};{load_buffer}
                load_address <= {{{column}place}};
                load_data    <= s_data;
                if (s_valid && s_ready) begin
                    word <= word + 1'b1;
                    if (word == 3'd7) row <= next_row[{top}:0];
                end
                if (rst || start) begin
                    word <= 3'd0;
                    row  <= 0;
                end
            end
            ",
        bank = geometry.bank("row", true),
        load_buffer = nested(load_buffer, 12),
        reversed = (0..n - bank_bits).map(|bit| format!("row[{bit}]")).collect::<Vec<_>>().join(", "),
        top = n - 1,
    ))
}
