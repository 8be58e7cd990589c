//! What can go wrong, and the one place where a typed error becomes words for a person: the cause, then what to try.

use std::path::PathBuf;

use galena_constraints::statement::ProgramIdError;
use galena_constraints::{MachineError, ReceiptError, VerifyError};
use galena_device::DeviceError;
use galena_device::lab::LabError;
use galena_device::link::{CaptureError, ReplayError};
use galena_hdl::hasher::HasherError;
use galena_hdl::{CoreError, TopError};
use galena_prover::ProveError;
use galena_sim::plan::LineError;
use galena_sim::wave::WaveError;
use galena_target::flow::{FlowError, Stale};
use galena_target::{BoardError, ConfigError};
use galena_vm::{ElfError, ExecuteError};
use thiserror::Error;

/// Why a command failed.
#[derive(Debug, Error)]
pub(crate) enum Failure {
    #[error("cannot read `{}`: {source}", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("cannot write `{}`: {source}", path.display())]
    Write { path: PathBuf, source: std::io::Error },
    #[error("cannot load `{}`: {source}", path.display())]
    Elf { path: PathBuf, source: ElfError },
    #[error("`{}` cannot be proved: {source}", path.display())]
    Machine { path: PathBuf, source: MachineError },
    #[error(transparent)]
    Execute(#[from] ExecuteError),
    #[error(transparent)]
    Prove(Box<ProveError>),
    #[error("cannot read the receipt `{}`: {source}", path.display())]
    Receipt { path: PathBuf, source: ReceiptError },
    #[error("`{}` is not valid: {source}", path.display())]
    Verify { path: PathBuf, source: VerifyError },
    #[error(transparent)]
    ProgramId(ProgramIdError),
    #[error("expected one of the profiles {known}, found `{name}`")]
    Profile { name: String, known: String },
    #[error(transparent)]
    Config(Box<ConfigError>),
    #[error("cannot generate the verilog of `{config}`: {source}")]
    Generate { config: String, source: Box<CoreError> },
    #[error("config `{config}`: {source}")]
    Line { config: String, source: LineError },
    #[error("config `{config}`: {source}")]
    Core { config: String, source: HasherError },
    #[error("device `{selector}`: {source}")]
    Device { selector: String, source: Box<DeviceError> },
    #[error(transparent)]
    Lab(#[from] LabError),
    #[error("expected one device for {option}, found {found}")]
    OneDevice { option: &'static str, found: usize },
    #[error("{} not compute what {} should", does(devices), if devices.len() == 1 { "it" } else { "they" })]
    Selftest { devices: Vec<String> },
    #[error("device `{selector}` cannot be recovered from here: {source}")]
    Unrecovered { selector: String, advice: &'static str, source: Box<DeviceError> },
    #[error("cannot read the capture `{}`: {source}", path.display())]
    Capture { path: PathBuf, source: Box<CaptureError> },
    #[error(transparent)]
    Replay(Box<ReplayError>),
    #[error("expected `model[:CONFIG]` or `sim[:CONFIG]` to replay to, found `{found}`")]
    Stage { found: String },
    #[error("the capture is of a config that this host does not know, with the hash {hash}")]
    UnknownCapture { hash: String },
    #[error("the replay differs from the capture: {difference}")]
    Differs { difference: String },
    #[error("expected a device that keeps registers, found `{device}`")]
    NoRegisters { device: String },
    #[error("cannot measure {what}: {detail}")]
    Bench { what: String, detail: String },
    #[error("cannot serve the board: {0}")]
    Serve(#[from] galena_sim::serve::ServeError),
    #[error(transparent)]
    Wave(#[from] WaveError),
    #[error(transparent)]
    Board(Box<BoardError>),
    #[error("cannot generate the top module of `{board}`: {source}")]
    Top { board: String, source: Box<TopError> },
    #[error(transparent)]
    Flow(Box<FlowError>),
    #[error(transparent)]
    Stale(Stale),
    #[error("expected a manifest in `{}`, found none", path.display())]
    NoManifest { path: PathBuf },
    #[error("expected the commit of the manifest in hexadecimal, found `{found}`")]
    ManifestHash { found: String },
    #[error("expected the bitstream of the manifest, with the sha256 {expected}, found {found}")]
    OtherBits { expected: String, found: String },
    #[error(
        "expected a clean working copy for a manifest, found changes: the commit would not say what the bitstream is"
    )]
    DirtyManifest,
    #[error("expected the {part} with the idcode {expected:#010x} on the board, found {found}")]
    WrongPart { part: String, expected: u32, found: String },
    #[error(
        "expected a board that Vivado builds, found `{board}` with its {part}; try `galena bitstream build --board {board}`"
    )]
    OpenFlow { board: String, part: String },
    #[error("expected a board that openFPGALoader loads, found `{board}`")]
    NoLoader { board: String },
    #[error("cannot run openFPGALoader: {source}")]
    Loader { source: std::io::Error },
    #[error("openFPGALoader did not load `{board}`: {status}")]
    NotLoaded { board: String, status: String },
    #[error("cannot write the report as json: {0}")]
    Json(serde_json::Error),
    #[error("cannot start {threads} threads: {source}")]
    Threads { threads: u16, source: rayon::ThreadPoolBuildError },
}

fn does(devices: &[String]) -> String {
    let names: Vec<_> = devices.iter().map(|device| format!("`{device}`")).collect();
    let (noun, verb) = if devices.len() == 1 { ("device", "does") } else { ("devices", "do") };
    format!("{noun} {} {verb}", names.join(", "))
}

impl Failure {
    pub(crate) fn board(error: BoardError) -> Self {
        Self::Board(Box::new(error))
    }
}

impl From<FlowError> for Failure {
    fn from(error: FlowError) -> Self {
        Self::Flow(Box::new(error))
    }
}

impl From<ProveError> for Failure {
    fn from(error: ProveError) -> Self {
        Self::Prove(Box::new(error))
    }
}

/// What to try, where there is something that the message does not already say.
fn hint(failure: &Failure) -> Option<&'static str> {
    use std::io::ErrorKind::{NotFound, PermissionDenied};
    Some(match failure {
        Failure::Read { source, .. } if source.kind() == NotFound => "check the path; `-` reads an input from stdin",
        Failure::Read { source, .. } if source.kind() == PermissionDenied => "check the permissions with `ls -l`",
        Failure::Write { source, .. } if source.kind() == NotFound => "create the folder first",
        Failure::Write { source, .. } if source.kind() == PermissionDenied => "choose a folder you may write to",
        Failure::Elf { .. } => "programs are statically linked RV32IM executables; vm/README.md shows how to build one",
        Failure::Receipt { .. } => {
            "`galena prove PROG.elf -o FILE` writes receipts; copy it again if it was damaged on the way"
        }
        Failure::Verify { .. } => "`galena inspect` says what the receipt claims; do not rely on it",
        Failure::Config(_) | Failure::Profile { .. } => {
            "`galena hdl list` lists the configs, `galena prove --help` the profiles"
        }
        Failure::Device { source, .. } => match **source {
            DeviceError::Selector { .. } => "`galena device list` lists what can be opened here",
            DeviceError::Open { .. } => "`galena doctor` says what this machine lacks",
            _ => "`galena device selftest` tries every kernel; `--device cpu` needs no device",
        },
        Failure::Lab(LabError::Unknown { .. } | LabError::Empty { .. }) => {
            "`galena device list` lists what can be opened here"
        }
        Failure::Unrecovered { advice, .. } => advice,
        Failure::Capture { .. } => "`--capture FILE` of the device commands and of `prove` writes captures",
        Failure::UnknownCapture { .. } => "name a config that is near enough with --device sim:CONFIG",
        Failure::Differs { .. } => {
            "the recorded device or its link was faulty, or these sources compute something else: `--device model` is a second opinion"
        }
        Failure::OneDevice { .. } => "open them one at a time",
        Failure::NoRegisters { .. } => "registers are kept by hardware, simulated or real: `--device sim` has them",
        Failure::Selftest { .. } => {
            "rebuild it from these sources, or use `--device cpu`; receipts are verified either way"
        }
        Failure::Prove(error) if matches!(**error, ProveError::Device(_) | ProveError::Idle { .. }) => {
            "leave out --require-device to compute on the cpu what the device cannot"
        }
        Failure::Wave(WaveError::Unknown { .. }) => {
            "a kernel runs on a core, with --config; a circuit of the table of blocks alone, with --block"
        }
        Failure::Board(_) => "`galena board list` lists the boards and their configs",
        Failure::Flow(error) if matches!(**error, FlowError::Fit { .. }) => {
            "`galena board list` says what the boards have; choose a smaller config"
        }
        Failure::Line { .. } => "leave out --baud for the fastest rate that fits",
        Failure::NoManifest { .. } => {
            "run it from the root of the project; `galena bitstream build --manifest` writes one"
        }
        Failure::OtherBits { .. } => "build it again; if it differs still, the tools are not the pinned ones",
        Failure::DirtyManifest => "commit first, then build with --manifest, then commit the manifest",
        Failure::WrongPart { .. } => {
            "name the board that is plugged in; a wrong bitstream would load and do nothing, or harm"
        }
        Failure::Loader { .. } => "install it with: sudo apt-get install openfpgaloader",
        Failure::NotLoaded { .. } => {
            "its own message is above; check the cable, and the permissions with `galena doctor`"
        }
        Failure::Threads { .. } => "ask for fewer with --threads",
        _ => return None,
    })
}

/// Says on stderr what went wrong and what to try.
pub(crate) fn tell(failure: &Failure) {
    use std::io::IsTerminal;
    let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let (red, dim, reset) = if colour { ("\x1b[1;31m", "\x1b[2m", "\x1b[0m") } else { ("", "", "") };
    eprintln!("{red}error:{reset} {failure}");
    if let Some(hint) = hint(failure) {
        eprintln!("{dim} hint:{reset} {hint}");
    }
}
