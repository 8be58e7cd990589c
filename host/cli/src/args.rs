//! The command line: what can be typed, and what `--help` says about it.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueHint};

/// Instructions a program may execute before `galena run` gives up.
const DEFAULT_MAX_CYCLES: u64 = 1 << 34;

/// Prove that a RISC-V program ran correctly, with the heavy part on an FPGA.
///
/// A device is `cpu`, `sim[:CONFIG]` (the generated Verilog, simulated), `serial[:PATH]`, `pcie[:PATH]`, a name of the lab file, or
/// several of these with commas between them. The proof is the same whichever computed it.
/// Exit codes: 0 done, 1 failed, 2 usage; `run` exits with the program's own.
#[derive(Debug, Parser)]
#[command(name = "galena", version, max_term_width = 110)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Execute a program: its output to stdout, a report to stderr
    Run(Run),
    /// Execute a program and prove it: a receipt
    Prove(Prove),
    /// Check a receipt. No device code involved
    Verify(Verify),
    /// Say what a receipt claims, without checking it
    Inspect(Inspect),
    /// The generated Verilog
    #[command(subcommand)]
    Hdl(Hdl),
    /// Devices that can compute a proof
    #[command(subcommand)]
    Device(Device),
    /// Boards that a bitstream can be built for
    #[command(subcommand)]
    Board(BoardCommand),
    /// Bitstreams: build them, load them
    #[command(subcommand)]
    Bitstream(Bitstream),
    /// Simulated boards
    #[command(subcommand)]
    Sim(Sim),
    /// Say what this machine has, what is missing, and how to install it
    Doctor(Doctor),
    /// Measure proving and the simulated hardware
    Bench(Bench),
}

/// A program and what it reads.
#[derive(Debug, ClapArgs)]
pub(crate) struct Guest {
    /// A statically linked RV32IM executable (ELF)
    #[arg(value_name = "PROG.elf", value_hint = ValueHint::FilePath)]
    pub program: PathBuf,
    /// What it reads from descriptor 0; `-` is stdin [default: nothing]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub input: Option<PathBuf>,
}

/// How devices are opened.
#[derive(Clone, Debug, Default, ClapArgs)]
#[command(next_help_heading = "Opening the device")]
pub(crate) struct Opening {
    /// The lab file, which gives devices names [default: $GALENA_LAB, ./galena-lab.toml, ~/.config/galena/lab.toml]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub lab: Option<PathBuf>,
    /// Seconds without anything moving on its link after which a device counts as silent [default: 2]
    #[arg(long, value_name = "SECONDS", value_parser = deadline)]
    pub deadline: Option<Duration>,
    /// Never a faster rate than this on a serial line
    #[arg(long, value_name = "BITS/S", value_parser = clap::value_parser!(u32).range(1..))]
    pub max_baud: Option<u32>,
    /// Record everything on the link in this file, for `galena device replay`
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub capture: Option<PathBuf>,
    /// Write every signal of a simulated device to this file (FST, for GTKWave). Slow, and large: choose a small job
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub waves: Option<PathBuf>,
}

/// Longest deadline that makes sense, in seconds: more is a typing error.
const DEADLINE_MAX: f64 = 3600.0;

fn deadline(text: &str) -> Result<Duration, String> {
    match text.parse::<f64>() {
        Ok(seconds) if seconds > 0.0 && seconds <= DEADLINE_MAX => Ok(Duration::from_secs_f64(seconds)),
        _ => Err(format!("expected seconds, above 0 and up to {DEADLINE_MAX}")),
    }
}

