//! The mutants that the jobs of a block cannot notice, each with the reason: looked at one by one, with the generator open beside the text. Most
//! change nothing that a user can see; where another test is the one that notices, the reason names it.

use super::mutant::Mutant;

/// Circuits that stand around others only to drive them here: nobody builds them, so they are not mutated, and what of them is covered does not
/// count.
const HARNESSES: [&str; 6] =
    ["queue_counted", "store_watched", "uart_pair", "memory_phased", "external_watched", galena_hdl::block::COUNTED];

/// Whether a module is one of them.
pub(in crate::verify) fn harness(module: &str) -> bool {
    HARNESSES.iter().any(|name| named(module, name))
}

/// Whether a module is `name`, or `name` with parameters behind it.
pub(in crate::verify) fn named(module: &str, name: &str) -> bool {
    module.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
}

/// A mutant that is equivalent to the original in everything that a user of the circuit can see.
pub(super) struct Explained {
    /// The module, without parameters.
    pub(super) module: &'static str,
    /// How the line begins, as far as that tells it from others.
    pub(super) line: &'static str,
    /// `old => new`; a dropped assignment becomes `nothing`, and `*` is whatever it becomes.
    pub(super) change: &'static str,
    /// Why it changes nothing.
    pub(super) reason: &'static str,
}

impl Explained {
    /// Whether this row is of that mutant.
    pub(super) fn is(&self, mutant: &Mutant) -> bool {
        let new = mutant.new.as_deref().unwrap_or("nothing");
        let becomes = self.change.strip_prefix(&mutant.old).and_then(|rest| rest.strip_prefix(" => "));
        named(&mutant.module, self.module)
            && mutant.text.starts_with(self.line)
            && becomes.is_some_and(|n| n == "*" || n == new)
    }
}

const fn row(module: &'static str, line: &'static str, change: &'static str, reason: &'static str) -> Explained {
    Explained { module, line, change, reason }
}

