//! Why a simulation cannot be built, opened or run.

use std::path::PathBuf;

/// An error of the simulation: of a tool, of the design, or of a run.
#[derive(Debug, thiserror::Error)]
pub enum SimError {
    /// A tool of the project's environment is not there.
    #[error(transparent)]
    ToolMissing(#[from] galena_target::tools::ToolMissing),
    /// A program of the system is not there.
    #[error("expected the program `{program}`, found none; install it with: sudo apt-get install {package}")]
    ProgramMissing {
        /// Name of the program.
        program: String,
        /// Debian package that brings it.
        package: &'static str,
    },
    /// Waves were asked for, and the headers their compression needs are not installed.
    #[error(
        "waves need the header <{header}>, which is not installed; install it with: sudo apt-get install {package}, or run without waves"
    )]
    WavesUnavailable {
        /// The header.
        header: &'static str,
        /// Debian package that brings it.
        package: &'static str,
    },
    /// Verilator or yosys refused the design.
    #[error("{tool} refused `{top}`:\n{log}")]
    Refused {
        /// The tool.
        tool: &'static str,
        /// Top module.
        top: String,
        /// First lines of its log.
        log: String,
    },
    /// The C++ compiler failed on the model.
    #[error("the C++ compiler failed on the model of `{top}` ({file}):\n{log}")]
    Compile {
        /// Top module.
        top: String,
        /// File it stopped at.
        file: String,
        /// First lines of its log.
        log: String,
    },
    /// A line of the model's header that we cannot read: an unknown Verilator.
    #[error("expected a port declaration in the model's header, found `{line}`; this Verilator is not the pinned one")]
    Header {
        /// The line.
        line: String,
    },
    /// Files of the cache cannot be read or written.
    #[error("cannot {what} {}: {source}; GALENA_CACHE chooses another folder", path.display())]
    Cache {
        /// What was attempted.
        what: &'static str,
        /// Where.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The compiled model cannot be loaded.
    #[error("cannot load the compiled model {}: {reason}; remove the file and run again", path.display())]
    Load {
        /// The shared library.
        path: PathBuf,
        /// What the loader said.
        reason: String,
    },
    /// The design has no such port, or one of another shape.
    #[error("expected {expected} on `{top}`, found {found}")]
    Port {
        /// Top module.
        top: String,
        /// What the caller needs.
        expected: String,
        /// What the design has.
        found: String,
    },
    /// The model stopped itself: `$fatal`, a failed `$readmemh`, or a design that does not converge.
    #[error("the model of `{top}` stopped at cycle {cycle}: {message}")]
    Fatal {
        /// Top module.
        top: String,
        /// Clock cycle.
        cycle: u64,
        /// The model's message.
        message: String,
    },
    /// An output stream withdrew `valid` or changed its payload before it was accepted.
    #[error(
        "output stream `{stream}` of `{top}` broke the stream rule at cycle {cycle}: a beat that was offered and not accepted was withdrawn or changed"
    )]
    StreamRule {
        /// Top module.
        top: String,
        /// Stream prefix.
        stream: String,
        /// Clock cycle.
        cycle: u64,
    },
    /// A bus of the design did not answer.
    #[error("expected {what} from `{top}` within {clocks} clocks of cycle {cycle}, found nothing")]
    Bus {
        /// Top module.
        top: String,
        /// Clock cycle.
        cycle: u64,
        /// What should have come.
        what: &'static str,
        /// Clocks waited.
        clocks: u64,
    },
    /// The waves file cannot be opened, or the model was built without waves.
    #[error("cannot write waves to {}; the folder must exist and the model must be built with waves", path.display())]
    Waves {
        /// The file.
        path: PathBuf,
    },
    /// The generator could not print the design.
    #[error("cannot generate the core `{config}`: {reason}")]
    Generate {
        /// Config name.
        config: String,
        /// What the generator said.
        reason: String,
    },
    /// A circuit fault does not find its place.
    #[error("the circuit fault `{fault}` does not fit the module `{module}`: {what}; adapt sim/src/faults/table.rs")]
    Fault {
        /// Name of the fault.
        fault: String,
        /// The module it concerns.
        module: String,
        /// What is wrong.
        what: String,
    },
    /// Printed Verilog that the mutation technique cannot work on.
    #[error("cannot make mutants: {reason}")]
    Mutant {
        /// What is in the way.
        reason: String,
    },
}
