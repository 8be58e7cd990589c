//! A device behind XDMA: looks before it touches, and keeps what it found for reports.

use super::cards::{Card, card_at, cards};
use super::engines::open as open_file;
use super::error::{BAR, H2C, XdmaError};
use super::transport::XdmaTransport;
use crate::access::{Obstacle, Root, holder};
use crate::driver::OpenOptions;
use crate::link::{LinkDevice, Recorder, TransportError, identify, same_device};
use crate::{Canceller, Device, DeviceError, DeviceInfo, Job, Limits, Output};
use galena_target::register::REGISTER_WORDS;
use galena_target::{ABI_VERSION, Config};
use rustix::fs::{FlockOperation, flock};
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

/// An opened card.
pub struct PcieDevice {
    inner: LinkDevice<Recorder<XdmaTransport>>,
    info: DeviceInfo,
}

/// The card that a selector's path means: the only one there is if the path is empty.
fn choose(root: &Root, path: &str) -> Result<Card, XdmaError> {
    if !path.is_empty() {
        return card_at(root, Path::new(path)).ok_or_else(|| XdmaError::NoCard { prefix: path.into() });
    }
    // The cores of one card are one card: without a name the first is meant.
    let first: Vec<Card> = cards(root).into_iter().filter(|card| card.channel == 0).collect();
    match first.as_slice() {
        [card] => Ok(card.clone()),
        [] => Err(XdmaError::NoCard { prefix: "/dev/xdma0".into() }),
        several => {
            let prefixes = several.iter().map(|card| card.prefix.display().to_string()).collect::<Vec<_>>().join(", ");
            Err(XdmaError::Choose { found: format!("there are several cards ({prefixes})") })
        }
    }
}

/// Takes the card, or its core on a channel, for this host alone: by a lock on a file that no other core has.
fn lock(root: &Root, card: &Card) -> Result<Arc<File>, XdmaError> {
    if let Some(obstacle) = card.obstacle(root) {
        return Err(obstacle.into());
    }
    let locked = card.locked();
    let engine = if card.channel == 0 { BAR } else { H2C };
    let file = open_file(card, engine, &locked)?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(Arc::new(file)),
        Err(rustix::io::Errno::WOULDBLOCK) => {
            Err(Obstacle::Busy { path: locked.display().to_string(), holder: holder(root, &locked) }.into())
        }
        Err(error) => Err(XdmaError::System {
            prefix: card.prefix.display().to_string(),
            engine,
            what: "lock it".into(),
            source: error.into(),
        }),
    }
}

impl PcieDevice {
    /// Opens a card: its registers are read before anything is written, and its core is reset before anything is sent.
    pub fn open(path: &str, options: &OpenOptions) -> Result<Self, DeviceError> {
        let root = Root::default();
        let name = if path.is_empty() { "pcie".into() } else { format!("pcie:{path}") };
        let refuse =
            |source: Box<dyn std::error::Error + Send + Sync>| DeviceError::Open { selector: name.clone(), source };
        let on_link = |error: TransportError| match error {
            TransportError::Failed(source) => refuse(source),
            other => refuse(Box::new(other)),
        };
        let card = choose(&root, path).map_err(|e| refuse(Box::new(e)))?;
        let lock = lock(&root, &card).map_err(|e| refuse(Box::new(e)))?;
        let mut transport = XdmaTransport::start(&card, lock, options.deadline()).map_err(|e| refuse(Box::new(e)))?;
        let map = transport.map().map_err(on_link)?;
        let mut seen = unknown(&name);
        identify(&mut seen, &map)?;
        if let Some(config) = seen.config.as_deref().and_then(|name| Config::named(name).ok()) {
            transport.set_unit(config.stream_bits / 32);
        }
        transport.control().map_err(on_link)?;
        let recorder = Recorder::new(transport, options.capture.as_deref(), &name).map_err(|e| refuse(Box::new(e)))?;
        let inner = LinkDevice::open(&name, recorder)?;
        // What the stream says and what the BAR says are one device.
        same_device(inner.info(), &map)?;
        let info = inner.info().clone();
        Ok(Self { inner, info })
    }

    /// Bytes per second while transfers were under way, to the card and from it; none before the first.
    pub fn achieved(&self) -> [Option<f64>; 2] {
        self.inner.transport().inner().achieved()
    }

    /// Keeps what was achieved beside what the link can do.
    fn note(&mut self) {
        if let [Some(to_card), Some(to_host)] = self.achieved() {
            let (to_card, to_host) = (to_card / 1e9, to_host / 1e9);
            let link = &self.inner.info().link;
            self.info.link =
                format!("{link}; within transfers {to_card:.3} GB/s to the card, {to_host:.3} GB/s from it");
        }
    }
}

/// A device of which nothing is known.
fn unknown(name: &str) -> DeviceInfo {
    DeviceInfo {
        name: name.into(),
        link: String::new(),
        abi_version: ABI_VERSION,
        config: None,
        config_hash: String::new(),
        git_hash: String::new(),
        dirty: false,
        limits: Limits { log_rows_min: 0, log_rows_max: 0, log_blowup_max: 0, columns_max: 0, memory_beats: 0 },
        kernels: vec![],
        lanes: 0,
        hasher_multipliers: 0,
        clock_hz: 0,
        window: 0,
    }
}

