//! A Verilated config as a [`Device`]: the generated core behind its own link, words in and words out.

use crate::verilated::{Build, StallPattern};
use crate::{SimError, SimTransport, faults, tools};
use galena_device::driver::{Driver, Found, OpenOptions};
use galena_device::link::{LinkDevice, Recorder};
use galena_device::{Device, DeviceError};
use galena_target::{CONFIGS, Config, ConfigError};

/// A simulated device.
pub type SimDevice = LinkDevice<SimTransport>;

/// The driver's row: `sim`, or `sim:CONFIG`.
pub const DRIVER: Driver = Driver {
    name: "sim",
    usage: "sim[:CONFIG]",
    doc: "the generated Verilog, simulated in this process by Verilator",
    list,
    open: |config, options| match &options.capture {
        None => Ok(Box::new(open(config, options)?) as Box<dyn Device>),
        Some(_) => Ok(Box::new(recorded(config, options)?)),
    },
};

fn list() -> Vec<Found> {
    let obstacle = tools::command("verilator").err().map(|e| e.to_string());
    let found =
        |c: &Config| Found { selector: format!("sim:{}", c.name), doc: c.doc.to_string(), obstacle: obstacle.clone() };
    CONFIGS.iter().map(found).collect()
}

/// Opens the config of that name (the first of the table if it is empty): generates its Verilog, builds the model unless the
/// cache has it, resets it, and asks it over its link who it is.
pub fn open(config: &str, options: &OpenOptions) -> Result<SimDevice, DeviceError> {
    let (selector, transport) = prepare(config, options)?;
    LinkDevice::open(&selector, transport)
}

/// The same with everything on its link recorded in the file that the options name.
fn recorded(config: &str, options: &OpenOptions) -> Result<LinkDevice<Recorder<SimTransport>>, DeviceError> {
    let (selector, transport) = prepare(config, options)?;
    let recorder = Recorder::new(transport, options.capture.as_deref(), &selector);
    let recorder = recorder.map_err(|e| DeviceError::Open { selector: selector.clone(), source: e.into() })?;
    LinkDevice::open(&selector, recorder)
}

fn prepare(config: &str, options: &OpenOptions) -> Result<(String, SimTransport), DeviceError> {
    let selector = if config.is_empty() { format!("sim:{}", CONFIGS[0].name) } else { format!("sim:{config}") };
    let failed = |source: Box<dyn std::error::Error + Send + Sync>| {
        let selector = selector.clone();
        DeviceError::Open { selector, source }
    };
    let config = if config.is_empty() { Ok(&CONFIGS[0]) } else { Config::named(config) };
    let config = config.map_err(|e: ConfigError| failed(e.into()))?;
    let transport = transport(config, options).map_err(|e| failed(e.into()))?;
    Ok((selector, transport))
}

/// The link of a config's core, freshly reset.
pub fn transport(config: &Config, options: &OpenOptions) -> Result<SimTransport, SimError> {
    let mut model = build(config, false)?.waves(options.waves.is_some()).open()?;
    if let Some(path) = &options.waves {
        model.waves(path)?;
    }
    let (input, output) = match options.stall_seed {
        None => (StallPattern::NONE, StallPattern::NONE),
        Some(seed) => (StallPattern::half(seed), StallPattern::bursts(seed ^ 0xa5a5)),
    };
    SimTransport::new(model, config, input, output)
}

/// What is built for a config's core; with the circuit faults of [`faults`] in it, asleep, if asked.
pub fn build(config: &Config, faulty: bool) -> Result<Build, SimError> {
    let files = galena_hdl::core(config)
        .map_err(|e| SimError::Generate { config: config.name.to_string(), reason: e.to_string() })?;
    let files = if faulty { faults::instrument(config, &files)? } else { files };
    Ok(Build::new(galena_hdl::CORE_TOP, &files))
}

/// The build with its sources' identity in the register map: the commit, and whether the sources differed from it.
pub fn with_sources(build: Build, commit: &[u8; 20], dirty: bool) -> Build {
    let dirty = if dirty { "1'b1" } else { "1'b0" };
    build.parameter("GIT_HASH", &format!("160'h{}", hex::encode(commit))).parameter("DIRTY", dirty)
}
