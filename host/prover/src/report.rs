//! The report of a proof: what was proved, what it cost, and what the device did.

use galena_device::DeviceInfo;
use serde::Serialize;

use crate::clock::Spent;
use crate::ledger::{Cost, Entry, Place};
use crate::timeline::{Phase, PhaseCost};

/// Everything worth knowing about one proof. The receipt holds none of the times: its bytes do not depend on them.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The program, 64 hex digits.
    pub program_id: String,
    /// What the program ended with.
    pub exit_code: u8,
    /// What it wrote to descriptor 1, in hex.
    pub public_output: String,
    /// Instructions proved.
    pub cycles: u64,
    /// Proof parameters.
    pub profile: &'static str,
    /// Security of the proof in bits, as the verifier computed it.
    pub security_bits: u32,
    /// The assumption under which it has them.
    pub security_regime: String,
    /// Bytes of the receipt.
    pub receipt_bytes: usize,
    /// Threads of the proof.
    pub threads: usize,
    /// Columns and rows of every table.
    pub tables: Vec<Table>,
    /// What each phase cost.
    pub phases: Vec<PhaseCost>,
    /// All phases but the verification. CPU seconds without those that simulated a device.
    pub proving: Spent,
    /// The verification.
    pub verifying: Spent,
    /// Instructions / CPU seconds of `proving`.
    pub instructions_per_cpu_second: f64,
    /// The most memory the process ever held.
    pub peak_memory_bytes: Option<u64>,
    /// The device, if there was one.
    pub device: Option<DeviceUse>,
    /// Where every kernel call was computed.
    pub ledger: Vec<Entry>,
    /// Set when the proof computed with the device did not verify, and was made again on the CPU: why.
    pub discarded: Option<String>,
}

/// One table of the proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Table {
    /// The chip.
    pub chip: &'static str,
    /// Trace columns.
    pub columns: usize,
    /// Rows, padding included.
    pub rows: usize,
}

/// A device, and what it did for one proof.
#[derive(Clone, Debug, Serialize)]
pub struct DeviceUse {
    /// What it says about itself.
    #[serde(flatten)]
    pub info: DeviceInfo,
    /// All jobs together.
    pub total: Cost,
    /// Useful multiplies / (multipliers x cycles), over whole jobs. `None` where the device counts nothing.
    pub utilisation: Option<f64>,
    /// Kernel calls that failed on the device.
    pub faults: usize,
}

impl DeviceUse {
    /// The sum of a ledger.
    pub(crate) fn new(info: &DeviceInfo, ledger: &[Entry]) -> Self {
        let mut total = Cost::default();
        for entry in ledger {
            if let Place::Device(cost) = entry.place {
                total += cost;
            }
        }
        Self {
            info: info.clone(),
            total,
            utilisation: total.counters.utilisation(info.multipliers()),
            faults: ledger.iter().filter(|entry| entry.fault().is_some()).count(),
        }
    }
}

/// The cost of all phases but the verification, and of the verification.
pub(crate) fn sums(phases: &[PhaseCost]) -> (Spent, Spent) {
    let mut sums = (Spent::default(), Spent::default());
    for cost in phases {
        match cost.phase {
            Phase::Verify => sums.1 += cost.spent,
            _ => sums.0 += cost.spent,
        }
    }
    sums
}
