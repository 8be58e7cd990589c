//! The cards of this machine: where the XDMA driver's files are, and what sysfs says about the slot.
//!
//! A card may have several cores, one on each channel of the IP: a [`Card`] here is one channel of one, as each is a device of its own.

use crate::access::{Obstacle, Root, obstacle};
use galena_target::board::CHANNELS;
use galena_target::xdma::BAR_BYTES;
use std::path::{Path, PathBuf};

/// A card behind the XDMA driver.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Card {
    /// What the names of its files begin with (`/dev/xdma0`).
    pub prefix: PathBuf,
    /// The channel its core is on.
    pub channel: usize,
    /// Its address on the bus (`0000:01:00.0`), if sysfs knows.
    pub address: Option<String>,
    /// Transfers of its link: hundreds of millions a second and lane (`80` for 8 GT/s).
    pub gigatransfers_tenths: Option<u32>,
    /// Lanes of its link.
    pub lanes: Option<u32>,
}

/// What the names of the files of a card end with; a channel's number follows the first two.
const H2C: &str = "_h2c_";
const C2H: &str = "_c2h_";
const USER: &str = "_user";

impl Card {
    fn file(&self, suffix: &str) -> PathBuf {
        let mut name = self.prefix.clone().into_os_string();
        name.push(suffix);
        name.into()
    }

    /// The file that carries words to the card.
    pub fn h2c(&self) -> PathBuf {
        self.file(&format!("{H2C}{}", self.channel))
    }

    /// The file that carries packets from the card.
    pub fn c2h(&self) -> PathBuf {
        self.file(&format!("{C2H}{}", self.channel))
    }

    /// The file of the user BAR.
    pub fn user(&self) -> PathBuf {
        self.file(USER)
    }

    /// Where the core's page of the user BAR begins.
    pub fn page(&self) -> u64 {
        (self.channel * BAR_BYTES) as u64
    }

    /// The file whose lock says that a host has the core: that of the registers, which the cores share, for the first of them.
    pub fn locked(&self) -> PathBuf {
        if self.channel == 0 { self.user() } else { self.h2c() }
    }

    /// How a selector names it: the prefix, and the channel of any but the first.
    pub fn name(&self) -> String {
        match self.channel {
            0 => self.prefix.display().to_string(),
            channel => format!("{}:{channel}", self.prefix.display()),
        }
    }

    /// What stands between this user and the card; none if it can be opened.
    pub fn obstacle(&self, root: &Root) -> Option<Obstacle> {
        // Only the BAR's file is locked by a host; each may have its own permissions.
        [self.user(), self.h2c(), self.c2h()].iter().find_map(|path| obstacle(root, path))
    }

    /// Bytes per second that the link can do each way, line code deducted, packet headers not.
    pub fn bytes_per_second(&self) -> Option<f64> {
        let (tenths, lanes) = (f64::from(self.gigatransfers_tenths?), f64::from(self.lanes?));
        let code = if tenths > 50.0 { 128.0 / 130.0 } else { 0.8 };
        Some(tenths * 1e8 * code * lanes / 8.0)
    }

    /// What it is, in one line.
    pub fn doc(&self) -> String {
        let slot = self.address.as_ref().map(|address| format!(" in slot {address}")).unwrap_or_default();
        let slot = if self.channel == 0 { slot } else { format!(", channel {}{slot}", self.channel) };
        match (self.gigatransfers_tenths, self.lanes, self.bytes_per_second()) {
            (Some(tenths), Some(lanes), Some(bytes)) => format!(
                "card behind XDMA{slot}, {} GT/s x{lanes}: {:.2} GB/s each way",
                f64::from(tenths) / 10.0,
                bytes / 1e9
            ),
            _ => format!("card behind XDMA{slot}"),
        }
    }

    /// How the operating system finds a card again whose link went down.
    pub fn rescan(&self) -> String {
        let address = self.address.as_deref().unwrap_or("0000:BB:DD.F (see `lspci -d 10ee:`)");
        format!(
            "`echo 1 | sudo tee /sys/bus/pci/devices/{address}/remove`, then `echo 1 | sudo tee /sys/bus/pci/rescan`, \
             and load the bitstream again before that if the card lost power"
        )
    }
}

/// All cards that the driver made files for, in order of their names.
pub fn cards(root: &Root) -> Vec<Card> {
    cards_in(root, &root.path("dev"))
}

fn cards_in(root: &Root, folder: &Path) -> Vec<Card> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.file_name().into_string().ok()?.strip_suffix(USER).map(str::to_owned))
        .filter(|name| name.starts_with("xdma"))
        .collect();
    names.sort();
    // The first channel is there even if its files are not: that is worth saying. Of the others those that have files.
    let channels = |name: String| {
        let first = with_link(root, folder.join(name));
        (0..CHANNELS)
            .map(move |channel| Card { channel, ..first.clone() })
            .filter(|card| card.channel == 0 || card.h2c().exists())
    };
    names.into_iter().flat_map(channels).collect()
}

/// The card at a path: a folder that holds its files, or what their names begin with. Behind a colon the channel, if it is not the first.
pub fn card_at(root: &Root, path: &Path) -> Option<Card> {
    let at = |path: &Path| {
        if path.is_dir() {
            return cards_in(root, path).into_iter().next();
        }
        let card = with_link(root, path.into());
        card.user().exists().then_some(card)
    };
    let of_channel = || {
        let (path, channel) = path.to_str()?.rsplit_once(':')?;
        let channel = channel.parse().ok().filter(|channel| (1..CHANNELS).contains(channel))?;
        Some(Card { channel, ..at(Path::new(path))? })
    };
    at(path).or_else(of_channel)
}