/// Devices, and how they are opened.
#[derive(Debug, ClapArgs)]
pub(crate) struct Target {
    /// cpu, sim[:CONFIG], serial[:PATH], pcie[:PATH], a name of the lab file; or several, with commas between them
    #[arg(long, value_name = "DEVICE")]
    pub device: String,
    #[command(flatten)]
    pub opening: Opening,
    /// Report as JSON: an object, or for several devices an array of them
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Run {
    #[command(flatten)]
    pub guest: Guest,
    /// Give up after this many instructions and bytes read or written
    #[arg(long, value_name = "N", default_value_t = DEFAULT_MAX_CYCLES)]
    pub max_cycles: u64,
    /// Say where the cycles went, by function and by chip
    #[arg(long)]
    pub profile: bool,
    /// Report as JSON
    #[arg(long)]
    pub json: bool,
    /// Write the report to a file (as JSON), instead of stderr
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Prove {
    #[command(flatten)]
    pub guest: Guest,
    /// Where to compute: cpu, sim[:CONFIG], serial[:PATH], pcie[:PATH], a name of the lab file; or several, with commas between them
    #[arg(long, value_name = "DEVICE", default_value = "cpu")]
    pub device: String,
    /// The receipt
    #[arg(long, short, value_name = "FILE")]
    pub output: PathBuf,
    /// Write beside the receipt where it was computed: devices, their configs, bitstreams and tools. No proof depends on it
    #[arg(long, value_name = "FILE")]
    pub sidecar: Option<PathBuf>,
    /// Proof parameters
    #[arg(long, value_name = "NAME", default_value = "standard")]
    pub profile: String,
    /// Fail when the device fails, instead of recomputing on the CPU
    #[arg(long)]
    pub require_device: bool,
    /// Give the device only tables of at most 2^N rows, below its own limit, and proofs of work of at most N bits; the rest stays on the CPU
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(..=27))]
    pub offload_rows: Option<u8>,
    /// Recompute N random digests of every layer that a device returns, compare every extension at N/8 random points, and try N of
    /// the candidates that a proof of work passed over; 0: none of these
    #[arg(long, value_name = "N", default_value_t = galena_prover::CHECK_SAMPLES)]
    pub check_samples: usize,
    /// Keep digests in the memory of a device that has one until they are opened
    #[arg(long, value_name = "BOOL", default_value_t = true, action = clap::ArgAction::Set)]
    pub resident: bool,
    #[command(flatten)]
    pub opening: Opening,
    /// Threads [default: one for each processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub threads: Option<u16>,
    /// Report as JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Verify {
    /// The receipt
    #[arg(value_name = "RECEIPT", value_hint = ValueHint::FilePath)]
    pub receipt: PathBuf,
    /// The program that must have run: its ELF file, or its id (64 hex digits)
    #[arg(long, value_name = "PROG.elf|ID", value_hint = ValueHint::FilePath)]
    pub program: String,
    /// The exit code it must have ended with [default: any, and say which]
    #[arg(long, value_name = "N")]
    pub exit_code: Option<u8>,
    /// A file that its public output must equal [default: any, and print it]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: Option<PathBuf>,
    /// Report as JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Inspect {
    /// The receipt
    #[arg(value_name = "RECEIPT", value_hint = ValueHint::FilePath)]
    pub receipt: PathBuf,
    /// Report as JSON
    #[arg(long)]
    pub json: bool,
}

