//! Where a receipt was computed, in a file beside it: for whoever asks later which board, which bitstream, which tools. The receipt holds none of it, and
//! its bytes do not depend on any.

use galena_prover::{DeviceUse, Report};
use galena_target::flow::{MANIFESTS, Manifest};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::path::Path;

use crate::failure::Failure;

/// The file.
#[derive(Serialize)]
pub(super) struct Sidecar<'a> {
    /// SHA-256 of the receipt's file, in hexadecimal: which receipt this is about.
    receipt_sha256: String,
    program_id: &'a str,
    profile: &'static str,
    /// Version of this program.
    galena: &'static str,
    devices: Vec<Origin<'a>>,
}

/// A device that was given to the proof.
#[derive(Serialize)]
struct Origin<'a> {
    name: &'a str,
    link: &'a str,
    /// Jobs that it did for this proof; with none it had no part in it.
    jobs: u64,
    config: Option<&'a str>,
    config_hash: &'a str,
    /// The commit that it says it was generated from; empty or zeros if it records none.
    git_hash: &'a str,
    dirty: bool,
    /// The manifests of its bitstream: board, part, SHA-256, seed, tools. None for a simulation, and for a bitstream that is in no manifest here.
    bitstreams: Vec<Manifest>,
}

impl<'a> Sidecar<'a> {
    pub(super) fn new(receipt: &[u8], report: &'a Report) -> Result<Self, Failure> {
        let origin = |device: &'a DeviceUse| {
            let info = &device.info;
            Ok::<_, Failure>(Origin {
                name: &info.name,
                link: &info.link,
                jobs: device.total.jobs,
                config: info.config.as_deref(),
                config_hash: &info.config_hash,
                git_hash: &info.git_hash,
                dirty: info.dirty,
                bitstreams: Manifest::of_device(Path::new(MANIFESTS), &info.config_hash, &info.git_hash)?,
            })
        };
        Ok(Self {
            receipt_sha256: hex::encode(Sha256::digest(receipt)),
            program_id: &report.program_id,
            profile: report.profile,
            galena: env!("CARGO_PKG_VERSION"),
            devices: report.devices.iter().map(origin).collect::<Result<_, _>>()?,
        })
    }
}
