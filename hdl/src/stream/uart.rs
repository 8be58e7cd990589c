//! The serial link: words over 8N1, low byte first.

use super::index_bits;
use crate::netlist::Module;

/// `uart_receive_d{divisor}`: `divisor` (at least 4) clocks a bit. A start bit is confirmed and every bit sampled in its middle.
///
/// There is no way to stop a serial line, so `m_valid` must be taken at once: put a FIFO behind it. The receiver does not know where a
/// word begins; while `align` is high (the frame parser is searching) the four bytes of `magic` are taken as one word wherever they appear.
pub fn receive(divisor: usize, magic: u32) -> Module {
    let bits = index_bits(divisor);
    Module::new(format!("uart_receive_d{divisor}"), "8N1 serial input to words, low byte first")
        .doc(&format!("{divisor} clocks a bit. While `align` is high, the bytes of the magic word start a new word."))
        .clk_rst()
        .input("rx", 1, "asynchronous")
        .input("align", 1, "take the magic word at any byte")
        .output_reg("m_valid", 1, "one clock; cannot wait")
        .output_reg("m_data", 32, "")
        .reg("sync", 2)
        .reg("busy", 1)
        .reg("timer", bits)
        .reg("bit_count", 4)
        .reg("byte_valid", 1)
        .reg("byte_data", 8)
        .reg("byte_count", 2)
        .reg("last_bytes", 24)
        .wire("window", 32)
        .wire("aligned", 1)
        .body(format!(
            "
            assign window  = {{byte_data, last_bytes}};
            assign aligned = align && window == 32'h{magic:08x};

            always @(posedge clk) begin
                sync       <= {{sync[0], rx}};
                byte_valid <= 1'b0;
                m_valid    <= 1'b0;
                if (!busy) begin
                    // A falling line may be a start bit: look again in its middle.
                    timer     <= {bits}'d{half};
                    bit_count <= 4'd0;
                    busy      <= !sync[1];
                end else if (timer != 0) begin
                    timer <= timer - 1'b1;
                end else begin
                    timer     <= {bits}'d{whole};
                    bit_count <= bit_count + 1'b1;
                    if (bit_count == 4'd0) begin
                        busy <= !sync[1];
                    end else if (bit_count == 4'd9) begin
                        // A missing stop bit is a broken byte: drop it, the CRC tells.
                        busy       <= 1'b0;
                        byte_valid <= sync[1];
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
                if (rst) begin
                    sync       <= 2'b11;
                    busy       <= 1'b0;
                    byte_valid <= 1'b0;
                    byte_count <= 2'd0;
                    last_bytes <= 24'd0;
                    m_valid    <= 1'b0;
                end
            end
            ",
            half = divisor / 2 - 1,
            whole = divisor - 1,
        ))
}

/// `uart_send_d{divisor}`: words to 8N1 with one stop bit, low byte first, without a gap while words come.
pub fn send(divisor: usize) -> Module {
    let bits = index_bits(divisor);
    Module::new(format!("uart_send_d{divisor}"), "words to 8N1 serial output, low byte first")
        .doc(&format!("{divisor} clocks a bit, 40 bits a word."))
        .clk_rst()
        .input("s_valid", 1, "")
        .output("s_ready", 1, "")
        .input("s_data", 32, "")
        .output_reg("tx", 1, "")
        .reg("timer", bits)
        .reg("left", 6)
        .reg("frame", 40)
        .wire("tick", 1)
        .body(format!(
            "
            assign tick    = timer == 0;
            assign s_ready = tick && left == 0;

            always @(posedge clk) begin
                timer <= tick ? {bits}'d{whole} : timer - 1'b1;
                if (tick) begin
                    tx    <= left == 0 ? 1'b1 : frame[0];
                    frame <= {{1'b1, frame[39:1]}};
                    if (left != 0) left <= left - 1'b1;
                    if (s_valid && s_ready) begin
                        // The start bit leaves now; 39 bits are left.
                        tx    <= 1'b0;
                        frame <= {{2'b11, s_data[31:24], 2'b01, s_data[23:16], 2'b01, s_data[15:8], 2'b01, s_data[7:0]}};
                        left  <= 6'd39;
                    end
                end
                if (rst) begin
                    timer <= 0;
                    left  <= 0;
                    tx    <= 1'b1;
                end
            end
            ",
            whole = divisor - 1,
        ))
}
