//! Captures: everything that went over a link, in a file, for [`super::replay`] and for people.
//!
//! One header line of JSON, then records: u8 direction (0 to the device, 1 to the host), u64 microseconds since the
//! beginning, u32 number of words, the words; all little-endian. A file that ends in the middle of a record was cut off; what
//! stands before it is good.

use super::faulty::Way;
use super::{Transport, TransportError};
use crate::DeviceInfo;
use galena_target::{CONFIGS, Config};
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// First value of the header line.
const FORMAT: &str = "galena-capture 1";

/// Bytes of a record before its words.
const RECORD_BYTES: usize = 13;

/// Words of a record at most: none that was written has more, so a larger number is damage.
const RECORD_WORDS: usize = 1 << 20;

/// Why a capture cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
    /// The file cannot be written or read.
    #[error("capture {path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not a capture.
    #[error("capture {path}: expected {expected}, found {found}; `--capture FILE` writes captures")]
    Format {
        /// The file.
        path: PathBuf,
        /// What should stand there.
        expected: &'static str,
        /// What does.
        found: String,
    },
}

/// A transport that records what goes over it, if a file is named.
pub struct Recorder<T> {
    inner: T,
    record: Option<Record>,
}

struct Record {
    path: PathBuf,
    file: BufWriter<File>,
    selector: String,
    begun: Instant,
    /// Records kept back until the device has said who it is: the header says it too, and comes first.
    early: Option<Vec<u8>>,
}

#[derive(serde::Serialize)]
struct Header<'a> {
    format: &'static str,
    config_hash: &'a str,
    selector: &'a str,
    device: Option<&'a DeviceInfo>,
}

impl<T: Transport> Recorder<T> {
    /// Around `inner`, into the file of that name; without a name nothing is recorded.
    pub fn new(inner: T, path: Option<&Path>, selector: &str) -> Result<Self, CaptureError> {
        let create = |path: &Path| {
            let file = File::create(path).map_err(|source| CaptureError::File { path: path.into(), source })?;
            let file = BufWriter::with_capacity(1 << 16, file);
            let (path, selector, early) = (path.into(), selector.into(), Some(vec![]));
            Ok(Record { path, file, selector, begun: Instant::now(), early })
        };
        Ok(Self { inner, record: path.map(create).transpose()? })
    }

    /// The link inside.
    pub fn inner(&self) -> &T {
        &self.inner
    }

    /// The link inside, to be changed.
    pub fn inner_mut(&mut self) -> &mut T {
        &mut self.inner
    }
}

impl Record {
    fn words(&mut self, way: Way, words: &[u32]) -> std::io::Result<()> {
        for words in words.chunks(RECORD_WORDS) {
            let mut bytes = Vec::with_capacity(RECORD_BYTES + 4 * words.len());
            bytes.push(u8::from(way == Way::ToHost));
            bytes.extend(u64::try_from(self.begun.elapsed().as_micros()).unwrap_or(u64::MAX).to_le_bytes());
            bytes.extend((words.len() as u32).to_le_bytes());
            bytes.extend(words.iter().flat_map(|word| word.to_le_bytes()));
            match &mut self.early {
                Some(early) => early.extend(bytes),
                None => self.file.write_all(&bytes)?,
            }
        }
        Ok(())
    }

    /// Writes the header, once, and what was kept back for it.
    fn header(&mut self, device: Option<&DeviceInfo>) -> std::io::Result<()> {
        let Some(early) = self.early.take() else { return Ok(()) };
        let config_hash = device.map_or("", |info| &info.config_hash);
        let header = Header { format: FORMAT, config_hash, selector: &self.selector, device };
        serde_json::to_writer(&mut self.file, &header)?;
        self.file.write_all(b"\n")?;
        self.file.write_all(&early)
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        // A device that never said who it is leaves a capture all the same. Nobody is left to hear of an error.
        let _ = self.header(None).and_then(|()| self.file.flush());
    }
}

impl<T: Transport> Transport for Recorder<T> {
    fn exchange(&mut self, tx: &[u32], rx: &mut Vec<u32>, want: usize) -> Result<usize, TransportError> {
        let before = rx.len();
        let result = self.inner.exchange(tx, rx, want);
        let Some(record) = &mut self.record else { return result };
        let sent = result.as_ref().map_or(&[][..], |&moved| tx.get(..moved).unwrap_or(tx));
        let kept = record
            .words(Way::ToDevice, sent)
            .and_then(|()| record.words(Way::ToHost, rx.get(before..).unwrap_or_default()))
            .and_then(|()| if result.is_err() && record.early.is_none() { record.file.flush() } else { Ok(()) });
        let path = &record.path;
        kept.map_err(|source| TransportError::Failed(Box::new(CaptureError::File { path: path.clone(), source })))?;
        result
    }

