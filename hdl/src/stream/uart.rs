//! A serial line: words over 8N1, low byte first, at a rate that can change.

use crate::netlist::Module;
use galena_target::frame::BREAK_CLOCKS;

/// `uart_receive`: `divisor` (at least 4) clocks a bit. A start bit is confirmed and every bit sampled in its middle.
///
/// There is no way to stop a serial line, so `m_valid` must be taken at once: put a FIFO behind it. The receiver does not know where a
/// word begins; while `align` is high (the frame parser is searching) the four bytes of `magic` are taken as one word wherever they appear.
pub fn receive(magic: u32) -> Module {
    let break_log = BREAK_CLOCKS.ilog2() as usize;
    Module::new("uart_receive", "8N1 serial input to words, low byte first")
        .timing("4 clocks from the middle of a word's last stop bit, 2 of them in the synchroniser", "one word in 40 bit times")
        .doc(&format!(
            "While `align` is high, the bytes of the magic word start a new word. A line that is low for 2^{break_log} clocks, a stop bit among them, is a break."
        ))
        .clk_rst()
        .input("divisor", 16, "clocks a bit")
        .input("rx", 1, "asynchronous")
        .input("align", 1, "take the magic word at any byte")
        .output_reg("m_valid", 1, "one clock; cannot wait")
        .output_reg("m_data", 32, "")
        .output_reg("broken", 1, "a byte without a stop bit was dropped")
        .output("line_break", 1, "from the end of a break's time until the line is high again")
        .reg("sync", 2)
        .reg("low", break_log + 1)
        .reg("no_stop", 1)
        .reg("busy", 1)
        .reg("timer", 16)
        .reg("bit_count", 4)
        .reg("byte_valid", 1)
        .reg("byte_data", 8)
        .reg("byte_count", 2)
        .reg("last_bytes", 24)
        .wire("window", 32)
        .wire("aligned", 1)
        .body(format!(
            "
            assign window     = {{byte_data, last_bytes}};
            assign aligned    = align && window == 32'h{magic:08x};
            // At a low rate the zeros of a byte take as long as a break; the stop bit tells them apart.
            assign line_break = low[{break_log}] && no_stop;

            always @(posedge clk) begin
                sync       <= {{sync[0], rx}};
                byte_valid <= 1'b0;
                m_valid    <= 1'b0;
                broken     <= 1'b0;
                if (!low[{break_log}]) low <= low + 1'b1;
                if (broken) no_stop <= 1'b1;
                if (sync[1]) begin
                    low     <= 0;
                    no_stop <= 1'b0;
                end
                if (!busy) begin
                    // A falling line may be a start bit: look again in its middle.
                    timer     <= {{1'b0, divisor[15:1]}};
                    bit_count <= 4'd0;
                    busy      <= !sync[1];
                end else if (timer != 16'd1) begin
                    timer <= timer - 1'b1;
                end else begin
                    timer     <= divisor;
                    bit_count <= bit_count + 1'b1;
                    if (bit_count == 4'd0) begin
                        busy <= !sync[1];
                    end else if (bit_count == 4'd9) begin
                        // A missing stop bit is a broken byte: drop it, the CRC tells.
                        busy       <= 1'b0;
                        byte_valid <= sync[1];
                        broken     <= !sync[1];
                    end else begin
                        byte_data <= {{sync[1], byte_data[7:1]}};
                    end
                end
                if (byte_valid) begin
                    last_bytes <= window[31:8];
                    byte_count <= aligned ? 2'd0 : byte_count + 1'b1;
                    m_valid    <= aligned || byte_count == 2'd3;
                    m_data     <= window;
                end
                if (rst || line_break) begin
                    busy       <= 1'b0;
                    byte_valid <= 1'b0;
                    byte_count <= 2'd0;
                    last_bytes <= 24'd0;
                    m_valid    <= 1'b0;
                    broken     <= 1'b0;
                end
                if (rst) begin
                    sync    <= 2'b11; // which sets `low` to 0
                    no_stop <= 1'b0;
                end
            end
            ",
        ))
}

/// `uart_send`: words to 8N1 with one stop bit, low byte first, without a gap while words come.
pub fn send() -> Module {
    Module::new("uart_send", "words to 8N1 serial output, low byte first")
        .timing("1 clock from a taken word to its start bit", "one word in 40 bit times")
        .doc("`divisor` clocks a bit. `s_ready` is high when the line is idle, the last stop bit included.")
        .clk_rst()
        .input("divisor", 16, "clocks a bit; may change while `s_ready` is high and `s_valid` is not")
        .input("s_valid", 1, "")
        .output("s_ready", 1, "")
        .input("s_data", 32, "")
        .output_reg("tx", 1, "")
        .reg("timer", 16)
        .reg("left", 6)
        .reg("frame", 40)
        .wire("tick", 1)
        .body(
            "
            assign tick    = timer == 16'd1;
            assign s_ready = tick && left == 0;

            always @(posedge clk) begin
                timer <= tick ? divisor : timer - 1'b1;
                if (tick) begin
                    tx    <= left == 0 ? 1'b1 : frame[0];
                    frame <= {1'b1, frame[39:1]};
                    if (left != 0) left <= left - 1'b1;
                    if (s_valid && s_ready) begin
                        // The start bit leaves now; 39 bits are left.
                        tx    <= 1'b0;
                        frame <= {2'b11, s_data[31:24], 2'b01, s_data[23:16], 2'b01, s_data[15:8], 2'b01, s_data[7:0]};
                        left  <= 6'd39;
                    end
                end
                if (rst) begin
                    timer <= 16'd1;
                    left  <= 0;
                    tx    <= 1'b1;
                end
            end
            ",
        )
}

/// `uart_rate`: the clocks per bit, and when they change.
///
/// A new rate is taken when the line has nothing more to send at the old one. If no frame header comes within `trial` clocks (a power of two),
/// the other end has not followed, and the line goes back to `base`.
pub fn rate(base: u32, trial: u32) -> Module {
    let log = trial.ilog2() as usize;
    Module::new("uart_rate", "the clocks per bit of a serial line")
        .timing("1 clock from an idle line to the new rate", "one change at a time")
        .doc("DIVISOR after reset and on `restart`; another on `set`, and DIVISOR again if no header comes in time.")
        .generic("DIVISOR", base as usize, 48, "clocks a bit after reset, from 4 to 65535")
        .generic("LOG_TRIAL", log, 22, "log2 of the clocks that a header has to come in after a change")
        .clk_rst()
        .input("restart", 1, "back to the base rate once the line is idle")
        .input("set", 1, "another rate once the line is idle")
        .input("set_divisor", 16, "")
        .input("idle", 1, "nothing is being sent")
        .input("header_seen", 1, "a frame header was received")
        .output_reg("divisor", 16, "")
        .reg("next", 16)
        .reg("pending", 1)
        .reg("trial", 1)
        .reg("clocks", (log, "LOG_TRIAL"))
        .body(
            "
            always @(posedge clk) begin
                if (set || restart) begin
                    next    <= set ? set_divisor : DIVISOR[15:0];
                    pending <= 1'b1;
                end else if (pending && idle) begin
                    pending <= 1'b0;
                    divisor <= next;
                    trial   <= 1'b1;
                end
                clocks <= trial ? clocks + 1'b1 : 0;
                if (trial && (header_seen || &clocks)) begin
                    trial <= 1'b0;
                    if (!header_seen) divisor <= DIVISOR[15:0];
                end
                if (rst) begin
                    divisor <= DIVISOR[15:0];
                    pending <= 1'b0;
                    trial   <= 1'b0;
                end
            end
            ",
        )
}