/// All of them, by module. Every row is of a mutant that there is: a test looks for it.
pub(super) const EXPLAINED: &[Explained] = &[
    row(
        "extension_mac",
        "if (take != give) held",
        "take ? held + 1'b1 : held - 1'b1 => (take) ? (held - 1'b1) : (held + 1'b1)",
        "the counter of four bits counts down from 0 instead of up, and eight below is eight again: 0 - 8 = 8 modulo 16",
    ),
    row(
        "extension_mac",
        "assign s_ready",
        "4'd8 => 4'h7",
        "one result fewer waits before a sink that pauses: the same results, a few clocks later",
    ),
    row(
        "extension_mac",
        "begins <= 0;",
        "0 => 1",
        "a sum that begins in the clock after a reset is begun again by the next product before anything of it is taken",
    ),
    row(
        "extension_mac",
        "a    <= {31'd0, a[154:31]};",
        "{31'd0, a[154:31]} => ({31'd0, a[154:31]}) | 155'h000400000000000000000000000000000000000",
        "the bit is in the uppermost coefficient, which comes to the lowest place in the fifth shift; there are four",
    ),
    row(
        "extension_mac",
        "a    <= {31'd0",
        "31'd0 => 31'h7fffffff",
        "what is shifted in comes to the lowest place in the fifth shift; there are four",
    ),
    row(
        "extension_mac",
        "step <= step + 1'b1;",
        "step + 1'b1 => step - 1'b1",
        "the steps are 0, 7, 6, 5, 4 instead of 0 to 4: as many, with the same first and last",
    ),
    row(
        "extension_mac",
        "assign s_ready",
        "4'd8 => 4'h9",
        "the queue of results holds nine: eight in its memory and one in the output register",
    ),
    row(
        "external_fill",
        "beat <= {62'd0",
        "62'd0 => 62'h80000000",
        "what is shifted in behind the last words of a beat is never loaded",
    ),
    row(
        "external_load",
        "&& (word != 4'd15",
        "4'd15 => 4'hb",
        "nobody else fills the queue between two words of a beat: if there is room at one there is at the other",
    ),
    row(
        "external_schedule",
        "hop        <= invert",
        "invert ? hop >> 1 : hop << 1 => (invert ? hop >> 1 : hop << 1) & 6'h3e",
        "a hop of 1 comes by shifts to no stage: where strips have more than one stage there are several of them, and the last hop is their number",
    ),
    row(
        "external_schedule",
        "tree       <= scaling",
        "scaling ? 6'd0 : {3'd0, tile} => (scaling ? 6'd0 : {3'd0, tile}) & 6'h2f",
        "the bit is above those of a tile's number: it is zero",
    ),
    row(
        "external_write",
        "load_waiting  <=",
        "{4'd0, load_chunk_pushed} => {load_chunk_pushed, 4'd0}",
        "bursts of the load go to memory sooner, in shorter runs: the same words, more rows opened; sim/tests/circuit_external.rs counts those",
    ),
    row(
        "external_write",
        "assign load_may",
        "0 => 1",
        "a run of bursts of the load breaks off before its last: the same words, more rows opened; sim/tests/circuit_external.rs counts those",
    ),
    row(
        "external_write",
        "if (load_chunk_ready) load_run",
        "load_run - 1'b1 => 1'b1 - (load_run)",
        "a run of bursts of the load breaks off before its last: the same words, more rows opened; sim/tests/circuit_external.rs counts those",
    ),
    row(
        "grind",
        "judging <= 1'b0;",
        "1'b0 => 1'h1",
        "nothing is searched in the clock after a reset or the end of a search, so nothing is judged",
    ),
    row(
        "grind",
        "late    <= 3'd0;",
        "3'd0 => 3'h7",
        "nothing is searched in the clocks after a reset or the end of a search: sixteen words of the next state come first",
    ),
    row(
        "grind",
        "late    <= 3'd0;",
        "3'd0 => 3'h4",
        "nothing is searched in the clocks after a reset or the end of a search: sixteen words of the next state come first",
    ),
    row(
        "grind",
        "judging <= 1'b0;",
        "judging <= 1'b0; => nothing",
        "nothing is searched in the clock after a reset or the end of a search, so nothing is judged",
    ),
    row(
        "hasher",
        "if (complete[6] != pick[6]) pairs_6 <=",
        "pairs_6 <= complete[6] ? pairs_6 + 1'b1 : pairs_6 - 1'b1; => nothing",
        "the root's pair is complete when nothing else is left to be chosen: it is picked in that clock and never counted",
    ),
    row(
        "hasher",
        "if (complete[6] != pick[6]) pairs_6 <=",
        "pairs_6 - 1'b1 => pairs_6 + 1'b1",
        "one bit: plus one is minus one",
    ),
    row(
        "hasher",
        "if (complete[5] != pick[5]) pairs_5 <=",
        "pairs_5 - 1'b1 => 1'b1 - (pairs_5)",
        "of the two pairs below the root's the first is picked while the nodes below the second are in the engine: there is never more than one",
    ),
    row(
        "hasher",
        "waiting   <= 4'd0;",
        "4'd0 => 4'hf",
        "one state more may wait: the FIFO holds nine, eight in its memory and one in the output register",
    ),
    row(
        "hasher",
        "write_odd  <= 1'b0;",
        "write_odd  <= 1'b0; => nothing",
        "what is written in the clock after a reset is of a row of the dropped job: a job reads nothing that it has not written before",
    ),
    row(
        "hasher",
        "m_level <= d_level;",
        "d_level => (d_level) & 5'h0f",
        "the bit is of levels that only trees of 2^16 leaves and more have; the whole jobs of the points named tree (technique streams) have them",
    ),
    row(
        "lde",
        "if (start) begin",
        "start => 1'b1",
        "what is derived from the job's parameters is derived from the same parameters again: they are held during the job",
    ),
    row(
        "lde",
        ".last(leaf_mask",
        "leaf_mask[6:1] => leaf_mask[5:0]",
        "the table of twiddles is made further than the job needs, while its first group is loaded: nobody waits for it",
    ),
    row(
        "lde_power",
        "flight  <= 0;",
        "0 => 1",
        "the product that never was arrives 14 clocks later, when no table is made: sixteen seeds come before a job begins",
    ),
    row(
        "lde_readout",
        "if (take) beat <=",
        "take => 1'b1",
        "the words of a row come in successive clocks, and the row is passed on in the next: what is shifted in afterwards is not in it",
    ),
    row(
        "lde_readout",
        "drain      <= 2'b00;",
        "2'b00 => 2'h2",
        "a word that nobody asked for is shifted in before the first row, of which it is no part",
    ),
    row(
        "lde_table",
        "if (start) claimed",
        "start => 1'b1",
        "before the first job the table is not filled ahead, but while the first group of that job is loaded: nobody waits for it",
    ),
    row(
        "lde_table",
        "if (start) claimed",
        "start => !(start)",
        "before the first job the table is not filled ahead, but while the first group of that job is loaded: nobody waits for it",
    ),
    row(
        "memory_fetch",
        "assign s_ready",
        "4'd8 => 4'h9",
        "the FIFO that answers wait in holds nine: eight in its memory and one in the output register",
    ),
    row(
        "memory_fetch",
        "owed  <= 0;",
        "0 => 1",
        "one answer fewer may be under way: seven cover the five clocks from an address to its beat as well",
    ),
    row(
        "memory_fetch",
        "assign s_ready",
        "4'd8 => 4'h7",
        "seven answers under way cover the five clocks from an address to its beat as well as eight",
    ),
    row(
        "memory_keep",
        "twice_leaves <=",
        "22'd2 => 22'h8002",
        "the changed bit is shifted up by log_leaves and down by a level of that tree: it stays above an address of up to 15 bits",
    ),
    row(
        "poseidon2_engine",
        "assign send",
        "0 => 1",
        "no credit is left at one instead of at zero: the exit uses one place less, and sends the same in the same order",
    ),
    row(
        "poseidon2_internal",
        "n_bank <=",
        "n_bank <= n_bank == 1'd0 ? 1'd0 : n_bank + 1'b1; => nothing",
        "with one bank its number is 0 before and after",
    ),
    row(
        "poseidon2_linear",
        "if (complete) begin",
        "complete => 1'b1",
        "`half` and `tag` change only in the clock before `complete`: taken in every clock they are the same",
    ),
    row(
        "poseidon2_linear",
        "if (valid[1]) begin",
        "valid[1] => 1'b1",
        "`product` is looked at in the clock after valid[1] only; what it is made of in other clocks nobody sees",
    ),
    row(
        "poseidon2_queue",
        "if (push) memory[last] <= s_data;",
        "push => 1'b1",
        "the place after the last element is written whatever is there: the next element that is stored overwrites it before it is read",
    ),
    row(
        "poseidon2_total",
        "valid <= {valid",
        "{valid[5:0], s_valid} => ({valid[5:0], s_valid}) | 7'h02",
        "sums that are not complete are written to the place of the complete one, which overwrites them before it is read",
    ),
    row(
        "poseidon2_total",
        "assign m_valid",
        "valid[6] && last[6] => valid[6] || last[6]",
        "sums that are not complete are written to the place of the complete one, which overwrites them before it is read",
    ),
    row(
        "poseidon2_total_n4",
        "if (valid[1]) sum",
        "4'd0 => 4'h8",
        "the bit is the uppermost of the sum, and a state has an even number of beats of four words: it falls out",
    ),
    row(
        "stream_scatter",
        "words <= {",
        "1'b0 => 1'h1",
        "what is shifted in behind the last word of a beat is never sent",
    ),
    row(
        "uart_receive",
        "sync       <= {",
        "{sync[0], rx} => {rx, sync[0]}",
        "the line is seen a clock sooner, through one register instead of two; the second is there against metastability, which no simulation shows",
    ),
    row(
        "uart_receive",
        "if (sync[1]) begin",
        "sync[1] => sync[0]",
        "a break begins and ends a clock sooner, and is as long as before",
    ),
    row(
        "uart_receive",
        "sync    <= 2'b11;",
        "2'b11 => 2'h2",
        "a false start bit after reset is high in its middle; if the first bit begins by then, it is taken at its beginning instead of its middle",
    ),
    row(
        "uart_receive",
        "sync    <= 2'b11;",
        "2'b11 => 2'h0",
        "a false start bit after reset is high in its middle; if the first bit begins by then, it is taken at its beginning instead of its middle",
    ),
    row(
        "uart_send",
        "frame <= {1'b1, ",
        "1'b1 => 1'h0",
        "the frame is over before the filler reaches the line: `left` counts its bits",
    ),
];
