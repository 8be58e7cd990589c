//! `galena device`: what can be opened, what it says about itself, whether it computes what it should, and how fast.

mod bench;
mod fingerprint;
mod info;
mod list;
mod recover;
mod replay;
mod selftest;
mod stats;

use std::process::ExitCode;

use galena_device::Device;
use galena_device::lab::Selected;
use serde::Serialize;

use crate::args::{self, Target};
use crate::drivers;
use crate::failure::Failure;
use crate::files;
use crate::table::Page;

pub(crate) fn run(command: &args::Device) -> Result<ExitCode, Failure> {
    match command {
        args::Device::List { lab, json } => list::run(lab.as_deref(), *json),
        args::Device::Info(target) => report(target, info::look, info::text),
        args::Device::Selftest(target) => selftest::run(target),
        args::Device::Bench { target, log_rows, seconds } => {
            let effort = bench::Effort { log_rows: log_rows.map(usize::from), seconds: *seconds };
            report(target, |selected, device| bench::measure(selected, device, &effort), bench::text)
        }
        args::Device::Stats(target) => report(target, stats::read, stats::text),
        args::Device::Recover(target) => recover::run(target),
        args::Device::Replay { capture, device, json } => replay::run(capture, device, *json),
    }
}

/// Opens the devices of `target` one after the other, and prints what `look` makes of each.
fn report<R: Serialize>(
    target: &Target,
    look: impl Fn(&Selected, &mut dyn Device) -> Result<R, Failure>,
    text: impl Fn(&mut Page, &R),
) -> Result<ExitCode, Failure> {
    let look = |selected: &Selected| look(selected, drivers::open_one(selected)?.as_mut());
    let reports = drivers::targets(target)?.iter().map(look).collect::<Result<Vec<_>, _>>()?;
    print(target, &reports, text)?;
    Ok(ExitCode::SUCCESS)
}

/// Prints the report of one device, or of several.
fn print<R: Serialize>(target: &Target, reports: &[R], text: impl Fn(&mut Page, &R)) -> Result<(), Failure> {
    match reports {
        [report] if target.json => files::print_json(report),
        reports if target.json => files::print_json(&reports),
        reports => {
            let mut page = Page::stdout();
            reports.iter().for_each(|report| text(&mut page, report));
            files::print(page.text())
        }
    }
}
