//! What the S-box array does next: a full pack of internal requests, else a beat of an external round, else a part of a pack.
//!
//! Requests of different contexts are packed E to a beat, so that internal rounds use every lane; external beats fill the rest. A part
//! of a pack goes only when there is nothing else to do, which is when too few contexts are in flight.

use super::Fold;
use super::internal::{PACKS, lane_bits};
use super::queue::queue;
use crate::netlist::Module;
use crate::stream::index_bits;

/// Rows of packs that can wait: more than all contexts fill.
const ROWS: usize = 32;

/// `poseidon2_schedule_{shape}`.
///
/// * `q_*`: requests of the internal unit; `p_ends`: it has taken up a pack. * `z_*`, `c_*`, `e_*`: contexts that wait for their first external round, for another one, and
///   for the first one after the internal rounds.
/// * `b_context`, `chunk`, `row`, `bank`, `place`: the external beat that is next, for the memories and the round constants; it is taken
///   when `granted` follows one clock later.
/// * one clock later: `granted`, `is_pack` (a pack, not an external beat), `count` (S-boxes), `last` (the last of them), `round`, `lanes` (round,
///   context and word of each lane of a pack; lane 0 carries round and context of an external beat).
pub(super) fn schedule(fold: &Fold) -> Module {
    let (c, lanes, lane) = (fold.context_bits(), fold.sboxes, lane_bits(fold));
    let (count, which, row) = (index_bits(lanes + 1), index_bits(lanes), ROWS.ilog2() as usize);
    let place = index_bits(fold.beats());
    let mut module = Module::new(
        format!("poseidon2_schedule_{}", fold.name()),
        "the order of work of the S-box array.",
    )
    .timing("1 clock from a choice to `granted`", "one choice a clock")
    .doc(&format!(
        "First a full pack of {lanes} internal requests, then a beat of an external round, then a part of a pack."
    ))
    .clk_rst()
    .input("q_valid", 1, "an internal request")
    .input("q_lane", lane, "")
    .input("p_ends", 1, "a pack has been taken up")
    .input("z_valid", 1, "a new context")
    .input("z_context", c, "")
    .input("c_valid", 1, "a context between external rounds")
    .input("c_context", c, "")
    .input("c_round", 3, "the next one")
    .input("e_valid", 1, "a context after its internal rounds")
    .input("e_context", c, "")
    .output_reg("b_context", c, "next external beat")
    .output_reg("round", 3, "")
    .output_reg("place", place, "beat of the round")
    .output_reg("chunk", index_bits(fold.groups()), "its group")
    .output_reg("row", index_bits(fold.sweeps()), "its sweep beat")
    .output_reg("bank", index_bits(fold.banks()), "group within the sweep beat")
    .output_reg("granted", 1, "one clock after the choice")
    .output_reg("is_pack", 1, "a pack")
    .output_reg("count", count, "S-boxes")
    .output_reg("last", which, "the last of them")
    .output_reg("lanes", lanes * lane, "");
    for (name, bits) in [("z", c), ("c", c + 3), ("e", c)] {
        let data = if name == "c" { "{c_round, c_context}".to_string() } else { format!("{name}_context") };
        module = module.wire(format!("{name}_taken"), 1).link(
            format!("{name}_queue"),
            queue(bits, fold.contexts),
            "clk rst",
            [
                ("push", format!("{name}_valid")),
                ("s_data", data),
                ("m_valid", format!("{name}_waits")),
                ("pop", format!("{name}_taken")),
                ("m_data", format!("{name}_head")),
            ],
        );
    }
    let banks = packs(fold);
    module = module
        .reg("open", 1)
        .reg("packs", index_bits(PACKS + 1))
        .reg("write_row", row)
        .reg("read_row", row)
        .reg("next_row", row)
        .reg("slot", which)
        .reg("waiting", row)
        .reg("full", 1)
        .reg("begun", 1)
        .reg("may_part", 1)
        .wire("partial", 1)
        .wire("external", 1)
        .wire("ends", 1)
        .wire("advance", 1)
        .wire("into_row", row)
        .wire("into_slot", which)
        .wire("closes", 1)
        .wire("head_lanes", lanes * lane);
    module
        .body(format!(
            "
            // The choice of this clock: full rows, an open context, a begun row.
            assign external = open && !full;
            assign partial  = !open && !full && begun && may_part;
            assign ends     = place == {place}'d{last_place};
            assign advance  = !open || (external && ends);

            // Contexts on their way out go first, so that few are needed in flight.
            assign e_taken = advance && e_waits;
            assign c_taken = advance && !e_waits && c_waits;
            assign z_taken = advance && !e_waits && !c_waits && z_waits;

            always @(posedge clk) begin
                if (advance) begin
                    open      <= e_waits || c_waits || z_waits;
                    b_context <= e_waits ? e_head : c_waits ? c_head[{c_top}:0] : z_head;
                    round     <= e_waits ? 3'd4 : c_waits ? c_head[{r_top}:{c}] : 3'd0;
                end
                // Packs under way. Full ones cannot be more than half of what the internal unit holds; parts keep to the other half.
                if ((full || partial) != p_ends) packs <= p_ends ? packs - 1'b1 : packs + 1'b1;
                may_part <= packs < {packs_bits}'d{packs_top};
                if (rst) begin
                    open  <= 1'b0;
                    packs <= {packs_bits}'d0;
                end
            end
            ",
            packs_bits = index_bits(PACKS + 1),
            packs_top = PACKS / 2 - 1,
            last_place = fold.beats() - 1,
            c_top = c - 1,
            r_top = c + 2,
        ))
        .body(places(fold))
        .body(banks)
}

