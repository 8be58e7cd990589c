//! The waves of a simulation read back: the names in an FST file, and the values of signals clock by clock.

use super::WaveError;
use fst_reader::{FstFilter, FstHierarchyEntry, FstReader, FstSignalHandle, FstSignalValue};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

/// An FST file that a model has written: two time units a clock, the first with the inputs settled, the second after the rising edge.
pub struct Recording {
    path: PathBuf,
    reader: FstReader<BufReader<File>>,
    /// By name without the range: the range as it stands in the file (`[31:0]`, or nothing), and where the values are.
    signals: BTreeMap<String, (String, FstSignalHandle)>,
}

/// The values of a signal, each from the time at which it begins; binary digits, the highest first.
#[derive(Clone, Debug, Default)]
pub struct Values(Vec<(u64, String)>);

impl Recording {
    /// Opens the file and reads the names.
    pub fn open(path: &Path) -> Result<Self, WaveError> {
        let file = File::open(path).map_err(|source| WaveError::File { what: "read", path: path.into(), source })?;
        let format = |e: fst_reader::ReaderError| WaveError::Format { path: path.into(), reason: e.to_string() };
        let mut reader = FstReader::open(BufReader::new(file)).map_err(format)?;
        let (mut scopes, mut signals) = (Vec::<String>::new(), BTreeMap::new());
        reader
            .read_hierarchy(|entry| match entry {
                FstHierarchyEntry::Scope { name, .. } => scopes.push(name),
                FstHierarchyEntry::UpScope => {
                    scopes.pop();
                }
                FstHierarchyEntry::Var { name, handle, .. } => {
                    let (name, range) = name.split_once('[').map_or((&name[..], ""), |(n, _)| (n, &name[n.len()..]));
                    let full = scopes.iter().map(String::as_str).chain([name.trim_end()]).collect::<Vec<_>>().join(".");
                    signals.insert(full, (range.to_owned(), handle));
                }
                _ => {}
            })
            .map_err(format)?;
        Ok(Self { path: path.into(), reader, signals })
    }

    /// The name of a signal as viewers show it, with its range; `None` if the waves do not have it.
    pub fn full_name(&self, signal: &str) -> Option<String> {
        self.signals.get(signal).map(|(range, _)| format!("{signal}{range}"))
    }

    /// All names, with their ranges.
    pub fn names(&self) -> impl Iterator<Item = String> + '_ {
        self.signals.iter().map(|(name, (range, _))| format!("{name}{range}"))
    }

    /// The values of these signals, in their order.
    pub fn read(&mut self, signals: &[&str]) -> Result<Vec<Values>, WaveError> {
        let handle = |signal: &&str| match self.signals.get(*signal) {
            Some((_, handle)) => Ok(handle.get_index()),
            None => Err(WaveError::Signal { path: self.path.clone(), signal: (*signal).to_owned() }),
        };
        let handles = signals.iter().map(handle).collect::<Result<Vec<_>, _>>()?;
        let mut found: BTreeMap<usize, Values> = BTreeMap::new();
        let filter = FstFilter::filter_signals(handles.iter().map(|&k| FstSignalHandle::from_index(k)).collect());
        self.reader
            .read_signals(&filter, |time, handle, value| {
                if let FstSignalValue::String(bits) = value {
                    let values = &mut found.entry(handle.get_index()).or_default().0;
                    let bits = String::from_utf8_lossy(bits).into_owned();
                    // What a time begins with is replaced by what it ends with.
                    match values.last_mut() {
                        Some((last, old)) if *last == time => *old = bits,
                        _ => values.push((time, bits)),
                    }
                }
                Ok::<(), std::convert::Infallible>(())
            })
            .map_err(|e| WaveError::Format { path: self.path.clone(), reason: format!("{e:?}") })?;
        Ok(handles.iter().map(|handle| found.get(handle).cloned().unwrap_or_default()).collect())
    }
}

impl Values {
    /// The value in a clock, before its rising edge: what a register takes then. Empty before the waves begin.
    pub fn at(&self, clock: u64) -> &str {
        let after = self.0.partition_point(|(time, _)| *time <= 2 * clock);
        after.checked_sub(1).and_then(|k| self.0.get(k)).map_or("", |(_, bits)| bits)
    }

    /// Whether a signal of one bit is high in a clock.
    pub fn high(&self, clock: u64) -> bool {
        self.at(clock) == "1"
    }

    /// The low 32 bits of the value in a clock, in hexadecimal digits without leading zeros.
    pub fn hex(&self, clock: u64) -> String {
        let bits = self.at(clock);
        let low = &bits[bits.len().saturating_sub(32)..];
        u32::from_str_radix(low, 2).map_or(String::new(), |word| format!("{word:x}"))
    }

    /// The clocks from `from` to `to` in which the value may be another than in the clock before.
    pub fn changes(&self, from: u64, to: u64) -> impl Iterator<Item = u64> + '_ {
        let clocks = self.0.iter().map(|(time, _)| time.div_ceil(2));
        clocks.filter(move |clock| (from..=to).contains(clock))
    }
}

/// The first `most` clocks from `from` to `to` in which all of these signals are high, and how many there are in all.
pub fn beats(signals: &[&Values], from: u64, to: u64, most: usize) -> (Vec<u64>, u64) {
    let mut marks: Vec<u64> = signals.iter().flat_map(|s| s.changes(from, to)).chain([from, to + 1]).collect();
    marks.sort_unstable();
    marks.dedup();
    let (mut first, mut count) = (vec![], 0);
    for span in marks.windows(2) {
        if signals.iter().all(|s| s.high(span[0])) {
            first.extend((span[0]..span[1]).take(most - first.len()));
            count += span[1] - span[0];
        }
    }
    (first, count)
}
