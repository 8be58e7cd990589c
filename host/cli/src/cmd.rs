//! The commands, one file each.

mod bench;
mod bitstream;
mod board;
mod device;
mod doctor;
mod hdl;
mod inspect;
mod plan;
mod prove;
mod run;
mod sidecar;
mod sim;
mod verify;

use std::path::Path;
use std::process::ExitCode;

use galena_constraints::{PROFILES, Profile, Receipt};

use crate::args::Command;
use crate::failure::Failure;

/// Does what was asked for.
pub(crate) fn dispatch(command: Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Run(args) => run::run(&args),
        Command::Prove(args) => prove::run(&args),
        Command::Verify(args) => verify::run(&args),
        Command::Inspect(args) => inspect::run(&args),
        Command::Hdl(command) => hdl::run(&command),
        Command::Device(command) => device::run(&command),
        Command::Board(command) => board::run(&command),
        Command::Bitstream(command) => bitstream::run(&command),
        Command::Sim(command) => sim::run(&command),
        Command::Doctor(args) => doctor::run(&args),
        Command::Bench(args) => bench::run(&args),
    }
}

/// The profile of that name.
fn profile(name: &str) -> Result<&'static Profile, Failure> {
    Profile::by_name(name).ok_or_else(|| Failure::Profile {
        name: name.to_owned(),
        known: PROFILES.iter().map(|profile| format!("`{}`", profile.name)).collect::<Vec<_>>().join(", "),
    })
}

/// The receipt in a file's bytes.
fn receipt(path: &Path, bytes: &[u8]) -> Result<Receipt, Failure> {
    Receipt::decode(bytes).map_err(|source| Failure::Receipt { path: path.to_owned(), source })
}

/// The name of a receipt's profile.
fn profile_of(receipt: &Receipt) -> &'static str {
    Profile::by_id(receipt.profile).map_or("unknown", |profile| profile.name)
}