/// The generated Verilog.
#[derive(Debug, Subcommand)]
pub(crate) enum Hdl {
    /// Write the Verilog of a config, of a circuit alone, or of a board's bitstream: one module a file
    Emit {
        /// Which config (see `galena hdl list`)
        #[arg(long, value_name = "CONFIG", required_unless_present = "block")]
        config: Option<String>,
        /// Which circuit of the table of blocks, instead of a config: `hasher`
        #[arg(long, value_name = "BLOCK", conflicts_with_all = ["config", "board"])]
        block: Option<String>,
        /// Which of its sizes: `k16-tree` [default: its smallest]
        #[arg(long, value_name = "POINT", requires = "block")]
        point: Option<String>,
        /// With the top module of this board around the config's core: PLL, reset, pins
        #[arg(long, value_name = "BOARD", requires = "config")]
        board: Option<String>,
        /// A folder; it is created, and files of other configs in it are left alone
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// List the configs, or the circuits
    List {
        /// The circuits and their sizes, instead of the configs
        #[arg(long)]
        blocks: bool,
        /// Report as JSON
        #[arg(long)]
        json: bool,
    },
}

/// Boards that a bitstream can be built for.
#[derive(Debug, Subcommand)]
pub(crate) enum BoardCommand {
    /// List the boards, and the configs meant for them
    List {
        /// Report as JSON
        #[arg(long)]
        json: bool,
        /// The table of bitstreams/README.md
        #[arg(long, conflicts_with = "json")]
        markdown: bool,
    },
    /// Say what proving a program would take with a board, before there is one: by default with each of the table
    Plan(BoardPlan),
    /// Write a page for every board and config: area, clock over seeds, throughput, what bounds it
    Report {
        /// Where the pages go
        #[arg(long, value_name = "DIR", default_value = "docs/boards", value_hint = ValueHint::DirPath)]
        out: PathBuf,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct BoardPlan {
    #[command(flatten)]
    pub guest: Guest,
    /// With this board [default: with each]
    #[arg(long, value_name = "BOARD")]
    pub board: Option<String>,
    /// With this config [default: each that is meant for the board]
    #[arg(long, value_name = "CONFIG")]
    pub config: Option<String>,
    /// With every board of the table
    #[arg(long, conflicts_with_all = ["board", "config"])]
    pub all: bool,
    /// Rate of a serial line [default: the fastest up to 3,000,000 that config and host agree on]
    #[arg(long, value_name = "BITS/S")]
    pub baud: Option<u32>,
    /// Proof parameters
    #[arg(long, value_name = "NAME", default_value = "standard")]
    pub profile: String,
    /// Report as JSON
    #[arg(long)]
    pub json: bool,
}

/// Bitstreams: build them, load them.
#[derive(Debug, Subcommand)]
pub(crate) enum Bitstream {
    /// Build one: synthesise, place and route, pack. With the seed and the commit of its manifest, where there is one of these sources
    Build(BitstreamBuild),
    /// Load one by openFPGALoader, once its manifest and the part have been checked
    Flash(BitstreamFlash),
    /// Place and route with many seeds: how fast the clock can be
    Sweep(BitstreamSweep),
    /// Write what Vivado builds one from, for the boards that it builds: Verilog, a script, constraints. Vivado is not run
    Script(BitstreamScript),
}

/// Which bitstream.
#[derive(Debug, ClapArgs)]
pub(crate) struct Wanted {
    /// Which board (see `galena board list`)
    #[arg(long, value_name = "BOARD")]
    pub board: String,
    /// Which of its configs [default: its usual one]
    #[arg(long, value_name = "CONFIG")]
    pub config: Option<String>,
    /// Where it is built, or written [default: target/bitstreams/BOARD/CONFIG]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub out: Option<PathBuf>,
    /// Report as JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct BitstreamBuild {
    #[command(flatten)]
    pub wanted: Wanted,
    /// Seed of place and route [default: the manifest's, or 1]
    #[arg(long, value_name = "N")]
    pub seed: Option<u32>,
    /// Fail unless there is a manifest of these sources and tools, and its bits come out
    #[arg(long, conflicts_with_all = ["seed", "manifest"])]
    pub locked: bool,
    /// Write the manifest; from a clean working copy only
    #[arg(long)]
    pub manifest: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct BitstreamScript {
    #[command(flatten)]
    pub wanted: Wanted,
    /// The core alone, without pins, IP and bitstream: its area and its clock on the part
    #[arg(long)]
    pub out_of_context: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct BitstreamFlash {
    #[command(flatten)]
    pub wanted: Wanted,
    /// The bitstream [default: the one that `build` leaves]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: Option<PathBuf>,
    /// Into the board's flash memory, where it stays without power
    #[arg(long)]
    pub permanent: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct BitstreamSweep {
    #[command(flatten)]
    pub wanted: Wanted,
    /// How many seeds
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub seeds: u32,
    /// The first seed
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub first: u32,
    /// Record every seed in bitstreams/boards/BOARD/CONFIG.sweep.toml; those that are there of the same netlist are not placed again
    #[arg(long)]
    pub record: bool,
}

/// Devices that can compute a proof.
#[derive(Debug, Subcommand)]
pub(crate) enum Device {
    /// List the devices there are, and what keeps this user from opening them
    List {
        /// The lab file, which gives devices names [default: $GALENA_LAB, ./galena-lab.toml, ~/.config/galena/lab.toml]
        #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
        lab: Option<PathBuf>,
        /// Report as JSON
        #[arg(long)]
        json: bool,
    },
    /// Open a device and say what it says about itself
    Info(Target),
    /// Run every kernel on known and on random data, and compare: exit code 1 if anything differs
    Selftest(Target),
    /// Measure every kernel: jobs and bytes per second, the link against the computation, and their overlap
    Bench {
        #[command(flatten)]
        target: Target,
        /// log2 of the rows of the jobs, at most; a device's own limit may be lower [default: 10, and 6 on serial lines]
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(2..=20))]
        log_rows: Option<u8>,
        /// Run each kernel's job for at least so many seconds of wall time
        #[arg(long, value_name = "SECONDS", default_value_t = 0.5)]
        seconds: f64,
    },
    /// Say what a device has done since its last reset: uptime, load, stalls, jobs, errors
    Stats(Target),
    /// Bring a device back that went wrong, by the mildest means that works, and say which; or that it cannot be
    Recover(Target),
    /// Feed what a host sent, as `--capture` has recorded it, to a simulation, and compare the answers with those recorded
    Replay {
        /// The file that `--capture` wrote
        #[arg(value_name = "CAPTURE", value_hint = ValueHint::FilePath)]
        capture: PathBuf,
        /// model[:CONFIG] (the protocol's model in software), sim[:CONFIG] (the Verilog); without CONFIG: that of the recorded device
        #[arg(long, value_name = "DEVICE", default_value = "sim")]
        device: String,
        /// Report as JSON
        #[arg(long)]
        json: bool,
    },
}

/// Simulated boards.
#[derive(Debug, Subcommand)]
pub(crate) enum Sim {
    /// Put a simulated board where any host can open it: behind a serial port, or as the device files of a PCIe card
    Serve(Serve),
    /// Record a small job signal by signal: FST waves, a save file for GTKWave, and a picture of its first beats
    Wave(Wave),
    /// List the faults that a simulated board can be given
    Faults {
        /// Report as JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, ClapArgs)]
#[command(group(clap::ArgGroup::new("circuit").required(true)))]
pub(crate) struct Wave {
    /// A kernel (`lde`, `commit`, ...), or with --block a circuit of the table of blocks
    #[arg(value_name = "KERNEL")]
    pub name: String,
    /// The config whose core runs the kernel (see `galena hdl list`)
    #[arg(long, value_name = "CONFIG", group = "circuit")]
    pub config: Option<String>,
    /// The circuit alone instead of a core, with these parameters; without POINT the smallest
    #[arg(long, value_name = "POINT", group = "circuit", num_args = 0..=1, default_missing_value = "")]
    pub block: Option<String>,
    /// A folder for the files; it is created
    #[arg(long, value_name = "DIR", default_value = ".", value_hint = ValueHint::DirPath)]
    pub out: PathBuf,
}

#[derive(Debug, ClapArgs)]
#[command(group(clap::ArgGroup::new("port").required(true)))]
pub(crate) struct Serve {
    /// Which config (see `galena hdl list`)
    #[arg(long, value_name = "CONFIG")]
    pub config: String,
    /// A link that will point to the board's serial port: a pseudo-terminal. For configs with a uart
    #[arg(long, value_name = "LINK", group = "port", value_hint = ValueHint::FilePath)]
    pub pty: Option<PathBuf>,
    /// A folder for xdma0_h2c_0, xdma0_c2h_0 and xdma0_user, as Xilinx's driver has them. For PCIe configs; needs FUSE
    #[arg(long, value_name = "DIR", group = "port", value_hint = ValueHint::DirPath)]
    pub xdma: Option<PathBuf>,
    /// The protocol's model in software instead of the Verilog: starts at once, needs no Verilator
    #[arg(long, conflicts_with = "waves")]
    pub model: bool,
    /// Write every signal to this file (FST, for GTKWave). Slow, and large
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub waves: Option<PathBuf>,
    /// Damage the board, from so many clocks on (see `galena sim faults`)
    #[arg(long, value_name = "NAME[@CLOCKS]")]
    pub fault: Vec<String>,
    /// End when the host closes the port
    #[arg(long)]
    pub once: bool,
    /// Milliseconds of the board's time that the USB adapter holds received bytes back
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u32).range(..=255), requires = "pty")]
    pub latency_ms: u32,
    /// Seconds after which the driver gives a transfer up, and its engine is stuck
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = deadline, requires = "xdma")]
    pub timeout: Duration,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Doctor {
    /// Report as JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Bench {
    /// Smallest sizes only
    #[arg(long)]
    pub quick: bool,
    /// The simulated config whose utilisation is measured
    #[arg(long, value_name = "CONFIG")]
    pub config: Option<String>,
    /// Report as JSON
    #[arg(long)]
    pub json: bool,
    /// Write the report as JSON to a file, too
    #[arg(long, value_name = "FILE")]
    pub json_file: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_line_is_consistent() {
        <super::Args as clap::CommandFactory>::command().debug_assert();
    }
}
