//! Card to host: words to packets, each offered when all of it is there.

use super::words::lanes;
use crate::netlist::Module;
use crate::stream::{fifo, index_bits};

/// `xdma_packets_b{bits}_w{window}`: a packet ends with a word that has `s_last`, or after `window / 2` words. `window` words are stored, less the lanes
/// that the last beats of packets leave empty.
///
/// The store holds two of the longest packets, so the one that is being stored always fits once those before it have been read.
///
/// `clear` empties it. If that comes in the middle of a packet, one word of filler ends the packet: a transfer that has begun always completes.
pub fn packets(bits: usize, window: usize) -> Module {
    let count = lanes(bits);
    let (place, longest, depth) = (index_bits(count), window / 2, window / count);
    let length = longest.ilog2() as usize;
    let stored = index_bits(depth + 4);
    let width = bits + count + 1;
    let fill: String = (0..count)
        .map(|k| {
            let lane = format!("beat[{}:{}]", 32 * k + 31, 32 * k);
            let clear = if k == 0 {
                String::new()
            } else {
                format!("if (place == 0) {lane} <= 32'd0;\n                        ")
            };
            format!("{clear}if (place == {place}'d{k}) {lane} <= s_data;\n                        ")
        })
        .collect();
    let keep = (0..count).rev().map(|k| format!("{{4{{filled_out[{k}]}}}}")).collect::<Vec<_>>().join(", ");
    Module::new(format!("xdma_packets_b{bits}_w{window}"), "gathers words into packets and offers each when it is complete")
        .timing(
            "5 clocks from a packet's last word to its first beat",
            &format!("one word a clock in, one beat of {count} words a clock out"),
        )
        .doc(&format!("A packet ends with `s_last` or after {longest} words."))
        .clk_rst()
        .input("clear", 1, "empties it; a packet under way is ended by a word of filler")
        .input("s_valid", 1, "")
        .output("s_ready", 1, "")
        .input("s_data", 32, "")
        .input("s_last", 1, "ends a packet")
        .output("m_valid", 1, "")
        .input("m_ready", 1, "")
        .output("m_data", bits, "")
        .output("m_keep", bits / 8, "")
        .output("m_last", 1, "")
        .output("packets", stored, "complete and not yet all taken")
        .reg("beat", bits)
        .reg("filled", count)
        .reg("place", place)
        .reg("beat_valid", 1)
        .reg("beat_last", 1)
        .reg("words", length)
        .reg("whole", stored)
        .reg("open", 1)
        .reg("cut", 1)
        .wire("ends", 1)
        .wire("push", 1)
        .wire("offered", 1)
        .wire("filled_out", count)
        .wire("stored", width)
        .link("store", fifo(width, depth), "clk", [
            ("rst", "rst || clear"),
            ("s_valid", "beat_valid"),
            ("s_ready", "store_ready"),
            ("s_data", "{beat_last, filled, beat}"),
            ("m_valid", "store_valid"),
            ("m_ready", "offered && !cut && m_ready"),
            ("m_data", "stored"),
        ])
        .body(format!(
            "
            assign ends    = s_last || words == {length}'d{longest_last};
            assign s_ready = !clear && (!beat_valid || store_ready);
            assign push    = beat_valid && store_ready;

            // Words into the lanes of a beat; the lanes that stay empty are zero.
            always @(posedge clk) begin
                if (push) beat_valid <= 1'b0;
                if (s_valid && s_ready) begin
                    {fill}filled     <= place == 0 ? {count}'d1 : {{filled[{fill_top}:0], 1'b1}};
                    place      <= ends ? {place}'d0 : place + 1'b1;
                    words      <= ends ? {length}'d0 : words + 1'b1;
                    beat_valid <= ends || place == {place}'d{last_place};
                    beat_last  <= ends;
                end
                if (rst || clear) begin
                    place      <= 0;
                    words      <= 0;
                    beat_valid <= 1'b0;
                end
            end

            // Nothing leaves before the last beat of its packet is in.
            assign offered    = store_valid && whole != 0 && !clear;
            assign filled_out = cut ? {count}'d1 : stored[{filled_top}:{bits}];
            assign m_valid    = cut || offered;
            assign m_data     = cut ? {bits}'d0 : stored[{data_top}:0];
            assign m_keep     = {{{keep}}};
            assign m_last     = cut || stored[{last_bit}];
            assign packets    = whole + {{{stored_rest}'d0, cut}};

            always @(posedge clk) begin
                whole <= whole + {{{stored_rest}'d0, push && beat_last}} - {{{stored_rest}'d0, offered && !cut && m_ready && m_last}};
                if (m_valid && m_ready) begin
                    open <= !m_last;
                    cut  <= 1'b0;
                end
                // Emptied in the middle of a packet: its next beat has not been taken, and now never comes.
                if (clear && open && !(cut && m_ready)) cut <= 1'b1;
                if (rst || clear) whole <= 0;
                if (rst) begin
                    open <= 1'b0;
                    cut  <= 1'b0;
                end
            end
            ",
            longest_last = longest - 1,
            fill_top = count - 2,
            last_place = count - 1,
            filled_top = bits + count - 1,
            data_top = bits - 1,
            last_bit = width - 1,
            stored_rest = stored - 1,
        ))
}
