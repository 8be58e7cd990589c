//! The core of a config: link, shell, transform and hasher in one top module.

use crate::connect::{attach, wires};
use crate::hasher::{HasherConfig, HasherError, hasher};
use crate::lde::{Geometry, lde};
use crate::netlist::Module;
use crate::shell::{pipeline_ports, shell};
use crate::stream::{fifo, register, uart};
use crate::{EmitError, VerilogFile, emit};
use galena_target::frame::{MAGIC, STARVE_CLOCKS};
use galena_target::{Config, ConfigError, Link};
use std::sync::Arc;

/// Name of the top module of every config.
pub const CORE_TOP: &str = "galena_core";

/// Words a serial line may bring while the shell is busy. A line cannot be stopped; what does not fit is lost, and the CRC tells.
const UART_STORE: usize = 512;

/// The transform handles at least this many rows whatever the config's limit: its tables begin with 16 seeds.
const LOG_ROWS_FLOOR: usize = 5;

/// The words between the link and the shell.
const LINK: [(&str, usize); 6] =
    [("in_valid", 1), ("in_ready", 1), ("in_data", 32), ("out_valid", 1), ("out_ready", 1), ("out_data", 32)];

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
    module = wires(module, pipeline_ports());
    let link = [
        ("s_valid", "in_valid"),
        ("s_ready", "in_ready"),
        ("s_data", "in_data"),
        ("m_valid", "out_valid"),
        ("m_ready", "out_ready"),
        ("m_data", "out_data"),
        ("searching", if config.link == Link::Uart { "searching" } else { "" }),
    ];
    module = attach(module, "control", shell(config, starve_log), link)
        .with_parameter("GIT_HASH", "GIT_HASH")
        .with_parameter("DIRTY", "DIRTY");
    let transform = [
        ("clear", "drop"),
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
        ("multiplies", "hash_multiplies"),
    ];
    Ok(attach(module, "hash", hasher, hash))
}

/// The link is the shell's stream, a register on each side away.
fn stream_link(module: Module) -> Module {
    let register = Arc::new(register(32));
    let module = module
        .input("s_valid", 1, "words from the host")
        .output("s_ready", 1, "")
        .input("s_data", 32, "")
        .output("m_valid", 1, "words to the host")
        .input("m_ready", 1, "")
        .output("m_data", 32, "");
    let inward = [("m_valid", "in_valid"), ("m_ready", "in_ready"), ("m_data", "in_data")];
    let outward = [("s_valid", "out_valid"), ("s_ready", "out_ready"), ("s_data", "out_data")];
    attach(attach(wires(module, LINK), "enter", register.clone(), inward), "leave", register, outward)
}

/// The link is a serial line.
fn uart_link(module: Module, divisor: usize) -> Module {
    let mut module = module.input("rx", 1, "from the host, 8N1").output("tx", 1, "to the host, 8N1");
    module = wires(wires(module, LINK), [("searching", 1), ("line_valid", 1), ("line_data", 32)]);
    let line = [("align", "searching"), ("m_valid", "line_valid"), ("m_data", "line_data")];
    module = attach(module, "line_in", uart::receive(divisor, MAGIC), line);
    let store = [
        ("s_valid", "line_valid"),
        ("s_ready", ""),
        ("s_data", "line_data"),
        ("m_valid", "in_valid"),
        ("m_ready", "in_ready"),
        ("m_data", "in_data"),
    ];
    module = attach(module, "line_store", fifo(32, UART_STORE), store);
    let outward = [("s_valid", "out_valid"), ("s_ready", "out_ready"), ("s_data", "out_data")];
    attach(module, "line_out", uart::send(divisor), outward)
}
