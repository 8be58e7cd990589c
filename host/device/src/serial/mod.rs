//! A board on a serial port: discovery, the line, the rate.

pub mod chips;
mod device;
mod line;
mod ports;
mod words;

use crate::access::{Root, obstacle};
use crate::driver::{Found, OpenOptions};
use crate::{Device, DeviceError};
use std::path::{Path, PathBuf};

pub use device::SerialDevice;
pub use galena_target::rate;
pub use line::SerialError;
pub use ports::{Port, port_at, ports};

/// The udev rule that lets the members of `dialout` use the ports of the known chips, and sets FTDI's latency timer to 1 ms.
pub const UDEV_RULE: &str = r#"SUBSYSTEM=="tty", SUBSYSTEMS=="usb", GROUP="dialout", MODE="0660"
ACTION=="add", SUBSYSTEM=="usb-serial", DRIVER=="ftdi_sio", ATTR{latency_timer}="1"
"#;

/// The serial ports of this machine.
pub fn list() -> Vec<Found> {
    let root = Root::default();
    let found = |port: &Port| Found {
        selector: format!("serial:{}", port.path.display()),
        doc: port.doc(),
        obstacle: obstacle(&root, &port.path).map(|obstacle| obstacle.to_string()),
    };
    ports(&root).iter().map(found).collect()
}

/// Opens the board on the port `path`; on the only USB port that can be opened if `path` is empty.
pub fn open(path: &str, options: &OpenOptions) -> Result<Box<dyn Device>, DeviceError> {
    let selector = format!("serial:{path}");
    let path = if path.is_empty() { choose(&Root::default()) } else { Ok(PathBuf::from(path)) };
    let path = path.map_err(|source| DeviceError::Open { selector, source: Box::new(source) })?;
    Ok(Box::new(SerialDevice::open(&path, options)?))
}

/// The one USB port that this user may open.
fn choose(root: &Root) -> Result<PathBuf, SerialError> {
    let all: Vec<Port> = ports(root).into_iter().filter(|port| port.usb.is_some()).collect();
    let usable: Vec<&Port> = all.iter().filter(|port| obstacle(root, &port.path).is_none()).collect();
    let shown = |path: &Path| path.display().to_string();
    match (usable.as_slice(), all.first()) {
        ([port], _) => Ok(port.path.clone()),
        ([], None) => Err(SerialError::Choose { found: "no USB serial port is connected".into() }),
        ([], Some(first)) => match obstacle(root, &first.path) {
            Some(obstacle) => Err(obstacle.into()),
            None => Ok(first.path.clone()),
        },
        (several, _) => {
            let paths = several.iter().map(|port| shown(&port.path)).collect::<Vec<_>>().join(", ");
            Err(SerialError::Choose { found: format!("several ports are connected ({paths})") })
        }
    }
}
