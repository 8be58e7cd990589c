//! The serial ports of this machine, from sysfs: no libudev, and nothing is opened.

use super::chips::{Chip, PTY_FASTEST, UNKNOWN_FASTEST, chip_of};
use crate::access::Root;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// See [`Port::patience`].
const PTY_PATIENCE: u32 = 5;

/// A serial port.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Port {
    /// The device file (`/dev/ttyUSB0`).
    pub path: PathBuf,
    /// The name that stays when the port is plugged in again (`/dev/serial/by-id/...`), if it has one.
    pub by_id: Option<PathBuf>,
    /// USB vendor and product; none for ports that are not on USB.
    pub usb: Option<(u16, u16)>,
    /// What the manufacturer calls it.
    pub product: Option<String>,
    /// Its serial number.
    pub serial: Option<String>,
    /// Milliseconds that an FTDI chip holds received bytes back.
    pub latency_ms: Option<u32>,
    /// The file that sets them.
    pub latency_file: Option<PathBuf>,
    /// A pseudo-terminal: what a simulated board is behind.
    pub pty: bool,
}

impl Port {
    /// Its chip, if the table has it.
    pub fn chip(&self) -> Option<&'static Chip> {
        self.usb.and_then(|(vendor, product)| chip_of(vendor, product))
    }

    /// How much longer than usual an answer may take. Behind a pseudo-terminal is a simulation: its line carries bytes a hundred times more slowly
    /// than the one it stands for, and it shares its machine with others. A board that is given up too soon is found no sooner: what was sent to
    /// wake it stands in its queue before the next question.
    pub(crate) fn patience(&self) -> u32 {
        if self.pty { PTY_PATIENCE } else { 1 }
    }

    /// The fastest rate worth trying: the chip's; for one that is not in the table what `max_baud` says, or a careful guess.
    pub fn fastest(&self, max_baud: Option<u32>) -> u32 {
        let own = match (self.chip(), self.pty) {
            (Some(chip), _) => chip.fastest,
            (None, true) => PTY_FASTEST,
            (None, false) => max_baud.unwrap_or(UNKNOWN_FASTEST),
        };
        own.min(max_baud.unwrap_or(u32::MAX))
    }

    /// What it is, in one line.
    pub fn doc(&self) -> String {
        let mut text = match (self.chip(), self.usb, self.pty) {
            (Some(chip), ..) => chip.name.to_owned(),
            (None, Some((vendor, product)), _) => format!("USB {vendor:04x}:{product:04x}"),
            (None, None, true) => "pseudo-terminal".into(),
            (None, None, false) => "serial port".into(),
        };
        if let Some(product) = &self.product {
            let _ = write!(text, ", {product}");
        }
        if let Some(serial) = &self.serial {
            let _ = write!(text, ", serial number {serial}");
        }
        if let Some(hint) = self.latency_hint() {
            let _ = write!(text, "; {hint}");
        }
        text
    }

    /// What to do about a slow latency timer.
    pub fn latency_hint(&self) -> Option<String> {
        let (ms, file) = (self.latency_ms.filter(|&ms| ms > 1)?, self.latency_file.as_ref()?);
        Some(format!("its latency timer is {ms} ms: `echo 1 | sudo tee {}` makes short jobs quicker", file.display()))
    }
}

/// All ports that have hardware behind them, in order of their names.
pub fn ports(root: &Root) -> Vec<Port> {
    let class = root.path("sys/class/tty");
    let mut names: Vec<String> = std::fs::read_dir(&class)
        .map(|entries| entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect())
        .unwrap_or_default();
    names.sort_by_key(|name| (name.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned(), number(name)));
    names.iter().filter_map(|name| of_class(root, name)).collect()
}

fn number(name: &str) -> u32 {
    let digits = name.len() - name.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    name[name.len() - digits..].parse().unwrap_or(0)
}

