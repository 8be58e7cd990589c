//! The mutants that the jobs of a block cannot notice, each with the reason: looked at one by one, with the generator open beside the text. Most
//! change nothing that a user can see; where another test is the one that notices, the reason names it.

use super::mutant::Mutant;

/// Circuits that stand around others only to drive them here: nobody builds them, so they are not mutated.
pub(super) const HARNESSES: [&str; 3] = ["queue_counted", "store_watched", "uart_pair"];

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

/// All of them, by module.
pub(super) const EXPLAINED: &[Explained] = &[
    row(
        "hasher",
        "level <= have == 0",
        "have == 0 || level + 1'b1 == levels ? lowest : level + 1'b1 => (have == 0 || level + 1'b1 == levels) ? (level + 1'b1) : (lowest)",
        "the order in which levels are looked at is free: every pair is found all the same, some clocks later",
    ),
    row(
        "lde",
        "if (start) begin",
        "start => 1'b1",
        "what is derived from the job's parameters is derived from the same parameters again: they are held during the job",
    ),
    row(
        "lde_table",
        "assign full",
        "next[4:0] > last => last > (next[4:0])",
        "in the smallest table the 16 seeds are all that any job needs: `last` is below `next` from the start, so that the table is \
         filled to its end where it could have stopped",
    ),
    row(
        "memory_bank",
        "if (read) fetched",
        "read => 1'b1",
        "a word is taken two clocks after its address and never later: nobody sees what is fetched in between",
    ),
    row(
        "memory_fetch",
        "assign s_ready",
        "4'd8 => 4'h9",
        "the FIFO that answers wait in has a ninth place, its output register",
    ),
    row(
        "memory_keep",
        "write       <=",
        "1'b0 => 1'h1",
        "the word that is written in the clock after a reset is one that the job was about to write, at its place",
    ),
    row(
        "memory_keep",
        "twice_leaves <=",
        "22'd2 => 22'h8002",
        "the changed bit stays above the bits of an address: it is shifted down by no more than it was shifted up",
    ),
    row(
        "poseidon2_engine",
        "assign send",
        "0 => 1",
        "no credit is left at one instead of at zero: the exit uses one place less, and sends the same in the same order",
    ),
    row(
        "poseidon2_schedule",
        "if (closes != full) waiting",
        "waiting - 1'b1 => 1'b1 - (waiting)",
        "a full row is taken in the clock that it stands there, and at most one closes in a clock: `waiting` is never above 1",
    ),
    row(
        "stream_gather",
        "index",
        "index + 1'b1 => index - 1'b1",
        "with five words to a beat the counter goes 0, 7, 6, 5, 4 instead of 0 to 4: as many states, and the same last one",
    ),
    row("stream_scatter", "words <= {", "1'b0 => *", "what is shifted in behind the last word of a beat is never sent"),
    row(
        "uart_rate",
        "clocks <= trial",
        "0 => 1",
        "a trial ends a clock sooner, of 64 here and 2^22 in a core: nobody is promised the clock",
    ),
    row(
        "uart_rate",
        "divisor <= DIVISOR[15:0];",
        "DIVISOR[15:0] => *",
        "the value at reset: every job of the block begins with `restart`, which sets it again; sim/tests/circuit_stream.rs begins from reset",
    ),
    row(
        "uart_rate",
        "trial   <= 1'b0;",
        "1'b0 => 1'h1",
        "after reset a trial of the base rate would end in the base rate",
    ),
    row("uart_receive", "low     <= 0;", "0 => 1", "a break is seen a clock sooner, of 2^14"),
    row(
        "uart_receive",
        "if (!low[14]) low",
        "low + 1'b1 => *",
        "no job of the block holds the line low for 2^14 clocks: the test of breaks in sim/tests/circuit_stream.rs does",
    ),
    row(
        "uart_receive",
        "last_bytes <= 24'd0;",
        "24'd0 => *",
        "what stands before the first byte after reset matters only if it is the beginning of the magic word, which no changed bit makes it",
    ),
    row(
        "uart_send",
        "frame <= {1'b1, ",
        "1'b1 => 1'h0",
        "the frame is over before the filler reaches the line: `left` counts its bits",
    ),
    row(
        "uart_rate",
        "divisor <= DIVISOR[15:0];",
        "divisor <= DIVISOR[15:0]; => nothing",
        "every job of the block begins with `restart`, which sets the rate; sim/tests/circuit_stream.rs begins from reset",
    ),
    row(
        "uart_receive",
        "if (sync[1]) begin",
        "sync[1] => *",
        "only breaks depend on it, which no job of the block makes: the test of breaks in sim/tests/circuit_stream.rs does",
    ),
    row(
        "uart_receive",
        "sync    <= 2'b11;",
        "2'b11 => *",
        "a line that seems low for a clock after reset is no start bit: in the middle of that bit it is high",
    ),
    row(
        "uart_rate",
        "if (!header_seen) divisor",
        "DIVISOR[15:0] => (DIVISOR[15:0]) & 16'hfff7",
        "the base rate of this block is 4 clocks a bit: the bit is zero",
    ),
    row(
        "uart_receive",
        "if (!low[14]) low",
        "low[14] => low[13]",
        "no job of the block holds the line low for 2^13 clocks: the test of breaks in sim/tests/circuit_stream.rs does",
    ),
    row(
        "uart_receive",
        "sync       <= {",
        "{sync[0], rx} => {rx, sync[0]}",
        "the line is seen a clock sooner, through one register instead of two; the second is there against metastability, which no simulation shows",
    ),
    row("memory_fetch", "owed  <= 0;", "0 => 1", "one answer fewer may be under way: the same beats in the same order"),
    row("uart_send", "timer <= 16'd1;", "16'd1 => 16'h2", "the first bit after reset begins a clock later"),
];
