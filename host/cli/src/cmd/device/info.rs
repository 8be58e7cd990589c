//! `galena device info`: identity, limits, link, as the device says them.

use galena_device::lab::Selected;
use galena_device::{Device, DeviceInfo};
use galena_target::flow::{MANIFESTS, Manifest};
use serde::Serialize;
use std::path::Path;

use crate::failure::Failure;
use crate::table::{Page, bytes, count};

/// What a device says about itself.
#[derive(Serialize)]
pub(super) struct Info {
    /// What it was selected as.
    selector: String,
    #[serde(flatten)]
    info: DeviceInfo,
    /// What its link can carry each way, if known.
    link_bytes_per_second: Option<f64>,
    /// The manifests here that it may be of.
    bitstreams: Vec<Manifest>,
}

pub(super) fn look(selected: &Selected, device: &mut dyn Device) -> Result<Info, Failure> {
    let info = device.info().clone();
    Ok(Info {
        selector: selected.name.clone(),
        link_bytes_per_second: device.bytes_per_second(),
        bitstreams: Manifest::of_device(Path::new(MANIFESTS), &info.config_hash, &info.git_hash)?,
        info,
    })
}

pub(super) fn text(page: &mut Page, report: &Info) {
    let info = &report.info;
    page.heading(&report.selector);
    page.fact("link", &info.link);
    if let Some(rate) = report.link_bytes_per_second {
        page.fact("rate", format!("{}/s each way", bytes(rate as u64)));
    }
    page.fact("abi version", info.abi_version);
    if let Some(config) = &info.config {
        page.fact("config", format!("{config} {}", info.config_hash));
        page.fact(
            "sources",
            match (info.git_hash.as_str(), info.dirty) {
                ("", _) => "not recorded in the bitstream".to_owned(),
                (hash, true) => format!("{hash}, modified"),
                (hash, false) => hash.to_owned(),
            },
        );
    }
    for m in &report.bitstreams {
        page.fact("bitstream", format!("{} for {}, sha256 {}", m.config, m.board, m.sha256));
    }
    let kernels: Vec<&str> = info.kernels.iter().map(|kernel| kernel.name()).collect();
    page.fact("kernels", kernels.join(", "));
    let limits = &info.limits;
    page.fact("rows", format!("2^{} to 2^{}", limits.log_rows_min, limits.log_rows_max));
    page.fact("blow-up", format!("up to 2^{}", limits.log_blowup_max));
    page.fact("columns", format!("up to {}", count(limits.columns_max as u64)));
    if info.config.is_some() {
        page.fact(
            "memory",
            match limits.memory_beats {
                0 => "none".to_owned(),
                beats => format!("{} beats, {}", count(beats as u64), bytes(32 * beats as u64)),
            },
        );
    }
    if info.window > 0 {
        page.fact("window", format!("{} words", count(info.window as u64)));
    }
    if info.multipliers() > 0 {
        page.fact("multipliers", format!("{} transform, {} hasher", info.lanes, info.hasher_multipliers));
    }
    if info.clock_hz > 0 {
        page.fact("clock", format!("{} MHz", u64::from(info.clock_hz) / 1_000_000));
    }
}
