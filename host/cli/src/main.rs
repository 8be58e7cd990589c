//! The galena command: proves that RISC-V programs ran correctly, with the heavy part on hardware it generates itself.
//!
//! Exit codes: 0 done, 1 failed, 2 usage. `galena run` exits with the program's own exit code.

mod args;
mod cmd;
mod drivers;
mod failure;
mod files;
mod progress;
mod table;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let args = args::Args::parse();
    match cmd::dispatch(args.command) {
        Ok(code) => code,
        Err(failure) => {
            failure::tell(&failure);
            ExitCode::from(1)
        }
    }
}
