//! States come in: a context each, the first linear layer, the memory `entering`.

use super::states;
use crate::netlist::Module;
use crate::poseidon2::Fold;
use crate::poseidon2::linear::linear;
use crate::stream::index_bits;

/// Adds the entrance. Out: `z_first`, `z_context` (a context may begin), `entering_data`, `tags`.
pub(super) fn add(fold: &Fold, tag: usize, module: Module) -> Module {
    let (c, groups) = (fold.context_bits(), fold.groups());
    let (bits, chunk) = (31 * fold.group, index_bits(groups));
    let module = module
        .reg("head", c)
        .reg("occupied", c + 1)
        .reg("s_place", chunk)
        .wire("s_taken", 1)
        .wire("entered", 1)
        .wire("freed", 1)
        .wire("z_first", 1)
        .wire("entering_data", bits)
        .link(
            "first_layer",
            linear(fold, c),
            "clk rst s_data",
            [
                ("s_valid", "s_taken"),
                ("s_tag", "head"),
                ("m_valid", "z_valid"),
                ("m_last", ""),
                ("m_index", "z_index"),
                ("m_data", "z_data"),
                ("m_tag", "z_context"),
            ],
        );
    let nets = ["z_valid", "{z_context, z_index}", "z_data", "{b_context, chunk}", "entering_data"];
    states(module, "entering", fold.contexts << chunk, bits, nets).body(format!(
        "
        (* ram_style = \"distributed\", no_rw_check *)
        reg [{tag_top}:0] tags [0:{contexts_top}];

        // A context is occupied from its last beat in to its last beat out.
        assign s_ready = !occupied[{c}];
        assign s_taken = s_valid && s_ready;
        assign z_first = z_valid && z_index == {chunk}'d0;
        assign entered = s_taken && s_place == {chunk}'d{last};

        always @(posedge clk) begin
            if (s_taken) s_place <= entered ? {chunk}'d0 : s_place + 1'b1;
            if (s_ready) tags[head] <= s_tag; // what the last beat brings stays
            if (entered) head <= head + 1'b1;
            if (entered != freed) occupied <= entered ? occupied + 1'b1 : occupied - 1'b1;
            if (rst) begin
                s_place  <= {chunk}'d0;
                head     <= {c}'d0;
                occupied <= {occupied}'d0;
            end
        end
        ",
        tag_top = tag - 1,
        contexts_top = fold.contexts - 1,
        last = groups - 1,
        occupied = c + 1,
    ))
}
