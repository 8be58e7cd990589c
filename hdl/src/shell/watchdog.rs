//! The watchdog: no job waits for ever, neither for its host nor for the circuit itself.

use crate::netlist::Module;

/// `shell_watchdog_w{log}`: looks at a job and says when it has not moved for 2^log clocks.
pub fn watchdog(log: usize) -> Module {
    Module::new(format!("shell_watchdog_w{log}"), "says when a job has not moved for too long")
        .timing(&format!("2^{log} clocks of silence"), "looks at every clock")
        .doc(&format!(
            "`starved` after 2^{log} clocks of waiting for one word. `stuck` after as many in which no word was taken, nothing was passed on, and neither
             input nor link was what the job waited for."
        ))
        .clk_rst()
        .input("active", 1, "a job is under way")
        .input("waiting", 1, "it waits for a word")
        .input("moved", 1, "it takes one")
        .input("sending", 1, "a row, a digest or a word of its results leaves, or waits for the link")
        .output("starved", 1, "")
        .output("stuck", 1, "")
        .reg("quiet", log)
        .reg("waited", 1)
        .reg("expired", 1)
        .reg("hungry", 1)
        .body(
            "
            // A clock late; a job that has ended in it has not starved.
            assign starved = expired && active && hungry;
            assign stuck   = expired && active && !hungry;

            always @(posedge clk) begin
                expired <= &quiet && waiting == waited && active && !rst;
                hungry  <= waiting;
                waited  <= waiting;
                quiet  <= quiet + 1'b1;
                if (rst || !active || moved || waiting != waited || (sending && !waiting)) quiet <= 0;
            end
            ",
        )
}
