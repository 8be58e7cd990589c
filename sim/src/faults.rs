//! Faults of the circuit, for the fault campaign: one build of a config in which any of a table of faults can be armed while it runs.
//!
//! The faults are put into the printed Verilog by substitutions. Each names the module it concerns, the text that must be there exactly once, and what
//! stands there instead; text that is not there, or there twice, is an error, so a generator that changes cannot make a fault vanish in silence.
//! Two inputs are added to the top module: `fault`, the number of the fault (0: none), and `fault_after`, the clocks after which it begins.

mod table;

use crate::device::{SimDevice, build};
use crate::verilated::{Model, StallPattern};
use crate::{SimError, SimTransport};
use galena_device::link::LinkDevice;
use galena_device::{Canceller, Device, DeviceError, DeviceInfo, Job, Output};
use galena_hdl::poseidon2::{Layout, Shape};
use galena_hdl::{CORE_TOP, VerilogFile};
use galena_target::register::REGISTER_WORDS;
use galena_target::{Config, Link};

pub use table::RTL_FAULTS;

/// A fault of the circuit: a row of [`RTL_FAULTS`].
#[derive(Clone, Copy, Debug)]
pub struct RtlFault {
    /// Its name.
    pub name: &'static str,
    /// One sentence.
    pub doc: &'static str,
    /// The beginning of the name of the module that has it; the parameters in the name follow.
    pub module: &'static str,
    /// What configs have that module.
    pub only: Only,
    /// What is changed there.
    edits: &'static [Edit],
}

/// Which configs a fault exists in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Only {
    /// All of them.
    Every,
    /// Those with this link.
    Link(Link),
    /// Those with device memory.
    Memory,
    /// Those whose transform has one butterfly a column, and so one memory for each of its tables.
    OneTable,
    /// Those whose Poseidon2 engine is folded: few S-boxes, shared by many permutations.
    Folded,
}

/// A substitution: `old` must be in the module exactly once. In `new`, `$ON` is true while the fault is there, and `$OLD` is the old text.
#[derive(Clone, Copy, Debug)]
struct Edit {
    old: &'static str,
    new: &'static str,
}

impl RtlFault {
    /// Whether a config's core has the part that this fault damages.
    pub fn concerns(&self, config: &Config) -> bool {
        match self.only {
            Only::Every => true,
            Only::Link(link) => config.link == link,
            Only::Memory => config.log_memory != 0,
            Only::OneTable => config.lanes <= 8,
            Only::Folded => Shape::new(16, config.multipliers).is_ok_and(|s| matches!(s.layout, Layout::Folded(_))),
        }
    }

    /// Its number on the input `fault`.
    fn number(&self) -> u32 {
        RTL_FAULTS.iter().position(|row| row.name == self.name).map_or(0, |at| at as u32 + 1)
    }

    fn on(&self) -> String {
        format!("({CORE_TOP}.fault_live && {CORE_TOP}.fault == 8'd{})", self.number())
    }
}

/// The files of a config's core with every fault of the table that concerns it, asleep.
pub fn instrument(config: &Config, files: &[VerilogFile]) -> Result<Vec<VerilogFile>, SimError> {
    let mut files = files.to_vec();
    edit(
        &mut files,
        CORE_TOP,
        "fault inputs",
        "    input wire ",
        "    input wire [7:0] fault,\n    input wire [31:0] fault_after,\n$OLD",
        true,
    )?;
    let counter = "
    reg [31:0] fault_clock = 32'd0;
    reg  [7:0] fault_seen  = 8'd0;
    wire       fault_live  = fault == fault_seen && fault_clock >= fault_after;

    always @(posedge clk) begin
        fault_seen  <= fault;
        fault_clock <= fault != fault_seen ? 32'd0 : fault_live ? fault_clock : fault_clock + 1'b1;
    end
endmodule";
    edit(&mut files, CORE_TOP, "fault inputs", "\nendmodule", counter, false)?;
    for fault in RTL_FAULTS.iter().filter(|fault| fault.concerns(config)) {
        for change in fault.edits {
            edit(&mut files, fault.module, fault.name, change.old, &change.new.replace("$ON", &fault.on()), false)?;
        }
    }
    Ok(files)
}

/// Replaces `old` in the one file whose module's name begins with `module`. With `first` it may be there more than once, and the first is replaced.
fn edit(
    files: &mut [VerilogFile],
    module: &str,
    fault: &str,
    old: &str,
    new: &str,
    first: bool,
) -> Result<(), SimError> {
    let refuse = |what: String| SimError::Fault { fault: fault.into(), module: module.into(), what };
    let named = |file: &&mut VerilogFile| {
        let rest = file.name.strip_prefix(module).and_then(|rest| rest.strip_suffix(".v"));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
    };
    let mut found: Vec<&mut VerilogFile> = files.iter_mut().filter(named).collect();
    let [file] = found.as_mut_slice() else {
        return Err(refuse(format!("expected one module of that name, found {}", found.len())));
    };
    match (file.text.matches(old).count(), first) {
        (1, _) | (1.., true) => {
            file.text = file.text.replacen(old, &new.replace("$OLD", old), 1);
            Ok(())
        }
        (count, _) => Err(refuse(format!("expected `{old}` once, found it {count} times"))),
    }
}

/// Arms a fault in a model of an instrumented core: it begins `after` clocks from now and stays until another is armed, or none.
pub fn arm(model: &mut Model, fault: &RtlFault, after: u32) -> Result<(), SimError> {
    let [number, clocks] = [model.port("fault")?, model.port("fault_after")?];
    model.set_u32(clocks, after);
    model.set_u32(number, fault.number());
    Ok(())
}

/// Takes the fault away. What it has done stays done.
pub fn disarm(model: &mut Model) -> Result<(), SimError> {
    let number = model.port("fault")?;
    model.set_u32(number, 0);
    Ok(())
}

/// A simulated device whose circuit can be damaged while it works.
pub struct FaultySim {
    device: SimDevice,
}

/// Opens a config's core with every circuit fault in it, asleep.
pub fn open_faulty(config: &Config) -> Result<FaultySim, DeviceError> {
    let selector = format!("sim:{}", config.name);
    let failed = |source: SimError| DeviceError::Open { selector: selector.clone(), source: source.into() };
    let model = build(config, true).and_then(|build| build.open()).map_err(failed)?;
    let transport = SimTransport::new(model, config, StallPattern::NONE, StallPattern::NONE).map_err(failed)?;
    Ok(FaultySim { device: LinkDevice::open(&selector, transport)? })
}

impl FaultySim {
    /// See [`arm`].
    pub fn arm(&mut self, fault: &RtlFault, after: u32) -> Result<(), SimError> {
        arm(self.device.transport_mut().model_mut(), fault, after)
    }

    /// See [`disarm`].
    pub fn disarm(&mut self) -> Result<(), SimError> {
        disarm(self.device.transport_mut().model_mut())
    }

    /// Clocks simulated so far.
    pub fn cycles(&self) -> u64 {
        self.device.transport().cycles()
    }
}

impl Device for FaultySim {
    fn info(&self) -> &DeviceInfo {
        self.device.info()
    }

    fn run(&mut self, job: &Job<'_>) -> Result<Output, DeviceError> {
        self.device.run(job)
    }

    fn recover(&mut self) -> Result<(), DeviceError> {
        self.device.recover()
    }

    fn registers(&mut self) -> Result<Option<[u32; REGISTER_WORDS]>, DeviceError> {
        Device::registers(&mut self.device)
    }

    fn canceller(&self) -> Option<Canceller> {
        self.device.canceller()
    }
}
