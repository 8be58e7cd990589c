//! Whole cores in Verilator, spoken to through their link and nothing else: every kernel against the integer models, every error code,
//! flow control and the watchdog, recovery from whatever the link may bring, the serial config, utilisation of whole jobs, lint and yosys.

mod faults;
mod flow;
mod jobs;
mod kept;
mod measure;
mod searches;
mod serial;
mod synthesis;

use galena_sim::verify::{host, oracle};
