//! The shell: everything between the link and the pipelines.
//!
//! | part | does |
//! |---|---|
//! | [`receive()`] | finds and checks frames; any fault ends the job, none can wedge it |
//! | [`command()`] | decodes a command and checks it against the limits |
//! | [`job()`] | sequences one job, keeps its counters and its status |
//! | [`rows()`] | leads words to the transform or past it, rows to the hasher and the link |
//! | [`chunks()`] | puts rows and digests into chunks, digests first |
//! | [`transmit()`] | puts chunks, the register map and the status into frames |
//! | [`watchdog()`] | ends a job that does not move |
//! | [`identify()`] | the register map |
//! | [`totals()`] | its running totals |
//!
//! One word a clock each way. Area by yosys `synth_ecp5` (synthesis estimate, yosys 0.70; not placed), config `small-uart`:
//!
//! | | DP16KD | LUT4 | CCU2C | registers |
//! |---|---|---|---|---|
//! | shell | 2 | 3983 | 574 | 2423 |
//! | input store, 4096 words | 8 | | 32 | 77 |
//! | serial link | | 441 | 54 | 256 |
//!
//! `bitstreams/ABI.md` is the contract; every number of it comes from the tables of galena-target.

mod chunks;
mod command;
mod identify;
mod job;
mod receive;
mod rows;
mod totals;
mod transmit;
mod watchdog;

pub use chunks::chunks;
pub use command::command;
pub use identify::identify;
pub use job::job;
pub use receive::receive;
pub use rows::rows;
pub use totals::totals;
pub use transmit::{CHUNK_STORE, transmit};
pub use watchdog::watchdog;

use crate::connect::{attach, wires};
use crate::grind::driver_ports;
use crate::netlist::Module;
use crate::stream::register;
use galena_target::{Config, Link};

/// Ports towards the transform and the hasher, for every config: direction as the shell sees it (true: input), name, bits.
const PIPELINE_PORTS: &[(bool, &str, usize)] = &[
    (false, "start", 1),
    (false, "drop", 1),
    (false, "log_rows", 5),
    (false, "log_blowup", 2),
    (false, "group_last", 11),
    (false, "step", 31),
    (false, "words_valid", 1),
    (true, "words_ready", 1),
    (false, "words_data", 31),
    (true, "lde_valid", 1),
    (false, "lde_ready", 1),
    (true, "lde_data", 248),
    (true, "lde_row", 20),
    (true, "lde_group", 11),
    (true, "lde_first", 1),
    (true, "lde_last", 1),
    (true, "multiplying", 1),
    (false, "hash_start", 1),
    (false, "log_leaves", 5),
    (false, "levels", 5),
    (false, "first_sent", 5),
    (false, "hash_valid", 1),
    (true, "hash_ready", 1),
    (false, "row_data", 248),
    (false, "row_index", 20),
    (false, "row_first", 1),
    (false, "row_last", 1),
    (false, "row_columns", 4),
    (false, "leaves", 1),
    (true, "digest_valid", 1),
    (false, "digest_ready", 1),
    (true, "digest_data", 248),
    (true, "digest_level", 5),
    (true, "digest_index", 20),
    (true, "digest_sent", 1),
    (true, "hash_busy", 1),
    (true, "permutations", 32),
    (true, "hash_multiplies", 64),
];

/// Ports towards the device memory of a config that has one; rows, digests and data words are those of the table above.
const MEMORY_PORTS: &[(bool, &str, usize)] = &[
    (false, "rows_base", 20),
    (false, "digests_base", 20),
    (false, "keep_valid", 1),
    (true, "keep_ready", 1),
    (false, "keep_digest", 1),
    (true, "keep_busy", 1),
    (false, "address_valid", 1),
    (true, "address_ready", 1),
    (true, "beat_valid", 1),
    (false, "beat_ready", 1),
    (true, "beat_data", 248),
];

fn ports(config: &Config) -> impl Iterator<Item = (bool, &'static str, usize)> {
    let memory = if config.log_memory > 0 { MEMORY_PORTS } else { &[] };
    // What the grinder drives the shell takes, and the other way round.
    PIPELINE_PORTS.iter().chain(memory).copied().chain(driver_ports())
}

