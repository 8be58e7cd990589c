//! The report of a proof: what was proved, what it cost, and what the device did.

use galena_device::DeviceInfo;
use serde::Serialize;

use crate::clock::Spent;
use crate::lane::Lane;
use crate::ledger::{Cost, Entry, Place, Share};
use crate::spot::Checks;
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
    /// The devices, in the order they were given.
    pub devices: Vec<DeviceUse>,
    /// How the devices' answers were checked, if there were devices.
    pub checks: Option<CheckReport>,
    /// What devices did for each commitment, and what it took of the link.
    pub shares: Vec<Share>,
    /// Where every kernel call, or each of its parts, was computed.
    pub ledger: Vec<Entry>,
    /// Set when the proof computed with devices did not verify, and was made again on the CPU: why.
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
    /// Jobs that were parts of a kernel call: what was shared out, or cut because it was too large.
    pub parts: u64,
    /// Useful multiplies / (multipliers x cycles), over whole jobs. `None` where the device counts nothing.
    pub utilisation: Option<f64>,
    /// Clocks in which neither input nor output held a job up / all clocks of its jobs. `None` where none are counted.
    pub unstalled: Option<f64>,
    /// Bytes on the link to the device and back, a second of its jobs' wall time. `None` where there is no link.
    pub achieved_bytes_per_second: Option<[f64; 2]>,
    /// What the link can carry each way, if known.
    pub link_bytes_per_second: Option<f64>,
    /// Faults, cured or not.
    pub faults: usize,
}

impl DeviceUse {
    /// The sum of a ledger, for the device at this place of the list.
    pub(crate) fn new(lane: &Lane, ledger: &[Entry]) -> Self {
        let Lane { index, info, link_bytes_per_second, .. } = lane;
        let (index, link_bytes_per_second) = (*index, *link_bytes_per_second);
        let mut total = Cost::default();
        let mut parts = 0;
        for entry in ledger {
            if let Place::Device { device, cost } = entry.place
                && device == index
            {
                total += cost;
                parts += u64::from(entry.part.of > 1);
            }
        }
        let faults = ledger.iter().flat_map(|entry| &entry.faults).filter(|fault| fault.device == index).count();
        let counters = total.counters;
        let stalled = counters.stalled_in + counters.stalled_out;
        let rate = |words: u64| 4.0 * words as f64 / total.wall_seconds.max(1e-9);
        let linked = counters.sent_words > 0;
        Self {
            info: info.clone(),
            total,
            parts,
            utilisation: counters.utilisation(info.multipliers()),
            unstalled: (counters.cycles > 0)
                .then(|| 1.0 - stalled.min(counters.cycles) as f64 / counters.cycles as f64),
            achieved_bytes_per_second: linked.then(|| [rate(counters.sent_words), rate(counters.received_words)]),
            link_bytes_per_second,
            faults,
        }
    }
}

/// How the answers of devices were checked: what it cost, and what it would have found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CheckReport {
    /// Positions recomputed in every layer of digests.
    pub samples: usize,
    /// Points at which every extension was compared.
    pub points: usize,
    /// CPU seconds, all threads.
    pub cpu_seconds: f64,
    /// Rows of the tallest layer that a device answered with.
    pub tallest: usize,
    /// The probability that one wrong digest among so many is found in one answer: the least that can be wrong.
    pub finds_one_digest: f64,
    /// The same where a hundredth of a layer is wrong.
    pub finds_one_percent: f64,
    /// An upper bound of the probability that a wrong extension of so many rows passes.
    pub misses_extension: f64,
}

impl CheckReport {
    pub(crate) fn new(checks: Checks, ledger: &[Entry]) -> Self {
        let done = || ledger.iter().filter_map(|entry| entry.cost().map(|cost| (entry.shape, cost)));
        let layers = done().filter(|(shape, _)| !shape.kernel.row().searches);
        let tallest = layers.map(|(shape, _)| 1 << (shape.log_rows + shape.log_blowup)).max().unwrap_or(1);
        Self {
            samples: checks.samples,
            points: checks.points(),
            cpu_seconds: done().map(|(_, cost)| cost.check_cpu_seconds).sum(),
            tallest,
            finds_one_digest: checks.finds_one_in(tallest),
            finds_one_percent: checks.finds(0.01),
            misses_extension: checks.misses_extension(tallest),
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
