//! Circuits around streams that cannot be driven as they are: what their users guarantee stands in front of them, and what they tell beside
//! their data is checked.

use crate::connect::wires;
use crate::netlist::Module;
use crate::poseidon2::queue::queue as bare_queue;
use crate::stream::{fifo, index_bits, store as bare_store, uart};
use galena_target::frame::MAGIC;

/// Clocks a bit of the line after reset.
pub(super) const BASE: u32 = 12;

/// Clocks after which a rate that no header has confirmed is given up.
pub(super) const TRIAL: u32 = 64;

/// A queue with the count that its users keep: an element is taken while there is a place.
pub(super) fn queue(width: usize, depth: usize) -> Module {
    let bits = index_bits(depth + 1);
    Module::new(format!("queue_counted_w{width}_d{depth}"), "a queue, and the count of its elements in front of it")
        .timing("1 clock", "one element a clock")
        .clk_rst()
        .input("s_valid", 1, "")
        .output("s_ready", 1, "")
        .input("s_data", width, "")
        .output("m_valid", 1, "")
        .input("m_ready", 1, "")
        .output("m_data", width, "")
        .reg("held", bits)
        .link(
            "bare",
            bare_queue(width, depth),
            "clk rst s_data m_valid m_data",
            [("push", "s_valid && s_ready"), ("pop", "m_valid && m_ready")],
        )
        .body(format!(
            "
            assign s_ready = held != {bits}'d{depth};

            always @(posedge clk) begin
                if ((s_valid && s_ready) != (m_valid && m_ready)) held <= m_valid && m_ready ? held - 1'b1 : held + 1'b1;
                if (rst) held <= 0;
            end
            "
        ))
}

/// The store, and a count of its own beside it: `m_wrong` is high for good once `level` has differed from the words that are in it.
pub(super) fn store(window: usize) -> Module {
    Module::new(format!("store_watched_d{window}"), "the input store, and a check of its level")
        .timing("3 clocks", "one word a clock")
        .clk_rst()
        .input("s_valid", 1, "")
        .output("s_ready", 1, "")
        .input("s_data", 32, "")
        .output("m_valid", 1, "")
        .input("m_ready", 1, "")
        .output("m_data", 32, "")
        .output_reg("m_wrong", 1, "the level was wrong")
        .reg("entered", 17)
        .reg("left", 17)
        .wire("stored", 17)
        .link("bare", bare_store(window), "clk rst s_valid s_ready s_data m_valid m_ready m_data level", [("", ""); 0])
        .body(
            "
            assign stored = entered - left;

            always @(posedge clk) begin
                if (s_valid && s_ready) entered <= entered + 1'b1;
                if (m_valid && m_ready) left <= left + 1'b1;
                if (level != stored) m_wrong <= 1'b1;
                if (rst) begin
                    entered <= 17'd0;
                    left    <= 17'd0;
                    m_wrong <= 1'b0;
                end
            end
            ",
        )
}

/// A serial line from its sender to its receiver, at the rate that `uart_rate` keeps, with room behind it for what is under way. A pin holds the line
/// low; what the receiver says of bytes without a stop bit and of breaks since `forget` goes beside the words.
pub(super) fn uart() -> Module {
    let module = Module::new("uart_pair", "a serial line: sender, receiver, rate, and room for what is under way")
        .timing("40 bit times and some 10 clocks", "one word in 40 bit times")
        .clk_rst()
        .input("align", 1, "take the magic word at any byte")
        .input("restart", 1, "")
        .input("set", 1, "")
        .input("set_divisor", 16, "")
        .input("header_seen", 1, "")
        .input("low", 1, "the line is held low")
        .input("forget", 1, "what was seen of the line is forgotten")
        .input("s_valid", 1, "")
        .output("s_ready", 1, "")
        .input("s_data", 32, "")
        .output("m_valid", 1, "")
        .input("m_ready", 1, "")
        .output("m_data", 32, "")
        .output("m_divisor", 16, "clocks a bit")
        .output_reg("m_broken", 1, "a byte was broken")
        .output_reg("m_breaks", 2, "breaks seen")
        .reg("held", 5)
        .reg("breaking", 1);
    wires(module, [("divisor", 16), ("room", 1)])
        .link(
            "out",
            uart::send(),
            "clk rst divisor s_data",
            [("s_valid", "s_valid && room"), ("s_ready", "vacant"), ("tx", "line")],
        )
        .link(
            "in",
            uart::receive(MAGIC),
            "clk rst divisor align broken line_break",
            [("rx", "line && !low"), ("m_valid", "got"), ("m_data", "word")],
        )
        .link(
            "pace",
            uart::rate(BASE, TRIAL),
            "clk rst restart set set_divisor header_seen divisor",
            [("idle", "vacant && !s_valid")],
        )
        .link(
            "words",
            fifo(32, 16),
            "clk rst m_valid m_ready m_data",
            [("s_valid", "got"), ("s_ready", ""), ("s_data", "word")],
        )
        .body(
            "
            // A word is sent while there is room for it and for the two that may be under way.
            assign room      = held < 5'd12;
            assign s_ready   = vacant && room;
            assign m_divisor = divisor;

            always @(posedge clk) begin
                if (got != (m_valid && m_ready)) held <= got ? held + 1'b1 : held - 1'b1;
                breaking <= line_break;
                if (broken) m_broken <= 1'b1;
                if (line_break && !breaking) m_breaks <= m_breaks + 1'b1;
                if (rst || forget) begin
                    m_broken <= 1'b0;
                    m_breaks <= 2'd0;
                end
                if (rst) begin
                    held     <= 5'd0;
                    breaking <= 1'b0;
                end
            end
            ",
        )
}
