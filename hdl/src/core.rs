//! The core of a config: link, shell, transform and hasher in one top module.

use crate::connect::{attach, wires};
use crate::hasher::{HasherConfig, HasherError, hasher};
use crate::lde::{Geometry, lde};
use crate::memory::memory;
use crate::netlist::Module;
use crate::shell::{pipeline_ports, shell};
use crate::stream::{register, serial, store};
use crate::xdma::{ports as xdma_ports, xdma};
use crate::{EmitError, VerilogFile, emit};
use galena_target::frame::{MAGIC, RATE_CLOCKS};
use galena_target::{Config, ConfigError, Link};

/// Name of the top module of every config.
pub const CORE_TOP: &str = "galena_core";

/// The instance of the shell in it: its `s_*` are the words of the link, `m_*` those of the answers, whatever the link is.
pub const SHELL: &str = "control";

/// The transform handles at least this many rows whatever the config's limit: its tables begin with 16 seeds.
const LOG_ROWS_FLOOR: usize = 5;

/// What goes between the link, the input store and the shell.
const LINK: [(&str, usize); 21] = [
    // Words from the link to the store, and from there to the shell.
    ("line_valid", 1),
    ("line_ready", 1),
    ("line_data", 32),
    ("in_valid", 1),
    ("in_ready", 1),
    ("in_data", 32),
    ("level", 17),
    // Words from the shell to the link.
    ("out_made", 1),
    ("out_valid", 1),
    ("out_ready", 1),
    ("out_data", 32),
    ("out_last", 1),
    // The link resets everything; a reset frame everything but the link and the store.
    ("link_reset", 1),
    ("all_reset", 1),
    ("restart", 1),
    ("line_errors", 32),
    ("searching", 1),
    ("header_seen", 1),
    ("rate_asked", 1),
    ("rate_set", 1),
    ("divisor", 16),
];

