//! A card behind the Xilinx XDMA driver: discovery, the three character devices, the engines' ways to fail.
//!
//! Run against an emulation of the character devices at the level of system calls; not run on hardware. `docs/boards.md` says what
//! that proves and what it does not.

mod cards;
mod device;
mod engines;
mod error;
mod transport;
mod worker;

use crate::access::Root;
use crate::driver::{Found, OpenOptions};
use crate::{Device, DeviceError};

pub use cards::{Card, card_at, cards};
pub use device::PcieDevice;
pub use error::{RELOAD, XdmaError};

/// The udev rule that lets the members of the group `xdma` use the files of a card.
pub const UDEV_RULE: &str = r#"SUBSYSTEM=="xdma", KERNEL=="xdma*_user|xdma*_h2c_[0-3]|xdma*_c2h_[0-3]", GROUP="xdma", MODE="0660"
"#;

/// The cards of this machine.
pub fn list() -> Vec<Found> {
    let root = Root::default();
    let found = |card: &Card| Found {
        selector: format!("pcie:{}", card.name()),
        doc: card.doc(),
        obstacle: card.obstacle(&root).map(|obstacle| obstacle.to_string()),
    };
    cards(&root).iter().map(found).collect()
}

/// Opens the card at `path`: a folder that holds its files, or what their names begin with; the only card if it is empty. `path:2` is the core on its
/// channel 2.
pub fn open(path: &str, options: &OpenOptions) -> Result<Box<dyn Device>, DeviceError> {
    Ok(Box::new(PcieDevice::open(path, options)?))
}