/// Names that [`core`](mod@crate::core) declares as wires between the shell and the pipelines.
pub(crate) fn pipeline_ports(config: &Config) -> impl Iterator<Item = (&'static str, usize)> {
    ports(config).map(|(_, name, width)| (name, width))
}

/// `shell`: link words on `s_*` and `m_*`, pipelines on the ports of the table above.
pub fn shell(config: &Config) -> Module {
    let mut module = Module::new("shell", "everything between the link and the pipelines")
        .timing(
            "1 clock from a data word to the pipelines; what leaves waits for its frame",
            "one word a clock each way",
        )
        .doc(&format!("Config `{}`. The protocol is bitstreams/ABI.md.", config.name))
        .parameter("GIT_HASH", 160, 0, "commit of the sources; zero if not recorded")
        .parameter("DIRTY", 1, 0, "the sources differed from the commit")
        .clk_rst()
        .input("s_valid", 1, "words from the link")
        .output("s_ready", 1, "")
        .input("s_data", 32, "")
        .output("m_valid", 1, "words to the link")
        .input("m_ready", 1, "")
        .output("m_data", 32, "")
        .output("m_last", 1, "last word of a credit or a status")
        .output("searching", 1, "between frames, at no known place")
        .output("header_seen", 1, "a header with a right CRC")
        .output("restart", 1, "a reset frame: the core begins anew")
        .output("rate_set", 1, "the line's rate is to change once the last word has left")
        .output("divisor", 16, "clocks per bit")
        .input("line_errors", 32, "for the register map");
    if config.link == Link::Xdma {
        module = module.input("bar_take", 1, "").input("bar_index", 6, "word of the register map").output(
            "bar_word",
            32,
            "a clock after bar_take",
        );
    }
    for (input, name, width) in ports(config) {
        module = if input { module.input(name, width, "") } else { module.output(name, width, "") };
    }
    #[rustfmt::skip]
    let nets = [
        ("hold", 1), ("computing", 1), ("active", 1), ("take", 1), ("taken", 32), ("moved", 1), ("starved", 1), ("stuck", 1),
        ("command_begin", 1), ("command_word", 1), ("command_index", 5), ("command_data", 32),
        ("command_end", 1), ("kernel", 8), ("job_number", 16), ("accept", 1), ("refuse", 1), ("refuse_code", 4), ("refuse_offset", 5),
        ("refuse_found", 32), ("total", 32), ("parsed_valid", 1), ("parsed_ready", 1), ("parsed_data", 31), ("word_valid", 1), ("word_ready", 1), ("word_data", 31), ("data_open", 1),
        ("data_end", 1), ("waiting", 1), ("fault", 1), ("fault_code", 4), ("fault_sequence", 16),
        ("fault_offset", 32), ("fault_found", 32), ("return_rows", 1), ("return_digests", 1), ("first_level", 5),
        ("keep_rows", 1), ("keep_digests", 1), ("reading", 1), ("searches", 1), ("beats", 17), ("last_columns", 4),
        ("transforms", 1), ("to_hasher", 1), ("to_link", 1), ("digests", 1), ("registers", 1), ("row_mask", 20), ("candidates", 31),
        ("row_group", 11), ("row_gone", 1), ("link_valid", 1), ("link_ready", 1), ("chunk_valid", 1),
        ("chunk_ready", 1), ("chunk_data", 32), ("chunk_last", 1), ("packed_valid", 1), ("holds", 1), ("finish", 1), ("frozen", 1), ("done", 1),
        ("lde_multiplies", 64), ("job_hash_multiplies", 64), ("blocked", 1),
        ("jobs", 32), ("errors", 32), ("uptime", 64), ("busy", 64), ("words_in", 64), ("words_out", 64),
        ("stalled_in", 64), ("stalled_out", 64), ("multiplies", 64), ("index", 6), ("map_take", 1), ("map_word", 32), ("status_word", 32),
    ];
    module = wires(module, nets);
    let memory = config.log_memory > 0;
    if !memory {
        module = wires(module, [("rows_base", 20), ("digests_base", 20)]);
    }
    let words = [("m_valid", "parsed_valid"), ("m_ready", "parsed_ready"), ("m_data", "parsed_data")];
    module = attach(module, "parser", receive(config), words);
    // So that what a pipeline is ready for does not reach the link in the same clock.
    let words = [
        ("rst", "flush"),
        ("s_valid", "parsed_valid"),
        ("s_ready", "parsed_ready"),
        ("s_data", "parsed_data"),
        ("m_valid", "word_valid"),
        ("m_ready", "word_ready"),
        ("m_data", "word_data"),
    ];
    module = attach(module, "words", register(31), words);
    // Rows and digests that go from circuit to circuit are progress too: with nothing but a root to return, nothing else moves for long.
    // A search has nothing to show but candidates judged.
    let passing =
        "blocked || (chunk_valid && chunk_ready) || row_gone || (digest_valid && digest_ready) || grind_judged";
    let dog = [("active", "active && !finish"), ("sending", passing)];
    module = attach(module, "guard", watchdog(config.watchdog), dog);
    let payload = [
        ("begin_command", "command_begin"),
        ("s_word", "command_word"),
        ("s_index", "command_index"),
        ("s_data", "command_data"),
        ("s_finish", "command_end"),
    ];
    module = attach(module, "decoder", command(config), payload);
    let quiet =
        if memory { "hash_busy || grind_busy || holds || keep_busy" } else { "hash_busy || grind_busy || holds" };
    let life = [("busy", quiet), ("running", "command_end"), ("index", "index[3:0]")];
    module = attach(module, "sequencer", job(config.lanes), life);
    let route = [("rst", "flush"), ("s_valid", "word_valid"), ("s_ready", "word_ready"), ("s_data", "word_data")];
    module = attach(module, "route", rows(memory), route);
    if memory {
        module = module.body("assign keep_digest = keep_digests && digest_valid && digest_ready;");
    }
    let pack = [
        ("rst", "flush"),
        ("row_valid", "link_valid"),
        ("row_ready", "link_ready"),
        ("m_valid", "packed_valid"),
        ("m_ready", "chunk_ready"),
        ("m_data", "chunk_data"),
        ("m_last", "chunk_last"),
    ];
    module = attach(module, "pack", chunks(), pack);
    let send = [
        ("first", "command_begin"),
        ("s_valid", "chunk_valid"),
        ("s_ready", "chunk_ready"),
        ("s_data", "chunk_data"),
        ("s_last", "chunk_last"),
        ("discard", "drop"),
    ];
    module = attach(module, "sender", transmit(config.window), send);
    let sums = [("sent", "m_valid && m_ready"), ("hash_multiplies", "job_hash_multiplies")];
    module = attach(module, "sums", totals(), sums);
    let map = std::sync::Arc::new(identify(config));
    const FRAMES: [&str; 4] = ["map", "map_take", "index", "map_word"];
    const BAR: [&str; 4] = ["bar", "bar_take", "bar_index", "bar_word"];
    let readers: &[[&str; 4]] = match config.link {
        Link::Xdma => &[FRAMES, BAR],
        Link::Stream | Link::Uart => &[FRAMES],
    };
    for &[name, take, index, word] in readers {
        module = attach(module, name, map.clone(), [("take", take), ("index", index), ("word", word)])
            .with_parameter("GIT_HASH", "GIT_HASH")
            .with_parameter("DIRTY", "DIRTY");
    }
    module.body(
        "
        // A job begins or is dropped: what is on its way is thrown away, a clock later, as the pipelines are reset a clock later: whatever they said
        // in between goes too.
        (* keep *) reg flush;

        assign chunk_valid = packed_valid && !flush;

        always @(posedge clk) flush <= rst || start || drop;

        assign blocked    = m_valid && !m_ready;
        assign words_data = word_data;
        assign hash_start = start && to_hasher;

        // The state is in the seeds, the witness its last word that is absorbed.
        assign seed_marked      = {1'b0, seed_index} == last_columns - 1'b1;
        assign grind_start      = start && searches;
        assign grind_bits       = levels;
        assign grind_first      = step;
        assign grind_candidates = candidates;
        assign first_sent = digests ? first_level : 5'd31; // above all that there are
        assign log_leaves = log_rows + {3'd0, log_blowup};
        ",
    )
}