/// The port at a path, be it a link, a pseudo-terminal, or a file this function knows nothing else about.
pub fn port_at(root: &Root, path: &Path) -> Port {
    let real = std::fs::canonicalize(path).unwrap_or_else(|_| path.into());
    let name = real.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let port = of_class(root, name).filter(|port| port.path == real || same_file(&port.path, &real));
    let by_id = path.parent().is_some_and(|folder| folder.ends_with("serial/by-id")).then(|| path.to_owned());
    let mut port = port.unwrap_or_default();
    port.pty = real.parent().is_some_and(|folder| folder.ends_with("pts"));
    (port.path, port.by_id) = (path.into(), by_id.or(port.by_id));
    port
}

fn same_file(a: &Path, b: &Path) -> bool {
    std::fs::canonicalize(a).is_ok_and(|a| a == b)
}

/// A port of `/sys/class/tty`; none if it is a console, a pseudo-terminal, or has no hardware.
fn of_class(root: &Root, name: &str) -> Option<Port> {
    let class = root.path("sys/class/tty").join(name);
    let device = std::fs::canonicalize(class.join("device")).ok()?;
    // The ports that the 8250 driver keeps for hardware that may turn up have type 0.
    if root.text(&class.join("type")).as_deref() == Some("0") {
        return None;
    }
    let path = root.path("dev").join(name);
    let mut port = Port { by_id: by_id(root, &path), path, ..Port::default() };
    // The USB device is the interface's parent, which is the port's parent: the nearest one upwards with a vendor.
    if let Some(usb) = device.ancestors().take(6).find(|folder| folder.join("idVendor").exists()) {
        let hex = |file: &str| u16::from_str_radix(&root.text(&usb.join(file))?, 16).ok();
        port.usb = hex("idVendor").zip(hex("idProduct"));
        port.product = root.text(&usb.join("product")).filter(|text| !text.is_empty());
        port.serial = root.text(&usb.join("serial")).filter(|text| !text.is_empty());
    }
    let timer = device.join("latency_timer");
    port.latency_ms = root.text(&timer).and_then(|text| text.parse().ok());
    port.latency_file = port.latency_ms.map(|_| root.path("sys/class/tty").join(name).join("device/latency_timer"));
    Some(port)
}

