//! `galena device recover`: brings a device back, proves with a job that it is back, and says what it took; or what else to try.

use std::process::ExitCode;

use galena_device::conformance::reference;
use galena_device::lab::Selected;
use galena_device::{Device, DeviceError, Job, Kernel, field};
use galena_prover::Moment;
use galena_target::Register;
use serde::Serialize;

use crate::args::Target;
use crate::drivers;
use crate::failure::Failure;
use crate::table::{Page, count, seconds};

#[derive(Serialize)]
struct Recovered {
    selector: String,
    /// What was done, in order.
    steps: Vec<Step>,
}

#[derive(Serialize)]
struct Step {
    what: String,
    wall_seconds: f64,
}

pub(super) fn run(target: &Target) -> Result<ExitCode, Failure> {
    let mut reports = Vec::new();
    for selected in drivers::targets(target)? {
        let steps = recover(&selected).map_err(|source| Failure::Unrecovered {
            selector: selected.name.clone(),
            advice: advice(&selected.driver),
            source: Box::new(source),
        })?;
        reports.push(Recovered { selector: selected.name.clone(), steps });
    }
    super::print(target, &reports, text)?;
    Ok(ExitCode::SUCCESS)
}

/// Opening resynchronises a device that another host left in mid-job; then the device's own recovery, then a job with a known answer.
fn recover(selected: &Selected) -> Result<Vec<Step>, DeviceError> {
    let mut steps = Vec::new();
    let mut step = |what: String, start: Moment| steps.push(Step { what, wall_seconds: start.elapsed().wall_seconds });
    let start = Moment::now();
    let mut device = selected.open(&drivers::DRIVERS)?;
    step("opened it: it answers, and is in step with this host".to_owned(), start);
    let uptime = |device: &mut dyn Device| -> Result<Option<u64>, DeviceError> {
        Ok(device.registers()?.map(|map| Register::Uptime.value(&map)))
    };
    let before = uptime(device.as_mut())?;
    let start = Moment::now();
    device.recover()?;
    let after = uptime(device.as_mut())?;
    let what = match (before, after) {
        (Some(before), Some(after)) if after < before => "it had to be reset: its counters began again".to_owned(),
        (_, Some(after)) => {
            format!("ended whatever it was doing; no reset was needed: it has been up for {} clocks", count(after))
        }
        (_, None) => "nothing to recover: it has no link and no state".to_owned(),
    };
    step(what, start);
    let start = Moment::now();
    let log_rows = device.info().limits.log_rows_min.max(2);
    let matrix: Vec<u32> = (0..8 << log_rows).map(field::word).collect();
    let job = Job { levels: log_rows, ..Job::of(Kernel::Tree, log_rows, 8, &matrix) };
    let (output, expected) = (device.run(&job)?, reference(&job));
    if output.layers != expected.layers {
        let source = "a job ran, and its result is wrong: the hardware is faulty".into();
        return Err(DeviceError::Open { selector: selected.name.clone(), source });
    }
    step("ran a job: the result is right".to_owned(), start);
    Ok(steps)
}

/// What is left when the host's own means are exhausted.
fn advice(driver: &str) -> &'static str {
    match driver {
        "serial" => {
            "press the board's reset button or take its power away, check the cable, and try again; if it still does not answer, load the \
             bitstream again"
        }
        "pcie" => {
            "as root: `echo 1 > /sys/bus/pci/devices/ADDRESS/remove; echo 1 > /sys/bus/pci/rescan` (ADDRESS from `lspci -d 10ee:`), then \
             `rmmod xdma && modprobe xdma`; docs/boards.md has the whole ladder"
        }
        "sim" => "a simulation begins anew whenever it is opened: this one cannot be built or run at all, see above",
        _ => "there is nothing to recover",
    }
}

fn text(page: &mut Page, report: &Recovered) {
    page.heading(&format!("{}: recovered", report.selector));
    for step in &report.steps {
        page.line(&format!("  {} ({})", step.what, seconds(step.wall_seconds)));
    }
}