    fn describe(&self) -> String {
        self.inner.describe()
    }

    fn reset(&mut self) -> Result<bool, TransportError> {
        self.inner.reset()
    }

    fn unit(&self) -> usize {
        self.inner.unit()
    }

    fn bytes_per_second(&self) -> Option<f64> {
        self.inner.bytes_per_second()
    }

    fn searching(&mut self, searching: bool) {
        self.inner.searching(searching);
    }

    fn identified(&mut self, info: &DeviceInfo) {
        self.inner.identified(info);
        if let Some(record) = &mut self.record {
            // What cannot be written now cannot be written with the next words either, and is reported then.
            let _ = record.header(Some(info));
        }
    }
}

/// Words that went one way at one time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Which way.
    pub way: Way,
    /// Microseconds since the link was opened.
    pub microseconds: u64,
    /// The words.
    pub words: Vec<u32>,
}

/// A capture, read.
#[derive(Clone, Debug)]
pub struct Capture {
    /// What opened the device.
    pub selector: String,
    /// SHA-256 of the device's config, in hex; empty if it never said.
    pub config_hash: String,
    /// What the device said about itself, as `galena device info --json` prints it; null if it never did.
    pub device: serde_json::Value,
    /// All records in order.
    pub records: Vec<Recorded>,
    /// Whether the file ends in the middle of a record.
    pub cut_off: bool,
}

impl Capture {
    /// Reads a capture.
    pub fn read(path: &Path) -> Result<Self, CaptureError> {
        let failed = |source| CaptureError::File { path: path.into(), source };
        let mut file = BufReader::new(File::open(path).map_err(failed)?);
        let mut line = vec![];
        (&mut file).take(1 << 16).read_until(b'\n', &mut line).map_err(failed)?;
        let wrong =
            |found: String| CaptureError::Format { path: path.into(), expected: "a header line of JSON", found };
        let header: serde_json::Value = serde_json::from_slice(&line).map_err(|e| wrong(e.to_string()))?;
        let text = |key: &str| header.get(key).and_then(|value| value.as_str()).unwrap_or_default().to_owned();
        if text("format") != FORMAT {
            let (path, found) = (path.into(), format!("`{}`", text("format")));
            return Err(CaptureError::Format { path, expected: "the format `galena-capture 1`", found });
        }
        let mut bytes = vec![];
        file.read_to_end(&mut bytes).map_err(failed)?;
        let (records, rest) = records(&bytes);
        let device = header.get("device").cloned().unwrap_or_default();
        let (selector, config_hash) = (text("selector"), text("config_hash"));
        Ok(Self { selector, config_hash, device, records, cut_off: !rest.is_empty() })
    }

    /// The config of the device, if this host knows it.
    pub fn config(&self) -> Option<&'static Config> {
        let hex = |config: &Config| config.config_hash().iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        CONFIGS.iter().find(|config| hex(config) == self.config_hash)
    }
}

/// All whole records, and what follows them.
fn records(mut bytes: &[u8]) -> (Vec<Recorded>, &[u8]) {
    let mut records = vec![];
    while let Some((head, rest)) = bytes.split_first_chunk::<RECORD_BYTES>() {
        let [way, t0, t1, t2, t3, t4, t5, t6, t7, n0, n1, n2, n3] = *head;
        let count = u32::from_le_bytes([n0, n1, n2, n3]) as usize;
        let Some((words, rest)) =
            (count <= RECORD_WORDS && way < 2).then(|| rest.split_at_checked(4 * count)).flatten()
        else {
            break;
        };
        let way = if way == 0 { Way::ToDevice } else { Way::ToHost };
        let microseconds = u64::from_le_bytes([t0, t1, t2, t3, t4, t5, t6, t7]);
        let words = words.as_chunks().0.iter().map(|&word| u32::from_le_bytes(word)).collect();
        records.push(Recorded { way, microseconds, words });
        bytes = rest;
    }
    (records, bytes)
}
