//! The way of the rows: data words to the transform or past it, and labelled rows to the hasher, to the link and to the memory.

use crate::netlist::Module;
use crate::stream::{gather, register};

/// `shell_rows`, or `shell_rows_memory` with device memory: with `transforms` words go to the transform and rows come from it; with `reading` they are
/// addresses, and rows are the beats that lie there; otherwise eight words are a row (or a digest) as they are. A row goes to the hasher, to the link, to
/// the memory, or to several of them; it is gone when each has it.
pub fn rows(memory: bool) -> Module {
    let name = if memory { "shell_rows_memory" } else { "shell_rows" };
    let mut module = Module::new(name, "leads words to the transform or past it, and rows to those who take them")
        .timing("1 clock between a row and its takers", "one row a clock")
        .doc(
            "Rows pass a register, so that what takers are ready for does not reach what makes rows in the same clock.",
        )
        .clk_rst()
        .input("transforms", 1, "")
        .input("to_hasher", 1, "")
        .input("to_link", 1, "")
        .input("row_mask", 20, "2^log_rows - 1")
        .input("group_last", 11, "")
        .input("last_columns", 4, "")
        .input("s_valid", 1, "data words")
        .output("s_ready", 1, "")
        .input("s_data", 31, "")
        .output("words_valid", 1, "to the transform")
        .input("words_ready", 1, "")
        .input("lde_valid", 1, "rows of the transform")
        .output("lde_ready", 1, "")
        .input("lde_data", 248, "")
        .input("lde_row", 20, "")
        .input("lde_group", 11, "")
        .input("lde_first", 1, "")
        .input("lde_last", 1, "")
        .output("row_data", 248, "the row, for all takers")
        .output("row_index", 20, "")
        .output("row_group", 11, "")
        .output("row_first", 1, "of the first group")
        .output("row_last", 1, "of the last group")
        .output("row_columns", 4, "columns to absorb")
        .output("hash_valid", 1, "")
        .input("hash_ready", 1, "")
        .output("link_valid", 1, "")
        .input("link_ready", 1, "")
        .output("row_gone", 1, "")
        .reg("row", 20)
        .reg("group", 11)
        .reg("hash_has", 1)
        .reg("link_has", 1);
    for (name, width) in [
        ("plain_word_valid", 1),
        ("plain_word_ready", 1),
        ("plain_valid", 1),
        ("plain_ready", 1),
        ("plain_data", 248),
        ("made_valid", 1),
        ("made_ready", 1),
        ("made_data", 248),
        ("valid", 1),
        ("label", 33),
        ("hash_done", 1),
        ("link_done", 1),
        ("keep_done", 1),
    ] {
        module = module.wire(name, width);
    }
    // Without a memory nothing is read and nothing kept.
    let [reading, beat_valid, beat, addresses] = match memory {
        true => ["reading", "reading ? beat_valid : ", "reading ? beat_data : ", "reading ? address_ready : "],
        false => ["1'b0", "", "", ""],
    };
    if memory {
        module = module
            .input("reading", 1, "data words are addresses")
            .input("keep_rows", 1, "")
            .output("keep_valid", 1, "rows to the memory")
            .input("keep_ready", 1, "")
            .output("address_valid", 1, "addresses to the memory")
            .input("address_ready", 1, "")
            .input("beat_valid", 1, "and their beats")
            .output("beat_ready", 1, "")
            .input("beat_data", 248, "")
            .reg("keep_has", 1)
            .body(
                "
                assign address_valid = s_valid && reading;
                assign beat_ready    = made_ready && reading;
                assign keep_valid    = valid && keep_rows && !keep_has;
                assign keep_done     = !keep_rows || keep_has || keep_ready;

                always @(posedge clk) keep_has <= valid && keep_rows && keep_done && !row_gone && !rst;
                ",
            );
    } else {
        module = module.body("assign keep_done = 1'b1;");
    }
    module
        .instance(
            "beats",
            gather(31, 8),
            [
                ("clk", "clk"),
                ("rst", "rst"),
                ("s_valid", "plain_word_valid"),
                ("s_ready", "plain_word_ready"),
                ("s_data", "s_data"),
                ("m_valid", "plain_valid"),
                ("m_ready", "plain_ready"),
                ("m_data", "plain_data"),
            ],
        )
        .instance(
            "rows",
            register(248 + 33),
            [
                ("clk", "clk"),
                ("rst", "rst"),
                ("s_valid", "made_valid"),
                ("s_ready", "made_ready"),
                ("s_data", "{lde_row, lde_group, lde_first, lde_last, made_data}"),
                ("m_valid", "valid"),
                ("m_ready", "row_gone"),
                ("m_data", "{label, row_data}"),
            ],
        )
        .body(format!(
            "
            assign words_valid      = s_valid && transforms;
            assign plain_word_valid = s_valid && !transforms && !{reading};
            assign s_ready          = {addresses}transforms ? words_ready : plain_word_ready;

            assign made_valid  = {beat_valid}transforms ? lde_valid : plain_valid;
            assign made_data   = {beat}from_transform ? lde_data : plain_data;
            assign lde_ready   = made_ready && transforms;
            assign plain_ready = made_ready && !transforms && !{reading};

            assign row_index   = transforms ? label[32:13] : row;
            assign row_group   = transforms ? label[12:2] : group;
            assign row_first   = transforms ? label[1] : group == 0;
            assign row_last    = transforms ? label[0] : group == group_last;
            assign row_columns = row_last ? last_columns : 4'd8;

            assign hash_valid = valid && to_hasher && !hash_has;
            assign link_valid = valid && to_link && !link_has;
            assign hash_done  = !to_hasher || hash_has || hash_ready;
            assign link_done  = !to_link || link_has || link_ready;
            assign row_gone   = valid && hash_done && link_done && keep_done;

            // For the words alone, which are many: a clock later, long before the first.
            (* keep *) reg from_transform;

            always @(posedge clk) begin
                from_transform <= transforms;
                hash_has <= valid && to_hasher && hash_done && !row_gone;
                link_has <= valid && to_link && link_done && !row_gone;
                if (row_gone) begin
                    row <= row == row_mask ? 20'd0 : row + 1'b1;
                    if (row == row_mask) group <= group + 1'b1;
                end
                if (rst) begin
                    row      <= 0;
                    group    <= 0;
                    hash_has <= 1'b0;
                    link_has <= 1'b0;
                end
            end
            "
        ))
}