/// Why there is no core for a config.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CoreError {
    /// The config is not valid.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The hasher cannot have this size.
    #[error(transparent)]
    Hasher(#[from] HasherError),
    /// A mistake in a generator.
    #[error(transparent)]
    Emit(#[from] EmitError),
}

/// The Verilog of a config: top module [`CORE_TOP`], one file a module.
///
/// Ports: `clk`, `rst`; a stream config has `s_valid, s_ready, s_data[31:0]` and `m_valid, m_ready, m_data[31:0]`, a uart config `rx` and `tx`,
/// an xdma config the ports that the XDMA IP offers to user logic, under its names.
/// Parameters `GIT_HASH` (160 bits) and `DIRTY` are for the build to set; they are zero in the text.
pub fn core(config: &Config) -> Result<Vec<VerilogFile>, CoreError> {
    Ok(emit(&core_module(config)?)?)
}

/// The transform of a config.
pub(crate) fn geometry(config: &Config) -> Geometry {
    let log_rows_max = config.log_rows_max.max(LOG_ROWS_FLOOR);
    Geometry { lanes: config.lanes, log_rows_max, log_blowup_max: config.log_blowup_max }
}

/// The top module.
pub fn core_module(config: &Config) -> Result<Module, CoreError> {
    config.validate()?;
    let limits = config.limits();
    let geometry = geometry(config);
    let hasher = hasher(&HasherConfig { multipliers: config.multipliers, log_rows_max: limits.log_height_max() })?;
    let mut module = Module::new(CORE_TOP, "the accelerator: link, shell, transform, hasher")
        .timing(
            "of a job: the datasheets of transform and hasher; a word passes the input store in 3 clocks",
            "one word a clock each way at most; the link, the transform or the hasher sets the pace",
        )
        .doc(&format!("Config `{}`: {}.", config.name, config.doc))
        .doc(&format!(
            "{} lanes in the transform, {} multipliers in the hasher, up to 2^{} rows and blow-up 2^{}.",
            config.lanes, config.multipliers, config.log_rows_max, config.log_blowup_max
        ))
        .parameter("GIT_HASH", 160, 0, "commit of the sources; zero if not recorded")
        .parameter("DIRTY", 1, 0, "the sources differed from the commit")
        .clk_rst();
    module = wires(wires(module, LINK), pipeline_ports(config));
    module = match config.link {
        Link::Stream => stream_link(module),
        Link::Uart => serial_link(module, config.baud_divisor()),
        Link::Xdma => xdma_link(module, config),
    };
    let input = [
        ("rst", "all_reset"),
        ("s_valid", "line_valid"),
        ("s_ready", "line_ready"),
        ("s_data", "line_data"),
        ("m_valid", "in_valid"),
        ("m_ready", "in_ready"),
        ("m_data", "in_data"),
    ];
    module = attach(module, "input_store", store(config.window), input);
    let link = [
        ("rst", "core_reset"),
        ("s_valid", "in_valid"),
        ("s_ready", "in_ready"),
        ("s_data", "in_data"),
        ("m_valid", "out_made"),
        ("m_ready", "out_ready"),
        ("m_data", "out_data"),
        ("m_last", "out_last"),
        ("rate_set", "rate_asked"),
    ];
    module = attach(module, SHELL, shell(config), link)
        .with_parameter("GIT_HASH", "GIT_HASH")
        .with_parameter("DIRTY", "DIRTY");
    let transform = [
        ("rst", "transform_reset"),
        ("clear", "transform_clear"),
        ("s_valid", "words_valid"),
        ("s_ready", "words_ready"),
        ("s_data", "words_data"),
        ("m_valid", "lde_valid"),
        ("m_ready", "lde_ready"),
        ("m_data", "lde_data"),
        ("m_row", "lde_row"),
        ("m_group", "lde_group"),
        ("m_first", "lde_first"),
        ("m_last", "lde_last"),
    ];
    module = attach(module, "transform", lde(&geometry), transform);
    let hash = [
        ("rst", "hash_reset"),
        ("job_start", "hash_start"),
        ("job_log_leaves", "log_leaves"),
        ("job_levels", "levels"),
        ("job_first_sent", "first_sent"),
        ("s_valid", "hash_valid"),
        ("s_ready", "hash_ready"),
        ("s_data", "row_data"),
        ("s_row", "row_index"),
        ("s_first", "row_first"),
        ("s_last", "row_last"),
        ("s_count", "row_columns"),
        ("s_digest", "leaves"),
        ("m_valid", "digest_valid"),
        ("m_ready", "digest_ready"),
        ("m_data", "digest_data"),
        ("m_level", "digest_level"),
        ("m_index", "digest_index"),
        ("m_sent", "digest_sent"),
        ("busy", "hash_busy"),
        ("multiplies", "hash_multiplies"),
    ];
    module = attach(module, "hash", hasher, hash);
    if config.log_memory > 0 {
        let kept = [
            ("rst", "kept_reset"),
            ("row_base", "rows_base"),
            ("digest_base", "digests_base"),
            ("row_valid", "keep_valid"),
            ("row_ready", "keep_ready"),
            ("digest_valid", "keep_digest"),
            ("busy", "keep_busy"),
            ("s_valid", "address_valid"),
            ("s_ready", "address_ready"),
            ("s_data", "words_data[19:0]"),
            ("m_valid", "beat_valid"),
            ("m_ready", "beat_ready"),
            ("m_data", "beat_data"),
        ];
        module = attach(module, "kept", memory(config.log_memory), kept).body(
            "
            (* keep *) reg kept_reset;

            always @(posedge clk) kept_reset <= core_reset || drop;
            ",
        );
    }
    Ok(module.body(
        "
        assign all_reset = rst || link_reset;

        // Shell and pipelines are large: a reset has a clock to reach each. What the shell says in that clock is not heard; it flushes itself when the
        // pipelines are reset.
        (* keep *) reg core_reset;
        (* keep *) reg transform_reset;
        (* keep *) reg transform_clear;
        (* keep *) reg hash_reset;

        assign out_valid = out_made && !core_reset;
        assign rate_set  = rate_asked && !core_reset;

        always @(posedge clk) begin
            core_reset      <= all_reset || restart;
            transform_reset <= core_reset;
            transform_clear <= drop;
            hash_reset      <= core_reset || drop;
        end
        ",
    ))
}

/// The link is a stream of words; on the way out a register.
fn stream_link(module: Module) -> Module {
    let module = module
        .input("s_valid", 1, "words from the host")
        .output("s_ready", 1, "")
        .input("s_data", 32, "")
        .output("m_valid", 1, "words to the host")
        .input("m_ready", 1, "")
        .output("m_data", 32, "");
    let outward = [("s_valid", "out_valid"), ("s_ready", "out_ready"), ("s_data", "out_data")];
    attach(module, "leave", register(32), outward).body(
        "
        assign line_valid  = s_valid;
        assign s_ready     = line_ready;
        assign line_data   = s_data;
        assign link_reset  = 1'b0;
        assign line_errors = 32'd0;
        ",
    )
}

/// The link is a serial line. It resets itself on a break.
fn serial_link(module: Module, divisor: u32) -> Module {
    let module = module.input("rx", 1, "from the host, 8N1").output("tx", 1, "to the host, 8N1");
    let line = [
        ("align", "searching"),
        ("m_valid", "line_valid"),
        ("m_ready", "line_ready"),
        ("m_data", "line_data"),
        ("s_valid", "out_valid"),
        ("s_ready", "out_ready"),
        ("s_data", "out_data"),
        ("rate_divisor", "divisor"),
        ("line_break", "link_reset"),
    ];
    attach(module, "line", serial(divisor, MAGIC, RATE_CLOCKS), line)
}

/// The link is the streams and the registers behind the XDMA IP. It resets itself when the host writes `control`.
fn xdma_link(mut module: Module, config: &Config) -> Module {
    for (input, name, width, comment) in xdma_ports(config.stream_bits) {
        module = if input { module.input(name, width, comment) } else { module.output(name, width, comment) };
    }
    let link = [
        ("in_valid", "line_valid"),
        ("in_ready", "line_ready"),
        ("in_data", "line_data"),
        ("in_space", "space"),
        ("clear", "link_reset"),
        ("map_take", "bar_take"),
        ("map_index", "bar_index"),
        ("map_word", "bar_word"),
    ];
    module = wires(module, [("space", 32), ("bar_take", 1), ("bar_index", 6), ("bar_word", 32)]);
    // The registers behind the store's memory hold a little more than was promised.
    let window = config.window;
    attach(module, "card", xdma(config), link)
        .body(format!("assign space = level < 17'd{window} ? 32'd{window} - {{15'd0, level}} : 32'd0;"))
}
