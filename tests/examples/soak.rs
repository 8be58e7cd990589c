//! The long soak: 1,000 jobs back to back on each device, one in three struck by a fault at random, and what the process held before and
//! after. `make soak`. Exit code 1 if memory, descriptors or threads grew, or a job was not right.

use std::process::ExitCode;

use galena_tests::campaign::proof::Proof;
use galena_tests::campaign::soak::{BYTES, JOBS, soak};
use galena_tests::campaign::stand::{Kind, Stand};
use galena_tests::campaign::tape::Tape;
use galena_tests::campaign::{config, seed};

fn main() -> ExitCode {
    let tape = Tape::record(&Proof::new(), config(), 4);
    let mut code = ExitCode::SUCCESS;
    for kind in [Kind::Model, Kind::Verilog] {
        let soaked = Stand::open(kind)
            .map_err(|error| error.to_string())
            .and_then(|mut stand| soak(&mut stand, &tape, JOBS, seed()))
            .and_then(|soaked| soaked.grew(BYTES).map(|()| soaked));
        match soaked {
            Ok(soaked) => println!(
                "{}: {} jobs, {} of them struck by a fault; {:?} before, {:?} after",
                kind.name(),
                soaked.jobs,
                soaked.struck,
                soaked.before,
                soaked.after
            ),
            Err(what) => {
                eprintln!("{}, seed {}: {what}", kind.name(), seed());
                code = ExitCode::FAILURE;
            }
        }
    }
    code
}
