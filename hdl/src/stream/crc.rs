//! CRC-32 of a word a clock (IEEE 802.3: reflected, polynomial 0xEDB88320, initial and final inversion).
//!
//! The step over 32 bits is linear: each bit of the next state is the parity of some bits of `state ^ word`. The masks are computed
//! here from the bit-serial definition, so circuit and model cannot disagree about the polynomial.

use crate::netlist::Module;

const POLYNOMIAL: u32 = 0xedb8_8320;

/// The state after the 32 bits of `word`, from `state`; neither is inverted.
pub fn step(state: u32, word: u32) -> u32 {
    (0..32).fold(state ^ word, |x, _| (x >> 1) ^ (POLYNOMIAL & (x & 1).wrapping_neg()))
}

/// The CRC of `words` over their little-endian bytes.
pub fn crc32(words: &[u32]) -> u32 {
    !words.iter().fold(u32::MAX, |state, &word| step(state, word))
}

/// Verilog text of `function [31:0] crc_step(input [31:0] x)` with x = state ^ word.
pub(crate) fn step_function() -> String {
    let columns: Vec<u32> = (0..32).map(|bit| step(0, 1 << bit)).collect();
    let mask = |out: u32| (0..32).filter(|&b| columns[b as usize] >> out & 1 == 1).fold(0u32, |m, b| m | 1 << b);
    let terms: Vec<String> = (0..32).rev().map(|out| format!("        ^(x & 32'h{:08x})", mask(out))).collect();
    format!(
        "// One word of CRC-32: x is the state xor the word.\nfunction [31:0] crc_step(input [31:0] x);\n    crc_step = {{\n{}\n    }};\nendfunction\n",
        terms.join(",\n")
    )
}

/// `stream_crc32`: the CRC of the words since `clear`. A word with `valid` counts from the next clock on; `clear` wins over `valid`.
pub fn crc32_circuit() -> Module {
    Module::new("stream_crc32", "CRC-32 of the words since `clear`, one word a clock")
        .timing("1 clock", "one word a clock")
        .doc("IEEE 802.3 over little-endian bytes.")
        .clk()
        .input("clear", 1, "wins over valid")
        .input("valid", 1, "")
        .input("data", 32, "")
        .output("crc", 32, "")
        .reg("state", 32)
        .body(step_function())
        .body(
            "
            assign crc = ~state;

            always @(posedge clk) begin
                if (valid) state <= crc_step(state ^ data);
                if (clear) state <= 32'hffffffff;
            end
            ",
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_value_of_the_standard() {
        // The catalogue's check input "123456789" is not a whole number of words: finish it bytewise.
        let words = [u32::from_le_bytes(*b"1234"), u32::from_le_bytes(*b"5678")];
        let state = words.iter().fold(u32::MAX, |s, &w| step(s, w));
        let last = (0..8).fold(state ^ u32::from(b'9'), |x, _| (x >> 1) ^ (POLYNOMIAL & (x & 1).wrapping_neg()));
        assert_eq!(!last, 0xcbf4_3926);
        assert_eq!(crc32(&[]), 0);
    }
}
