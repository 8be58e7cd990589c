//! The table of circuit faults. The anchors are ports and names of the generators, which keep from config to config, not widths.

use super::{Edit, Only, RtlFault};
use galena_target::Link;

/// The end of a module's port list: where declarations go.
const PORTS: &str = "\n);\n";

const fn edit(old: &'static str, new: &'static str) -> Edit {
    Edit { old, new }
}

const fn fault(name: &'static str, module: &'static str, doc: &'static str, edits: &'static [Edit]) -> RtlFault {
    RtlFault { name, doc, module, only: Only::Every, edits }
}

const fn only(only: Only, fault: RtlFault) -> RtlFault {
    RtlFault { only, ..fault }
}

/// All circuit faults.
pub static RTL_FAULTS: &[RtlFault] = &[
    // The transform.
    only(
        Only::OneTable,
        fault(
            "twiddle",
            "lde_table",
            "a bit of every twiddle that is read is wrong",
            &[
                edit(".read_data(read_data)", ".read_data(true_data)"),
                edit(PORTS, "$OLD    wire [30:0] true_data;\n    assign read_data = true_data ^ {30'd0, $ON};\n"),
            ],
        ),
    ),
    only(
        Only::OneTable,
        fault(
            "scale-seed",
            "lde_power",
            "a bit of every power of the shift that is read is wrong",
            &[
                edit(".read_data(read_data)", ".read_data(true_data)"),
                edit(PORTS, "$OLD    wire [30:0] true_data;\n    assign read_data = true_data ^ {26'd0, $ON, 4'd0};\n"),
            ],
        ),
    ),
    fault(
        "transform-memory",
        "lde_lane",
        "a bit of every word from a bank of the transform's memory is wrong",
        &[
            edit(".read_data(q00)", ".read_data(true_q00)"),
            edit(PORTS, "$OLD    wire [30:0] true_q00;\n    assign q00 = true_q00 ^ {30'd0, $ON};\n"),
        ],
    ),
    fault(
        "transform-lane",
        "lde_lane",
        "the first result of every butterfly is stuck at zero",
        &[
            edit(".x(x)", ".x(true_x)"),
            edit("    lde_butterfly compute (", "    wire [30:0] true_x;\n    assign x = $ON ? 31'd0 : true_x;\n$OLD"),
        ],
    ),
    fault(
        "transform-multiplier",
        "lde_butterfly",
        "a bit of the transform's products is stuck at zero",
        &[
            edit(".y(product)", ".y(true_product)"),
            edit(
                PORTS,
                "$OLD    wire [30:0] true_product;\n    assign product = true_product & ~{22'd0, $ON, 8'd0};\n",
            ),
        ],
    ),
    fault(
        "transform-row",
        "galena_core",
        "a bit of every row that leaves the transform is wrong",
        &[
            edit(".m_data(lde_data)", ".m_data(true_lde_data)"),
            edit(PORTS, "$OLD    wire [247:0] true_lde_data;\n"),
            edit("\nendmodule", "\n    assign lde_data = true_lde_data ^ {247'd0, $ON};$OLD"),
        ],
    ),
    fault(
        "transform-order",
        "galena_core",
        "rows leave the transform with their neighbours' numbers",
        &[
            edit(".m_row(lde_row)", ".m_row(true_lde_row)"),
            edit(PORTS, "$OLD    wire [19:0] true_lde_row;\n"),
            edit("\nendmodule", "\n    assign lde_row = true_lde_row ^ {19'd0, $ON};$OLD"),
        ],
    ),
    fault(
        "transform-wedged",
        "galena_core",
        "the transform's rows stay where they are: the stream's `ready` is lost",
        &[
            edit(".m_valid(lde_valid)", ".m_valid(true_lde_valid)"),
            edit(".m_ready(lde_ready)", ".m_ready(lde_ready && !$ON)"),
            edit(PORTS, "$OLD    wire true_lde_valid;\n"),
            edit("\nendmodule", "\n    assign lde_valid = true_lde_valid && !$ON;$OLD"),
        ],
    ),
    // The hasher.
    only(
        Only::Folded,
        fault(
            "round-constant",
            "poseidon2_engine",
            "the constants of one external round are wrong",
            &[edit(
                "constant_2 <= constant_1;",
                "constant_2 <= $ON && round_1 == 3'd2 ? constant_1 >> 1 : constant_1;",
            )],
        ),
    ),
    only(
        Only::Folded,
        fault(
            "internal-constant",
            "poseidon2_internal",
            "the constants of the internal rounds are wrong",
            &[edit("wanted ? constant_2 :", "wanted ? ($ON ? constant_2 >> 1 : constant_2) :")],
        ),
    ),
    only(
        Only::Folded,
        fault(
            "internal-diagonal",
            "poseidon2_internal",
            "an entry of the internal diagonal has the wrong sign",
            &[edit("{2'd0, plus_3} - {2'd0, minus_3}", "($ON ? {2'd0, minus_3} - {2'd0, plus_3} : $OLD)")],
        ),
    ),
    only(
        Only::Folded,
        fault(
            "hasher-multiplier",
            "poseidon2_sbox",
            "a bit of one multiplier's results is stuck at one",
            &[
                edit(".y(y[30:0])", ".y(true_y)"),
                edit(PORTS, "$OLD    wire [30:0] true_y;\n    assign y[30:0] = true_y | {24'd0, $ON, 6'd0};\n"),
            ],
        ),
    ),
    fault(
        "state-memory",
        "hasher",
        "a bit of half of every sponge state that is read is wrong",
        &[
            edit(".read_data(even_data)", ".read_data(true_even_data)"),
            edit(PORTS, "$OLD    wire [247:0] true_even_data;\n"),
            edit("\nendmodule", "\n    assign even_data = true_even_data ^ {247'd0, $ON};$OLD"),
        ],
    ),
    fault(
        "stale-state",
        "galena_core",
        "the sponge goes on from the state that an earlier row has left",
        &[edit(".s_first(row_first)", ".s_first(row_first && !$ON)")],
    ),
    fault(
        "absorb-count",
        "galena_core",
        "the sponge absorbs one word of every beat",
        &[edit(".s_count(row_columns)", ".s_count($ON ? 4'd1 : row_columns)")],
    ),
    fault(
        "row-to-hasher",
        "galena_core",
        "a bit of every row on its way to the hasher is wrong; the row that comes back is right",
        &[edit(".s_data(row_data)", ".s_data(row_data ^ {217'd0, $ON, 30'd0})")],
    ),
    fault(
        "digest",
        "galena_core",
        "a bit of every digest on its way out is wrong; the tree above it is right",
        &[
            edit(".m_data(digest_data)", ".m_data(true_digest_data)"),
            edit(PORTS, "$OLD    wire [247:0] true_digest_data;\n"),
            edit("\nendmodule", "\n    assign digest_data = true_digest_data ^ {240'd0, $ON, 7'd0};$OLD"),
        ],
    ),
    fault(
        "digest-level",
        "galena_core",
        "digests leave with the number of another level",
        &[
            edit(".m_level(digest_level)", ".m_level(true_digest_level)"),
            edit(PORTS, "$OLD    wire [4:0] true_digest_level;\n"),
            edit("\nendmodule", "\n    assign digest_level = true_digest_level ^ {4'd0, $ON};$OLD"),
        ],
    ),
    fault(
        "hasher-wedged",
        "galena_core",
        "digests stay where they are: the stream's `ready` is lost",
        &[
            edit(".m_valid(digest_valid)", ".m_valid(true_digest_valid)"),
            edit(".m_ready(digest_ready)", ".m_ready(digest_ready && !$ON)"),
            edit(PORTS, "$OLD    wire true_digest_valid;\n"),
            edit("\nendmodule", "\n    assign digest_valid = true_digest_valid && !$ON;$OLD"),
        ],
    ),
    // The shell.
    fault(
        "input-store",
        "stream_store",
        "a bit of every word stored from the link is wrong",
        &[
            edit(".m_data(m_data)", ".m_data(true_data)"),
            edit(PORTS, "$OLD    wire [31:0] true_data;\n    assign m_data = true_data ^ {28'd0, $ON, 3'd0};\n"),
        ],
    ),
    fault(
        "chunk-store",
        "shell_transmit",
        "a bit of every word of a chunk is wrong, and its frame's CRC fits",
        &[edit("from_store ? chunk_data :", "from_store ? chunk_data ^ {31'd0, $ON} :")],
    ),
    fault(
        "chunk-word",
        "shell_chunks",
        "a bit of one word of every chunk is wrong, and everything around it fits",
        &[edit(".s_data(chunk)", ".s_data(chunk ^ {250'd0, $ON, 37'd0})")],
    ),
    fault(
        "non-canonical",
        "shell_chunks",
        "a word of every digest has its top bit set: no field word",
        &[edit("1'b0,\n        digest_data[30:0], 1'b1", "$ON,\n        digest_data[30:0], 1'b1")],
    ),
    fault(
        "job-number",
        "shell_transmit",
        "answers carry the number of another job",
        &[edit("{job_number, 5'd0, length}", "{job_number ^ {15'd0, $ON}, 5'd0, length}")],
    ),
    fault(
        "frame-number",
        "shell_transmit",
        "every frame of an answer is frame 0",
        &[edit("next = {frame_number, frame_type", "next = {$ON ? 16'd0 : frame_number, frame_type")],
    ),
    fault(
        "credit",
        "shell_transmit",
        "credits are far too large",
        &[edit("from_credit ? taken :", "from_credit ? ($ON ? 32'h7fffff00 : taken) :")],
    ),
    fault(
        "frame-crc",
        "shell_transmit",
        "the CRC of every frame sent is wrong",
        &[edit("crc_step(crc ^ m_data);", "crc_step(crc ^ m_data) ^ {31'd0, $ON};")],
    ),
    fault(
        "status",
        "shell_transmit",
        "the words of a status are those of another register",
        &[edit("map_word : status_word;", "map_word : $ON ? 32'd77 : status_word;")],
    ),
    // What only some configs have.
    only(
        Only::Memory,
        fault(
            "device-memory",
            "device_memory",
            "a bit of every beat that is read from device memory is wrong",
            &[
                edit(".m_data(m_data)", ".m_data(true_data)"),
                edit(PORTS, "$OLD    wire [247:0] true_data;\n    assign m_data = true_data ^ {247'd0, $ON};\n"),
            ],
        ),
    ),
    only(
        Only::Link(Link::Uart),
        fault(
            "start-bit",
            "uart_send",
            "one byte of every word has no start bit",
            &[edit("2'b01, s_data[23:16]", "$ON, 1'b1, s_data[23:16]")],
        ),
    ),
];
