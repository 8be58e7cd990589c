//! Results leave in the order of their contexts.

use super::states;
use crate::netlist::Module;
use crate::poseidon2::Fold;
use crate::poseidon2::parameters::HALF_EXTERNAL;
use crate::stream::{fifo, index_bits};

/// Beats that can wait at the output.
const OUTPUT_DEPTH: usize = 8;

/// Adds the memory `ended` and the way out.
pub(super) fn add(fold: &Fold, tag: usize, module: Module) -> Module {
    let (c, contexts, groups) = (fold.context_bits(), fold.contexts, fold.groups());
    let (bits, chunk) = (31 * fold.group, index_bits(groups));
    let nets = ["l_valid", "{l_context, l_index}", "l_data", "{tail, m_place}", "ended_data"];
    states(module.reg("tail", c).reg("m_place", chunk), "ended", contexts << chunk, bits, nets)
        .reg("done", contexts)
        .reg("leaving", 1)
        .reg("credit", index_bits(OUTPUT_DEPTH + 1))
        .wire("send", 1)
        .reg("sent_1", 1)
        .reg("sent_2", 1)
        .reg("tag_1", tag)
        .reg("tag_2", tag)
        .wire("finished", 1)
        .wire("m_taken", 1)
        .link(
            "results",
            fifo(tag + bits, OUTPUT_DEPTH),
            "clk rst m_valid m_ready",
            [("s_valid", "sent_2"), ("s_ready", ""), ("s_data", "{tag_2, ended_data}"), ("m_data", "{m_tag, m_data}")],
        )
        .body(format!(
            "
            // A beat is read only if it has a place in the queue.
            assign finished = l_first && l_round == 3'd{end};
            assign send     = leaving && credit != 0;
            assign freed    = send && m_place == {chunk}'d{last};
            assign m_taken  = m_valid && m_ready;

            always @(posedge clk) begin
                if (finished) done[l_context] <= 1'b1;
                leaving <= leaving ? !freed : done[tail];
                if (send) m_place <= freed ? {chunk}'d0 : m_place + 1'b1;
                if (freed) begin
                    tail       <= tail + 1'b1;
                    done[tail] <= 1'b0;
                end
                if (send != m_taken) credit <= send ? credit - 1'b1 : credit + 1'b1;
                sent_1 <= send;
                sent_2 <= sent_1;
                tag_1  <= tags[tail];
                tag_2  <= tag_1;
                if (rst) begin
                    done    <= {contexts}'d0;
                    tail    <= {c}'d0;
                    leaving <= 1'b0;
                    m_place <= {chunk}'d0;
                    credit  <= {cb}'d{OUTPUT_DEPTH};
                    sent_1  <= 1'b0;
                    sent_2  <= 1'b0;
                end
            end
            ",
            end = 2 * HALF_EXTERNAL - 1,
            last = groups - 1,
            cb = index_bits(OUTPUT_DEPTH + 1),
        ))
}
