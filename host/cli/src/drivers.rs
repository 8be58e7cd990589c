//! The driver table: every way to reach a device. `cpu` is the prover itself, so it opens nothing.

use std::path::Path;

use galena_device::Device;
use galena_device::driver::{self, CPU, Driver, Found, OpenOptions, PCIE, SERIAL};
use galena_sim::DRIVER as SIM;

use crate::failure::Failure;

/// All drivers, in the order they are listed.
pub(crate) const DRIVERS: [Driver; 4] = [CPU, SIM, SERIAL, PCIE];

/// The device that a proof is computed on: none for `cpu`, where the prover needs no detour. A simulated one writes `waves` if asked.
pub(crate) fn open(selector: &str, waves: Option<&Path>) -> Result<Option<Box<dyn Device>>, Failure> {
    if selector == CPU.name { Ok(None) } else { open_any(selector, waves).map(Some) }
}

/// Any device, the processor included.
pub(crate) fn open_any(selector: &str, waves: Option<&Path>) -> Result<Box<dyn Device>, Failure> {
    let options = OpenOptions { waves: waves.map(Path::to_path_buf), ..OpenOptions::default() };
    driver::open(&DRIVERS, selector, &options)
        .map_err(|source| Failure::Device { selector: selector.to_owned(), source: Box::new(source) })
}

/// Every device that could be opened here.
pub(crate) fn list() -> Vec<Found> {
    driver::list(&DRIVERS)
}
