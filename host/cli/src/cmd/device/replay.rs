//! `galena device replay`: what a host once sent goes to a simulation, and its answers are compared with those recorded.

use std::path::Path;
use std::process::ExitCode;

use galena_device::DeviceError;
use galena_device::driver::OpenOptions;
use galena_device::endpoint::{Endpoint, EndpointLink};
use galena_device::link::{Capture, Replayed, Transport, replay};
use galena_target::Config;
use serde::Serialize;

use crate::failure::Failure;
use crate::files;
use crate::table::{Page, count};

/// Words that the buffers of the model's link hold.
const BUFFER: usize = 4096;

#[derive(Serialize)]
struct Report {
    capture: String,
    /// The device that was recorded.
    recorded: String,
    /// Words of the capture, both ways.
    words: usize,
    /// Seconds from the first word to the last, as recorded.
    seconds: f64,
    /// The capture ends in the middle of a record.
    cut_off: bool,
    /// What it was played to.
    device: String,
    #[serde(flatten)]
    replayed: Replayed,
}

pub(super) fn run(path: &Path, device: &str, json: bool) -> Result<ExitCode, Failure> {
    let capture =
        Capture::read(path).map_err(|source| Failure::Capture { path: path.to_owned(), source: Box::new(source) })?;
    let mut stage = stage(device, &capture)?;
    let replayed = replay(&capture, stage.as_mut()).map_err(|source| Failure::Replay(Box::new(source)))?;
    let report = Report {
        capture: path.display().to_string(),
        recorded: capture.selector,
        words: capture.records.iter().map(|record| record.words.len()).sum(),
        seconds: capture.records.last().map_or(0.0, |record| record.microseconds as f64 * 1e-6),
        cut_off: capture.cut_off,
        device: stage.describe(),
        replayed,
    };
    if json {
        files::print_json(&report)?;
    } else {
        files::print(&text(&report))?;
    }
    match report.replayed.difference {
        None => Ok(ExitCode::SUCCESS),
        Some(difference) => Err(Failure::Differs { difference: difference.to_string() }),
    }
}

/// What the capture is played to: the protocol's model or the Verilog, of the config named or of the one that was recorded.
fn stage(device: &str, capture: &Capture) -> Result<Box<dyn Transport>, Failure> {
    let (kind, name) = device.split_once(':').unwrap_or((device, ""));
    let config = match name {
        "" => capture.config().ok_or_else(|| Failure::UnknownCapture { hash: capture.config_hash.clone() })?,
        name => Config::named(name).map_err(|error| Failure::Config(Box::new(error)))?,
    };
    match kind {
        "model" => Ok(Box::new(EndpointLink::new(Endpoint::new(config), BUFFER))),
        "sim" => match galena_sim::device::transport(config, &OpenOptions::default()) {
            Ok(transport) => Ok(Box::new(transport)),
            Err(source) => {
                let selector = device.to_owned();
                let source = DeviceError::Open { selector: selector.clone(), source: Box::new(source) };
                Err(Failure::Device { selector, source: Box::new(source) })
            }
        },
        _ => Err(Failure::Stage { found: device.to_owned() }),
    }
}

fn text(report: &Report) -> String {
    let mut page = Page::stdout();
    let replayed = &report.replayed;
    page.heading(&format!("replay of {}", report.capture));
    let cut = if report.cut_off { "; its end is missing" } else { "" };
    page.fact(
        "recorded",
        format!("{}, {} words in {:.3} s{cut}", report.recorded, count(report.words as u64), report.seconds),
    );
    page.fact("played to", &report.device);
    page.fact("jobs", format!("{}, {} without a whole answer in the capture", replayed.jobs, replayed.partial));
    page.fact("chunks", format!("{} rows and digests", count(replayed.chunks as u64)));
    if replayed.noise > 0 {
        page.fact("noise", format!("{} words in the capture belong to no frame or job", count(replayed.noise as u64)));
    }
    match &replayed.difference {
        None => page.line("  the answers are those of the capture"),
        Some(difference) => page.warning(&format!("  first difference: {difference}")),
    };
    page.text().to_owned()
}