/// The link under `/dev/serial/by-id` that leads to the port.
fn by_id(root: &Root, path: &Path) -> Option<PathBuf> {
    let real = std::fs::canonicalize(path).ok()?;
    let entries = std::fs::read_dir(root.path("dev/serial/by-id")).ok()?;
    let mut links: Vec<PathBuf> =
        entries.flatten().map(|entry| entry.path()).filter(|link| same_file(link, &real)).collect();
    links.sort();
    links.into_iter().next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{create_dir_all, write};
    use std::os::unix::fs::symlink;

    /// A machine with an FTDI chip, a CDC-ACM device, two 8250 ports of which one is real, and a console.
    fn machine() -> (tempfile::TempDir, Root) {
        let folder = tempfile::tempdir().unwrap();
        let root = Root(folder.path().into());
        let usb = |place: &str, interface: &str, port: &str, rows: &[(&str, &str)]| {
            let device = root.path(&format!("sys/devices/pci0000:00/usb1/{place}"));
            let of_port = device.join(interface).join(port);
            create_dir_all(&of_port).unwrap();
            rows.iter().for_each(|(file, text)| write(device.join(file), format!("{text}\n")).unwrap());
            of_port
        };
        let tty = |name: &str, device: Option<&Path>, kind: &str| {
            let class = root.path("sys/class/tty").join(name);
            create_dir_all(&class).unwrap();
            write(class.join("type"), kind).unwrap();
            write(root.path("dev").join(name), "").unwrap();
            device.inspect(|device| symlink(device, class.join("device")).unwrap());
        };
        create_dir_all(root.path("dev/serial/by-id")).unwrap();
        let rows =
            [("idVendor", "0403"), ("idProduct", "6015"), ("product", "ULX3S FPGA 85K v3.0.8"), ("serial", "D00084")];
        let ftdi = usb("1-1", "1-1:1.0", "ttyUSB10", &rows);
        write(ftdi.join("latency_timer"), "16\n").unwrap();
        tty("ttyUSB10", Some(&ftdi), "");
        symlink("../../ttyUSB10", root.path("dev/serial/by-id/usb-FTDI_ULX3S_D00084-if00-port0")).unwrap();
        tty("ttyUSB2", Some(&usb("1-2", "1-2:1.0", "ttyUSB2", &[("idVendor", "1a86"), ("idProduct", "55d3")])), "");
        // A CDC-ACM port is the interface itself.
        let acm = usb("1-3", "1-3:1.0", "", &[("idVendor", "2e8a"), ("idProduct", "000c"), ("product", "Debug Probe")]);
        tty("ttyACM0", Some(&acm), "");
        let platform = root.path("sys/devices/platform/serial8250");
        create_dir_all(&platform).unwrap();
        tty("ttyS0", Some(&platform), "4\n");
        tty("ttyS1", Some(&platform), "0\n");
        tty("tty0", None, "");
        (folder, root)
    }

    #[test]
    fn ports_are_found_and_described() {
        let (_folder, root) = machine();
        let found = ports(&root);
        let names: Vec<_> = found.iter().map(|p| p.path.file_name().unwrap().to_str().unwrap()).collect();
        assert_eq!(names, ["ttyACM0", "ttyS0", "ttyUSB2", "ttyUSB10"]);
        let ftdi = &found[3];
        assert_eq!(ftdi.chip().unwrap().name, "FTDI FT231X");
        assert_eq!((ftdi.serial.as_deref(), ftdi.latency_ms), (Some("D00084"), Some(16)));
        assert_eq!(ftdi.by_id, Some(root.path("dev/serial/by-id/usb-FTDI_ULX3S_D00084-if00-port0")));
        let doc = ftdi.doc();
        assert!(doc.starts_with(
            "FTDI FT231X, ULX3S FPGA 85K v3.0.8, serial number D00084; its latency timer is 16 ms: `echo 1 | sudo tee "
        ));
        assert_eq!(found[0].doc(), "USB 2e8a:000c, Debug Probe");
        assert_eq!((found[1].doc().as_str(), found[2].doc().as_str()), ("serial port", "WCH CH343"));
    }

    #[test]
    fn a_port_is_known_by_its_path_and_by_its_link() {
        let (_folder, root) = machine();
        let link = root.path("dev/serial/by-id/usb-FTDI_ULX3S_D00084-if00-port0");
        for path in [root.path("dev/ttyUSB10"), link.clone()] {
            let port = port_at(&root, &path);
            assert_eq!((port.path, port.by_id, port.usb), (path, Some(link.clone()), Some((0x0403, 0x6015))));
        }
        let other = port_at(&root, &root.path("somewhere/else"));
        assert_eq!(other, Port { path: root.path("somewhere/else"), ..Port::default() });
        assert!(ports(&Root("/nonexistent".into())).is_empty());
    }

    #[test]
    fn the_fastest_rate_is_the_chip_s_and_no_more_than_allowed() {
        let of = |usb, pty| Port { usb, pty, ..Port::default() };
        let ftdi = of(Some((0x0403, 0x6015)), false);
        assert_eq!(
            (ftdi.fastest(None), ftdi.fastest(Some(1 << 30)), ftdi.fastest(Some(2_000_000))),
            (3_000_000, 3_000_000, 2_000_000)
        );
        let unknown = of(Some((1, 1)), false);
        assert_eq!((unknown.fastest(None), unknown.fastest(Some(6_000_000))), (UNKNOWN_FASTEST, 6_000_000));
        assert_eq!((of(None, true).fastest(None), of(None, true).fastest(Some(9))), (PTY_FASTEST, 9));
    }
}
