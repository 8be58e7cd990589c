//! The driver table: every way to reach a device. `cpu` is the prover itself, so it opens nothing.

use galena_device::Device;
use galena_device::driver::{self, CPU, Driver, Found, OpenOptions, PCIE, SERIAL};
use galena_sim::DRIVER as SIM;

use crate::failure::Failure;

/// All drivers, in the order they are listed.
pub(crate) const DRIVERS: [Driver; 4] = [CPU, SIM, SERIAL, PCIE];

/// The device that a proof is computed on: none for `cpu`, where the prover needs no detour.
pub(crate) fn open(selector: &str) -> Result<Option<Box<dyn Device>>, Failure> {
    if selector == CPU.name { Ok(None) } else { open_any(selector).map(Some) }
}

/// Any device, the processor included.
pub(crate) fn open_any(selector: &str) -> Result<Box<dyn Device>, Failure> {
    driver::open(&DRIVERS, selector, &OpenOptions::default())
        .map_err(|source| Failure::Device { selector: selector.to_owned(), source: Box::new(source) })
}

/// Every device that could be opened here.
pub(crate) fn list() -> Vec<Found> {
    driver::list(&DRIVERS)
}
