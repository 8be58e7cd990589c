//! The running totals of the register map: what the core has done since reset.

use crate::netlist::Module;

/// `shell_totals`: counters of 64 bits.
pub fn totals() -> Module {
    Module::new("shell_totals", "counts since reset")
        .timing("1 clock", "every clock counts")
        .doc("A multiply counts when its job is over.")
        .clk_rst()
        .input("take", 1, "a word is taken")
        .input("sent", 1, "a word is sent")
        .input("active", 1, "a job is under way")
        .input("waiting", 1, "it waits for a word")
        .input("blocked", 1, "an output word waits")
        .input("done", 1, "the job is over")
        .input("lde_multiplies", 64, "of the job, held until the next one")
        .input("hash_multiplies", 64, "")
        .output_reg("uptime", 64, "clocks since reset")
        .output_reg("busy", 64, "clocks in jobs")
        .output_reg("words_in", 64, "words taken")
        .output_reg("words_out", 64, "words sent")
        .output_reg("stalled_in", 64, "clocks that jobs waited for input")
        .output_reg("stalled_out", 64, "clocks that jobs waited for the link")
        .output_reg("multiplies", 64, "useful multiplies of both pipelines")
        .reg("done_late", 1)
        .body(
            "
            always @(posedge clk) begin
                uptime <= uptime + 1'b1;
                if (active) busy <= busy + 1'b1;
                if (take) words_in <= words_in + 1'b1;
                if (sent) words_out <= words_out + 1'b1;
                if (active && waiting) stalled_in <= stalled_in + 1'b1;
                if (active && blocked) stalled_out <= stalled_out + 1'b1;
                // One adder for both pipelines: one after the other.
                done_late <= done;
                if (done || done_late) multiplies <= multiplies + (done ? lde_multiplies : hash_multiplies);
                if (rst) begin
                    done_late   <= 1'b0;
                    uptime      <= 64'd0;
                    busy        <= 64'd0;
                    words_in    <= 64'd0;
                    words_out   <= 64'd0;
                    stalled_in  <= 64'd0;
                    stalled_out <= 64'd0;
                    multiplies  <= 64'd0;
                end
            end
            ",
        )
}
