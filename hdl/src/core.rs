//! The core of a config: link, shell, transform and hasher in one top module.

use crate::hasher::{HasherConfig, HasherError, hasher};
use crate::lde::{Geometry, lde};
use crate::netlist::Module;
use crate::shell::{pipeline_ports, shell};
use crate::stream::{fifo, uart};
use crate::{EmitError, VerilogFile, emit};
use galena_target::frame::{MAGIC, STARVE_CLOCKS};
use galena_target::{Config, ConfigError, Link};

/// Name of the top module of every config.
pub const CORE_TOP: &str = "galena_core";

/// Words a serial line may bring while the shell is busy. A line cannot be stopped; what does not fit is lost, and the CRC tells.
const UART_STORE: usize = 512;

/// The transform handles at least this many rows whatever the config's limit: its tables begin with 16 seeds.
const LOG_ROWS_FLOOR: usize = 5;

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
/// Ports: `clk`, `rst`; a stream config has `s_valid, s_ready, s_data[31:0]` and `m_valid, m_ready, m_data[31:0]`, a uart config `rx` and `tx`.
/// Parameters `GIT_HASH` (160 bits) and `DIRTY` are for the build to set; they are zero in the text.
pub fn core(config: &Config) -> Result<Vec<VerilogFile>, CoreError> {
    Ok(emit(&core_module(config, STARVE_CLOCKS.ilog2() as usize)?)?)
}

/// The top module, with log2 of the clocks after which a job without input is given up (the ABI says 24; tests use less).
pub fn core_module(config: &Config, starve_log: usize) -> Result<Module, CoreError> {
    config.validate()?;
    let limits = config.limits();
    let geometry = Geometry {
        lanes: config.lanes,
        log_rows_max: config.log_rows_max.max(LOG_ROWS_FLOOR),
        log_blowup_max: config.log_blowup_max,
    };
    let hasher = hasher(&HasherConfig { multipliers: config.multipliers, log_rows_max: limits.log_height_max() })?;
    let mut module = Module::new(CORE_TOP, "the accelerator: link, shell, transform, hasher")
        .doc(&format!("Config `{}`: {}.", config.name, config.doc))
        .doc(&format!(
            "{} lanes in the transform, {} multipliers in the hasher, up to 2^{} rows and blow-up 2^{}.",
            config.lanes, config.multipliers, config.log_rows_max, config.log_blowup_max
        ))
        .parameter("GIT_HASH", 160, 0, "commit of the sources; zero if not recorded")
        .parameter("DIRTY", 1, 0, "the sources differed from the commit")
        .clk_rst();
    module = match config.link {
        Link::Stream => stream_link(module),
        Link::Uart => uart_link(module, config.baud_divisor() as usize),
    };
    for (name, width) in pipeline_ports() {
        module = module.wire(name, width);
    }
    let link = [
        ("clk", "clk"),
        ("rst", "rst"),
        ("s_valid", "in_valid"),
        ("s_ready", "in_ready"),
        ("s_data", "in_data"),
        ("m_valid", "out_valid"),
        ("m_ready", "out_ready"),
        ("m_data", "out_data"),
        ("searching", if config.link == Link::Uart { "searching" } else { "" }),
    ];
    Ok(module
        .instance(
            "control",
            shell(config, starve_log),
            link.into_iter().chain(pipeline_ports().map(|(name, _)| (name, name))),
        )
        .with_parameter("GIT_HASH", "GIT_HASH")
        .with_parameter("DIRTY", "DIRTY")
        .instance(
            "transform",
            lde(&geometry),
            [
                ("clk", "clk"),
                ("rst", "rst"),
                ("start", "start"),
                ("clear", "drop"),
                ("log_rows", "log_rows"),
                ("log_blowup", "log_blowup"),
                ("group_last", "group_last"),
                ("step", "step"),
                ("seed", "seed"),
                ("seed_index", "seed_index"),
                ("seed_data", "seed_data"),
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
                ("multiplying", "multiplying"),
            ],
        )
        .instance(
            "hash",
            hasher,
            [
                ("clk", "clk"),
                ("rst", "rst || drop"),
                ("job_start", "hash_start"),
                ("job_log_leaves", "log_leaves"),
                ("job_levels", "levels"),
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
                ("busy", "hash_busy"),
                ("permutations", "permutations"),
                ("multiplies", "hash_multiplies"),
            ],
        ))
}

fn link_wires(module: Module) -> Module {
    [("in_valid", 1), ("in_ready", 1), ("in_data", 32), ("out_valid", 1), ("out_ready", 1), ("out_data", 32)]
        .into_iter()
        .fold(module, |m, (name, width)| m.wire(name, width))
}

/// The link is the shell's stream, a register on each side away.
fn stream_link(module: Module) -> Module {
    let register = std::sync::Arc::new(crate::stream::register(32));
    let module = module
        .input("s_valid", 1, "words from the host")
        .output("s_ready", 1, "")
        .input("s_data", 32, "")
        .output("m_valid", 1, "words to the host")
        .input("m_ready", 1, "")
        .output("m_data", 32, "");
    let side = |s: &'static str, m: &'static str| {
        [("clk".to_string(), "clk".to_string()), ("rst".into(), "rst".into())].into_iter().chain(
            ["valid", "ready", "data"]
                .into_iter()
                .flat_map(move |p| [(format!("s_{p}"), format!("{s}_{p}")), (format!("m_{p}"), format!("{m}_{p}"))]),
        )
    };
    link_wires(module).instance("enter", register.clone(), side("s", "in")).instance(
        "leave",
        register,
        side("out", "m"),
    )
}

/// The link is a serial line.
fn uart_link(module: Module, divisor: usize) -> Module {
    link_wires(module.input("rx", 1, "from the host, 8N1").output("tx", 1, "to the host, 8N1"))
        .wire("searching", 1)
        .wire("byte_valid", 1)
        .wire("byte_data", 32)
        .instance(
            "line_in",
            uart::receive(divisor, MAGIC),
            [
                ("clk", "clk"),
                ("rst", "rst"),
                ("rx", "rx"),
                ("align", "searching"),
                ("m_valid", "byte_valid"),
                ("m_data", "byte_data"),
            ],
        )
        .instance(
            "line_store",
            fifo(32, UART_STORE),
            [
                ("clk", "clk"),
                ("rst", "rst"),
                ("s_valid", "byte_valid"),
                ("s_ready", ""),
                ("s_data", "byte_data"),
                ("m_valid", "in_valid"),
                ("m_ready", "in_ready"),
                ("m_data", "in_data"),
            ],
        )
        .instance(
            "line_out",
            uart::send(divisor),
            [
                ("clk", "clk"),
                ("rst", "rst"),
                ("s_valid", "out_valid"),
                ("s_ready", "out_ready"),
                ("s_data", "out_data"),
                ("tx", "tx"),
            ],
        )
}