impl Device for PcieDevice {
    fn info(&self) -> &DeviceInfo {
        &self.info
    }

    fn run(&mut self, job: &Job<'_>) -> Result<Output, DeviceError> {
        let result = self.inner.run(job);
        self.note();
        result
    }

    fn recover(&mut self) -> Result<(), DeviceError> {
        self.inner.recover()
    }

    fn registers(&mut self) -> Result<Option<[u32; REGISTER_WORDS]>, DeviceError> {
        self.inner.registers().map(Some)
    }

    fn bytes_per_second(&self) -> Option<f64> {
        self.inner.bytes_per_second()
    }

    fn canceller(&self) -> Option<Canceller> {
        self.inner.canceller()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_card_is_refused_and_says_why() {
        let folder = tempfile::tempdir().unwrap();
        let refusal = |path: &Path| {
            let path = path.display().to_string();
            PcieDevice::open(&path, &OpenOptions::default()).map(drop).unwrap_err().to_string()
        };
        assert!(refusal(folder.path()).contains("expected the files of a card"), "{}", refusal(folder.path()));
        assert!(refusal(&folder.path().join("xdma0")).contains("is the xdma driver loaded"));
        let file = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
        file("xdma0_user", &[0xff; 4096]);
        assert!(refusal(folder.path()).contains("there is no "), "h2c and c2h are missing");
        file("xdma0_h2c_0", &[]);
        file("xdma0_c2h_0", &[]);
        let down = refusal(folder.path());
        assert!(
            down.contains("is down: its registers read all-ones, so nothing was sent; run `echo 1 | sudo tee"),
            "{down}"
        );
        file("xdma0_user", &[0; 4096]);
        let other = refusal(folder.path());
        assert!(other.contains("expected a Galena bitstream") && other.contains("found 0x00000000"), "{other}");
        // A file that ends too early.
        file("xdma0_user", &[]);
        assert!(refusal(folder.path()).contains("user BAR of"), "{}", refusal(folder.path()));
        // The right magic with another ABI: named before anything is sent.
        let mut map = galena_target::register::register_map(Config::named("tiny-pcie").unwrap());
        map[1] = 1;
        let bytes: Vec<u8> = map.iter().flat_map(|word| word.to_le_bytes()).collect();
        file("xdma0_user", &bytes);
        assert!(refusal(folder.path()).contains("register `abi_version`"), "{}", refusal(folder.path()));
        assert_eq!(std::fs::read(folder.path().join("xdma0_h2c_0")).unwrap(), [0; 0], "nothing was sent");
        assert_eq!(std::fs::read(folder.path().join("xdma0_user")).unwrap(), bytes, "nothing was written");
    }

    /// The registers of a channel's core are in its own page, and its neighbour may have another host.
    #[test]
    fn a_core_on_another_channel_is_opened_beside_the_first() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
        for channel in 0..2 {
            file(&format!("xdma0_h2c_{channel}"), &[]);
            file(&format!("xdma0_c2h_{channel}"), &[]);
        }
        let mut map = galena_target::register::register_map(Config::named("tiny-pcie").unwrap());
        map[1] = 1;
        let mut bytes = vec![0; galena_target::xdma::BAR_BYTES];
        bytes.extend(map.iter().flat_map(|word| word.to_le_bytes()));
        file("xdma0_user", &bytes);
        let refusal = |path: &str| {
            let path = folder.path().join(path).display().to_string();
            PcieDevice::open(&path, &OpenOptions::default()).map(drop).unwrap_err().to_string()
        };
        assert!(refusal("xdma0").contains("expected a Galena bitstream"), "{}", refusal("xdma0"));
        assert!(refusal("xdma0:1").contains("register `abi_version`"), "{}", refusal("xdma0:1"));
        assert!(refusal("xdma0:2").contains("there is no "), "{}", refusal("xdma0:2"));
        let root = Root::default();
        let [first, second] = ["xdma0", "xdma0:1"].map(|name| card_at(&root, &folder.path().join(name)).unwrap());
        let _first = lock(&root, &first).unwrap();
        let _second = lock(&root, &second).unwrap();
        let busy = lock(&root, &second).unwrap_err().to_string();
        assert!(busy.contains("xdma0_h2c_1 is in use by process"), "{busy}");
    }

    #[test]
    fn two_hosts_do_not_share_a_card() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["xdma0_user", "xdma0_h2c_0", "xdma0_c2h_0"] {
            std::fs::write(folder.path().join(name), [0xff; 64]).unwrap();
        }
        let root = Root::default();
        let card = card_at(&root, folder.path()).unwrap();
        let first = lock(&root, &card).unwrap();
        let refusal = lock(&root, &card).unwrap_err().to_string();
        assert!(refusal.contains(&format!("xdma0_user is in use by process {}", std::process::id())), "{refusal}");
        drop(first);
        assert!(lock(&root, &card).is_ok());
    }
}