/// The counters of the external beat: beat of the round, its group, and the group's place in a sweep beat.
fn places(fold: &Fold) -> String {
    let place = index_bits(fold.beats());
    let (chunk, row, bank) = (index_bits(fold.groups()), index_bits(fold.sweeps()), index_bits(fold.banks()));
    let parts = fold.group / fold.sboxes;
    let group_ends = match index_bits(parts) {
        _ if parts == 1 => "external".to_string(),
        bits => format!("external && place[{}:0] == {bits}'d{}", bits - 1, parts - 1),
    };
    format!(
        "always @(posedge clk) begin
    if (external) begin
        place <= ends ? {place}'d0 : place + 1'b1;
    end
    if ({group_ends}) begin
        chunk <= ends ? {chunk}'d0 : chunk + 1'b1;
        bank  <= bank == {bank}'d{bank_top} ? {bank}'d0 : bank + 1'b1;
        if (bank == {bank}'d{bank_top}) row <= ends ? {row}'d0 : row + 1'b1;
    end
    if (rst) begin
        place <= {place}'d0;
        chunk <= {chunk}'d0;
        bank  <= {bank}'d0;
        row   <= {row}'d0;
    end
end",
        bank_top = fold.banks() - 1,
    )
}

/// Requests in rows of E, and what is granted.
fn packs(fold: &Fold) -> String {
    let (lanes, lane) = (fold.sboxes, lane_bits(fold));
    let (c, count, which, row) = (fold.context_bits(), index_bits(lanes + 1), index_bits(lanes), ROWS.ilog2() as usize);
    let (mut memories, mut writes, mut reads) = (String::new(), String::new(), String::new());
    for k in 0..lanes {
        memories += &format!(
            "(* ram_style = \"distributed\", no_rw_check *)\nreg [{}:0] requests_{k} [0:{}];\n",
            lane - 1,
            ROWS - 1
        );
        let here = if lanes == 1 { String::new() } else { format!(" && into_slot == {which}'d{k}") };
        writes += &format!("    if (q_valid{here}) requests_{k}[into_row] <= q_lane;\n");
        reads += &format!("assign head_lanes[{}:{}] = requests_{k}[read_row];\n", (k + 1) * lane - 1, k * lane);
    }
    let partial_count = match count.cmp(&which) {
        std::cmp::Ordering::Greater => format!("{{{}'d0, slot}}", count - which),
        _ => "slot".into(),
    };
    format!(
        "// Requests fill a row slot by slot; a part of a row that is granted is closed, and the request of that clock opens the next.
{memories}
{reads}
assign into_row  = partial ? next_row : write_row;
assign into_slot = partial ? {which}'d0 : slot;
assign closes    = q_valid && into_slot == {which}'d{last};

always @(posedge clk) begin
{writes}
    slot  <= closes ? {which}'d0 : q_valid ? into_slot + 1'b1 : into_slot;
    begun <= !closes && (q_valid || (begun && !partial));
    if (closes || partial) begin
        write_row <= next_row;
        next_row  <= next_row + 1'b1;
    end
    if (full || partial) read_row <= read_row + 1'b1;
    if (closes != full) waiting <= closes ? waiting + 1'b1 : waiting - 1'b1;
    full <= closes || (full && waiting != {row}'d1);
    if (rst) begin
        slot      <= {which}'d0;
        begun     <= 1'b0;
        write_row <= {row}'d0;
        next_row  <= {row}'d1;
        read_row  <= {row}'d0;
        waiting   <= {row}'d0;
        full      <= 1'b0;
    end

    granted <= full || external || partial;
    is_pack <= !external;
    count   <= partial ? {partial_count} : {count}'d{lanes};
    last    <= partial ? slot - 1'b1 : {which}'d{last};
    lanes   <= head_lanes;
    if (external) lanes[{tag_top}:31] <= {{{pad}round, b_context}};
    if (rst) granted <= 1'b0;
end",
        last = lanes - 1,
        tag_top = lane - 1,
        pad = match lane - 31 - c {
            3 => String::new(),
            bits => format!("{}'d0, ", bits - 3),
        },
    )
}
