//! The driver table: how a selector (`cpu`, `sim:tiny`) becomes an opened device.
//!
//! This crate knows `cpu`; `sim` comes from galena-sim, above it. The command assembles the one table from both.

use crate::{Device, DeviceError, SoftwareDevice, pcie, serial};
use std::path::PathBuf;
use std::time::Duration;

/// A driver: a row of the driver table.
#[derive(Clone, Copy)]
pub struct Driver {
    /// What selectors begin with.
    pub name: &'static str,
    /// How a selector looks.
    pub usage: &'static str,
    /// One sentence.
    pub doc: &'static str,
    /// The devices there are.
    pub list: fn() -> Vec<Found>,
    /// Opens the device named by what follows the colon (empty if nothing does).
    pub open: Open,
}

/// How a driver opens a device.
pub type Open = fn(&str, &OpenOptions) -> Result<Box<dyn Device>, DeviceError>;

/// A device that could be opened.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Found {
    /// The selector that opens it.
    pub selector: String,
    /// One sentence.
    pub doc: String,
    /// Why it cannot be opened by this user, now; `None` if it can.
    pub obstacle: Option<String>,
}

/// What may be asked of a device when it is opened. A driver ignores what does not concern it.
#[derive(Clone, Debug, Default)]
pub struct OpenOptions {
    /// Write waves of the simulation to this file.
    pub waves: Option<PathBuf>,
    /// Insert random pauses on both sides of the simulated link, with this seed.
    pub stall_seed: Option<u64>,
    /// How long nothing may move on a link before the device counts as silent; [`DEADLINE`] if not said.
    pub deadline: Option<Duration>,
    /// Record everything on the link in this file: [`crate::link::Capture`] reads it.
    pub capture: Option<PathBuf>,
    /// Never a faster rate than this on a serial line, in bits per second.
    pub max_baud: Option<u32>,
}

/// How long nothing may move on a link unless the options say otherwise. A device in a job says something every 2^16 clocks.
pub const DEADLINE: Duration = Duration::from_secs(2);

impl OpenOptions {
    /// The deadline asked for, or [`DEADLINE`].
    pub fn deadline(&self) -> Duration {
        self.deadline.unwrap_or(DEADLINE)
    }
}

/// The processor of this machine.
pub const CPU: Driver = Driver {
    name: "cpu",
    usage: "cpu",
    doc: "the processor of this machine, with Plonky3",
    list: || vec![Found { selector: "cpu".into(), doc: CPU.doc.into(), obstacle: None }],
    open: |rest, _| match rest {
        "" => Ok(Box::new(SoftwareDevice::new())),
        _ => Err(DeviceError::Selector { selector: format!("cpu:{rest}"), known: "`cpu`".into() }),
    },
};

/// A board on a serial port.
pub const SERIAL: Driver = Driver {
    name: "serial",
    usage: "serial:PATH",
    doc: "a board on a serial port; without a path the only USB port there is",
    list: serial::list,
    open: serial::open,
};

/// A PCIe card behind XDMA.
pub const PCIE: Driver = Driver {
    name: "pcie",
    usage: "pcie:PREFIX",
    doc: "a PCIe card behind the XDMA driver; without a prefix the only card there is",
    list: pcie::list,
    open: pcie::open,
};

/// Every device of every driver.
pub fn list(drivers: &[Driver]) -> Vec<Found> {
    drivers.iter().flat_map(|driver| (driver.list)()).collect()
}

/// Opens the device a selector names.
pub fn open(drivers: &[Driver], selector: &str, options: &OpenOptions) -> Result<Box<dyn Device>, DeviceError> {
    let (name, rest) = selector.split_once(':').unwrap_or((selector, ""));
    match drivers.iter().find(|driver| driver.name == name) {
        Some(driver) => (driver.open)(rest, options),
        None => Err(DeviceError::Selector {
            selector: selector.into(),
            known: drivers.iter().map(|d| format!("`{}`", d.usage)).collect::<Vec<_>>().join(", "),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DRIVERS: [Driver; 3] = [CPU, SERIAL, PCIE];

    #[test]
    fn selectors_open_devices_or_say_what_is_possible() {
        assert_eq!(open(&DRIVERS, "cpu", &OpenOptions::default()).map(|d| d.info().name.clone()).unwrap(), "cpu");
        let failure = |selector: &str| open(&DRIVERS, selector, &OpenOptions::default()).err().unwrap().to_string();
        assert_eq!(
            failure("gpu:0"),
            "expected a device selector like `cpu`, `serial:PATH`, `pcie:PREFIX`, found `gpu:0`"
        );
        assert!(failure("cpu:7").contains("found `cpu:7`"));
        let missing = failure("serial:/nonexistent/tty");
        assert!(
            missing.starts_with("cannot open the device `serial:/nonexistent/tty`: there is no /nonexistent/tty"),
            "{missing}"
        );
        assert!(
            failure("pcie:x").starts_with("cannot open the device `pcie:x`: expected the files of a card (x_h2c_0, ")
        );
        assert_eq!(list(&DRIVERS)[0].selector, "cpu");
    }
}
