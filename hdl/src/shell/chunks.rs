//! Rows, digests and the answer of a search to chunks: a tag and eight words.

use crate::netlist::Module;
use crate::stream::{register, scatter};
use galena_target::frame::{CHUNK_WORDS, TAG_GROUP_BITS, TAG_INDEX_BITS};

/// `shell_chunks`: digests go before rows, so that a finished node never holds up the tree. Digests that nobody asked for are dropped.
pub fn chunks() -> Module {
    let words = |data: &str| {
        (0..8).rev().map(|k| format!("1'b0, {data}[{}:{}]", 31 * k + 30, 31 * k)).collect::<Vec<_>>().join(", ")
    };
    Module::new("shell_chunks", "puts rows, digests and answers into chunks of 9 words, digests first")
        .timing("2 clocks", "one word a clock, 9 words a chunk")
        .doc("An answer comes alone; it looks like row 0 of group 0.")
        .clk_rst()
        .input("row_valid", 1, "")
        .output("row_ready", 1, "")
        .input("row_data", 248, "")
        .input("row_group", 11, "")
        .input("row_index", 20, "")
        .input("digest_valid", 1, "")
        .output("digest_ready", 1, "")
        .input("digest_data", 248, "")
        .input("digest_level", 5, "")
        .input("digest_index", 20, "")
        .input("digest_sent", 1, "of a level that is sent; others are taken and dropped")
        .input("answer_valid", 1, "of a search")
        .output("answer_ready", 1, "")
        .input("answer_found", 1, "")
        .input("answer_witness", 31, "")
        .input("answer_value", 31, "")
        .output("m_valid", 1, "")
        .input("m_ready", 1, "")
        .output("m_data", 32, "")
        .output("m_last", 1, "last word of a chunk")
        .output("holds", 1, "there are words of a chunk in here")
        .wire("pick_digest", 1)
        .wire("chunk_valid", 1)
        .wire("chunk_ready", 1)
        .wire("chunk", 32 * CHUNK_WORDS)
        .instance(
            "take_apart",
            scatter(32, CHUNK_WORDS),
            [
                ("clk", "clk"),
                ("rst", "rst"),
                ("s_valid", "chunk_valid"),
                ("s_ready", "chunk_ready"),
                ("s_data", "chunk"),
                ("m_valid", "word_valid"),
                ("m_ready", "word_ready"),
                ("m_data", "word_data"),
                ("m_last", "word_last"),
            ],
        )
        .wire("word_valid", 1)
        .wire("word_ready", 1)
        .wire("word_data", 32)
        .wire("word_last", 1)
        .instance(
            "words",
            register(33),
            [
                ("clk", "clk"),
                ("rst", "rst"),
                ("s_valid", "word_valid"),
                ("s_ready", "word_ready"),
                ("s_data", "{word_last, word_data}"),
                ("m_valid", "m_valid"),
                ("m_ready", "m_ready"),
                ("m_data", "{m_last, m_data}"),
            ],
        )
        .body(format!(
            "
            assign holds        = word_valid || m_valid;
            assign pick_digest  = digest_valid && digest_sent;
            assign chunk_valid  = pick_digest || row_valid || answer_valid;
            assign digest_ready = !digest_sent || chunk_ready;
            assign row_ready    = chunk_ready && !pick_digest;
            assign answer_ready = chunk_ready;
            assign chunk        = pick_digest ? {{{digest_words}, 1'b1, 6'd0, digest_level, digest_index}}
                                : answer_valid ? {{160'd0, 1'b0, answer_value, 1'b0, answer_witness, 31'd0, answer_found, 32'd0}}
                                              : {{{row_words}, 1'b0, row_group, row_index}};
            ",
            digest_words = words("digest_data"),
            row_words = words("row_data"),
        ))
}

/// The tags above are of this layout: a bit, 11 bits, 20 bits.
const _: () = assert!(TAG_GROUP_BITS == 11 && TAG_INDEX_BITS == 20);
