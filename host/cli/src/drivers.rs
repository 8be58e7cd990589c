//! The driver table: every way to reach a device, and how what was typed becomes opened devices.

use galena_device::Device;
use galena_device::driver::{self, CPU, Driver, Found, OpenOptions, PCIE, SERIAL};
use galena_device::lab::{Lab, Selected, resolve};
use galena_sim::DRIVER as SIM;

use crate::args::{Opening, Target};
use crate::failure::Failure;

/// All drivers, in the order they are listed.
pub(crate) const DRIVERS: [Driver; 4] = [CPU, SIM, SERIAL, PCIE];

/// What a `--device` argument selects: names of the lab file and selectors of the drivers, with commas between them.
pub(crate) fn select(selector: &str, opening: &Opening) -> Result<Vec<Selected>, Failure> {
    let lab = Lab::find(opening.lab.as_deref())?;
    let options = OpenOptions {
        waves: opening.waves.clone(),
        stall_seed: None,
        deadline: opening.deadline,
        capture: opening.capture.clone(),
        max_baud: opening.max_baud,
    };
    let selected = resolve(selector, &lab, &DRIVERS, &options)?;
    for (file, option) in [(&opening.waves, "--waves"), (&opening.capture, "--capture")] {
        if file.is_some() && selected.len() > 1 {
            return Err(Failure::OneDevice { option, found: selected.len() });
        }
    }
    Ok(selected)
}

/// Opens one of them.
pub(crate) fn open_one(selected: &Selected) -> Result<Box<dyn Device>, Failure> {
    selected
        .open(&DRIVERS)
        .map_err(|source| Failure::Device { selector: selected.name.clone(), source: Box::new(source) })
}

/// The devices that a proof is computed on: `cpu` opens nothing, since the prover needs no detour to the processor.
pub(crate) fn open(selector: &str, opening: &Opening) -> Result<Vec<Box<dyn Device>>, Failure> {
    select(selector, opening)?.iter().filter(|selected| selected.driver != CPU.name).map(open_one).collect()
}

/// The devices that a device command is about, the processor included, each with what it was selected as.
pub(crate) fn targets(target: &Target) -> Result<Vec<Selected>, Failure> {
    select(&target.device, &target.opening)
}

/// Whether the clocks of this driver's devices are simulated in this process: then wall time says nothing about them.
pub(crate) fn simulated(selected: &Selected) -> bool {
    selected.driver == SIM.name
}

/// Every device that the drivers find here.
pub(crate) fn list() -> Vec<Found> {
    driver::list(&DRIVERS)
}