/// What sysfs knows about the slot of the card with this prefix.
fn with_link(root: &Root, prefix: PathBuf) -> Card {
    let mut card = Card { prefix, ..Card::default() };
    let name = card.user().file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    // A folder of one's own has files of the same names, and no slot.
    if card.prefix.parent() != Some(&root.path("dev")) {
        return card;
    }
    if let Ok(slot) = std::fs::canonicalize(root.path("sys/class/xdma").join(name).join("device")) {
        card.address = slot.file_name().map(|name| name.to_string_lossy().into_owned());
        card.gigatransfers_tenths = root.text(&slot.join("current_link_speed")).and_then(|text| tenths(&text));
        card.lanes = root.text(&slot.join("current_link_width")).and_then(|text| text.parse().ok()).filter(|&n| n > 0);
    }
    card
}

/// `8.0 GT/s PCIe` is 80.
fn tenths(text: &str) -> Option<u32> {
    let speed: f64 = text.split_whitespace().next()?.parse().ok()?;
    (speed > 0.0 && speed < 1000.0).then_some((speed * 10.0).round() as u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{create_dir_all, write};
    use std::os::unix::fs::symlink;

    fn machine() -> (tempfile::TempDir, Root) {
        let folder = tempfile::tempdir().unwrap();
        let root = Root(folder.path().into());
        let slot = root.path("sys/devices/pci0000:00/0000:00:01.0/0000:01:00.0");
        create_dir_all(&slot).unwrap();
        write(slot.join("current_link_speed"), "8.0 GT/s PCIe\n").unwrap();
        write(slot.join("current_link_width"), "4\n").unwrap();
        create_dir_all(root.path("sys/class/xdma/xdma0_user")).unwrap();
        symlink(&slot, root.path("sys/class/xdma/xdma0_user/device")).unwrap();
        create_dir_all(root.path("dev")).unwrap();
        for name in ["xdma0_user", "xdma0_h2c_0", "xdma0_c2h_0", "xdma1_user", "xdma0_control", "null"] {
            write(root.path("dev").join(name), "").unwrap();
        }
        (folder, root)
    }

    #[test]
    fn cards_are_found_with_their_links() {
        let (_folder, root) = machine();
        let found = cards(&root);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].address.as_deref(), Some("0000:01:00.0"));
        assert_eq!(found[0].doc(), "card behind XDMA in slot 0000:01:00.0, 8 GT/s x4: 3.94 GB/s each way");
        assert!(found[0].rescan().contains("/sys/bus/pci/devices/0000:01:00.0/remove"));
        assert_eq!((found[1].doc().as_str(), found[1].bytes_per_second()), ("card behind XDMA", None));
        assert_eq!(found[0].obstacle(&root), None);
        assert!(found[1].obstacle(&root).unwrap().to_string().contains("xdma1_h2c_0"));
    }

    #[test]
    fn a_card_is_a_folder_or_a_prefix() {
        let (_folder, root) = machine();
        let by_prefix = card_at(&root, &root.path("dev/xdma0")).unwrap();
        assert_eq!(by_prefix.c2h(), root.path("dev/xdma0_c2h_0"));
        assert_eq!(card_at(&root, &root.path("dev")), Some(by_prefix));
        assert_eq!(card_at(&root, &root.path("dev/xdma7")), None);
        assert_eq!(card_at(&root, &root.path("sys")), None);
    }

    #[test]
    fn a_channel_is_a_device_of_its_own() {
        let (_folder, root) = machine();
        for name in ["xdma0_h2c_1", "xdma0_c2h_1", "xdma0_h2c_3", "xdma0_c2h_3"] {
            write(root.path("dev").join(name), "").unwrap();
        }
        let prefix = root.path("dev/xdma0").display().to_string();
        let names: Vec<String> = cards(&root).iter().map(Card::name).collect();
        let other = root.path("dev/xdma1").display().to_string();
        assert_eq!(names, [prefix.clone(), format!("{prefix}:1"), format!("{prefix}:3"), other]);
        let card = card_at(&root, Path::new(&format!("{prefix}:3"))).unwrap();
        assert_eq!((card.channel, card.page()), (3, 0x3000));
        assert_eq!(card.c2h(), root.path("dev/xdma0_c2h_3"));
        assert_eq!((card.user(), card.locked()), (root.path("dev/xdma0_user"), root.path("dev/xdma0_h2c_3")));
        assert!(card.doc().starts_with("card behind XDMA, channel 3 in slot 0000:01:00.0, 8 GT/s"), "{}", card.doc());
        // The first has no number, and there are four.
        for wrong in ["0", "4", "x", ""] {
            assert_eq!(card_at(&root, Path::new(&format!("{prefix}:{wrong}"))), None, "{wrong}");
        }
    }

    #[test]
    fn old_links_lose_a_fifth_to_their_code() {
        let card = |tenths, lanes| Card { gigatransfers_tenths: Some(tenths), lanes: Some(lanes), ..Card::default() };
        assert_eq!(card(25, 1).bytes_per_second(), Some(250e6));
        assert_eq!(card(50, 8).bytes_per_second(), Some(4e9));
        assert_eq!(
            (tenths("2.5 GT/s"), tenths("16.0 GT/s PCIe"), tenths("Unknown"), tenths("")),
            (Some(25), Some(160), None, None)
        );
    }
}
