//! Whole cores in Verilator, spoken to through their link and nothing else: every kernel against a software endpoint that was written from
//! ABI.md, every error code, recovery from whatever the link may bring, the serial config, utilisation of whole jobs, lint and yosys.

mod faults;
mod host;
mod jobs;
mod measure;
mod serial;
mod synthesis;
