//! The read side: addresses to beats.

use super::{ADDRESS, BEAT, read_latency};
use crate::netlist::Module;
use crate::stream::{fifo, index_bits};

/// Beats that may be under way or waiting.
const DEPTH: usize = 8;

/// `memory_fetch_m{log}`: the beats of a stream of addresses, in order. An address is taken when a place for its beat is certain, so that nothing behind
/// the memory ever waits.
pub fn fetch(log: usize) -> Module {
    let latency = read_latency(log);
    let bits = index_bits(DEPTH + 1);
    Module::new(format!("memory_fetch_m{log}"), "reads the beats of a stream of addresses")
        .timing(
            &format!("{} clocks from an address to its beat", latency + 3),
            &format!("{DEPTH} beats in {} clocks, at most one a clock", (latency + 4).max(DEPTH)),
        )
        .doc(&format!("At most {DEPTH} beats are under way or waiting."))
        .clk_rst()
        .input("s_valid", 1, "")
        .output("s_ready", 1, "")
        .input("s_data", ADDRESS, "")
        .output("read", 1, "")
        .output("read_address", log, "")
        .input("read_data", BEAT, &format!("{latency} clocks after its address"))
        .output("m_valid", 1, "")
        .input("m_ready", 1, "")
        .output("m_data", BEAT, "")
        .reg("asked", 1)
        .reg("address", log)
        .reg("due", latency)
        .reg("owed", bits)
        .link(
            "waiting",
            fifo(BEAT, DEPTH),
            "clk rst m_valid m_ready m_data",
            [("s_valid", format!("due[{}]", latency - 1)), ("s_ready", String::new()), ("s_data", "read_data".into())],
        )
        .body(format!(
            "
            assign s_ready      = owed != {bits}'d{DEPTH};
            assign read         = asked;
            assign read_address = address;

            always @(posedge clk) begin
                asked   <= s_valid && s_ready;
                address <= s_data[{top}:0];
                due     <= {{due[{due_top}:0], asked}};
                owed    <= owed + {{{rest}'d0, s_valid && s_ready}} - {{{rest}'d0, m_valid && m_ready}};
                if (rst) begin
                    asked <= 1'b0;
                    due   <= 0;
                    owed  <= 0;
                end
            end
            ",
            top = log - 1,
            due_top = latency - 2,
            rest = bits - 1,
        ))
}
