//! The pins of a board: which ports its top module has, and where they go.

use crate::config::Link;
use std::collections::{BTreeMap, BTreeSet};

/// The clock that comes in.
pub const OSCILLATOR: &str = "oscillator";
/// The serial line from the host.
pub const RECEIVE: &str = "rx";
/// The serial line to the host.
pub const SEND: &str = "tx";
/// A lamp that blinks about once a second while the core runs.
pub const LED: &str = "led";

/// The reference clock of a PCIe slot, a pair.
pub const REFCLK_P: &str = "pcie_refclk_p";
/// Its other half.
pub const REFCLK_N: &str = "pcie_refclk_n";
/// The reset of a PCIe slot.
pub const PERST: &str = "pcie_perst_n";

/// A port that the top module of a board has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PortRow {
    /// Its name.
    pub name: &'static str,
    /// The link whose boards have it; none for all.
    pub link: Option<Link>,
    /// It is an input.
    pub input: bool,
    /// A board must have a pin for it.
    pub needed: bool,
    /// Its pin belongs to transceivers, whose pads have no standard.
    pub transceiver: bool,
    /// For the header of the top module.
    pub doc: &'static str,
}

const fn port(link: Option<Link>, name: &'static str, input: bool, transceiver: bool, doc: &'static str) -> PortRow {
    PortRow { name, link, input, needed: link.is_some(), transceiver, doc }
}

/// All of them. What else a board lists are outputs that it wants held at a level. The lanes of a slot are not here: the IP places their transceivers.
#[rustfmt::skip] // a row a line
pub const PORTS: [PortRow; 7] = [
    port(Some(Link::Uart), OSCILLATOR, true,  false, "the board's clock"),
    port(Some(Link::Uart), RECEIVE,    true,  false, "from the host, 8N1"),
    port(Some(Link::Uart), SEND,       false, false, "to the host, 8N1"),
    port(Some(Link::Xdma), REFCLK_P,   true,  true,  "the slot's reference clock, 100 MHz"),
    port(Some(Link::Xdma), REFCLK_N,   true,  true,  ""),
    port(Some(Link::Xdma), PERST,      true,  false, "the slot's reset, active low"),
    port(None,             LED,        false, false, "blinks about once a second while the core runs"),
];

/// The ports of boards with that link.
pub fn ports(link: Link) -> impl Iterator<Item = &'static PortRow> {
    PORTS.iter().filter(move |row| row.link.is_none_or(|other| other == link))
}

/// Where a port goes, and what the pad does.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pin {
    /// The ball of the package.
    pub site: String,
    /// The standard of the pad (`LVCMOS33`): that of its bank. A transceiver's has none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub standard: String,
    /// A resistor in the pad.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pull: Option<Pull>,
    /// How strong the output is, in mA.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drive: Option<u8>,
    /// The output is held at this level, for the sake of something else on the board.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<bool>,
    /// A lamp that lights when the output is low.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub active_low: bool,
}

/// The resistor in a pad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pull {
    /// To the supply.
    Up,
    /// To ground.
    Down,
    /// None at all.
    None,
}

/// Every port that is needed has a pin, no pin is without a port, and no two share a ball.
pub(super) fn check(pins: &BTreeMap<String, Pin>, link: Link) -> Result<(), String> {
    for row in ports(link).filter(|row| row.needed) {
        if !pins.contains_key(row.name) {
            return Err(format!("expected a pin for `{}` ({}), found none", row.name, row.doc));
        }
    }
    for (name, pin) in pins {
        let row = ports(link).find(|row| row.name == name);
        if row.is_some() == pin.held.is_some() {
            let known = ports(link).map(|row| format!("`{}`", row.name)).collect::<Vec<_>>().join(", ");
            return Err(format!(
                "expected a pin of {known}, or one with a level at which it is `held`, found `{name}`"
            ));
        }
        if row.is_some_and(|row| row.input) && (pin.drive.is_some() || pin.active_low) {
            return Err(format!("expected no drive and no level of a lamp at the input `{name}`"));
        }
        let plain = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric());
        let transceiver = row.is_some_and(|row| row.transceiver);
        if transceiver && (!pin.standard.is_empty() || pin.pull.is_some()) {
            return Err(format!("expected no standard and no pull at the transceiver's pin `{name}`"));
        }
        if !plain(&pin.site) || !(transceiver || plain(&pin.standard)) {
            return Err(format!("expected letters and digits for site and standard of `{name}`"));
        }
    }
    let mut seen = BTreeSet::new();
    match pins.values().find(|pin| !seen.insert(&pin.site)) {
        Some(pin) => Err(format!("expected every ball once, found {} twice", pin.site)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pin(site: &str) -> Pin {
        let (pull, drive, held, active_low) = (None, None, None, false);
        Pin { site: site.into(), standard: "LVCMOS33".into(), pull, drive, held, active_low }
    }

    #[test]
    fn pins_are_checked() {
        let good: BTreeMap<String, Pin> = [(OSCILLATOR, "G2"), (RECEIVE, "M1"), (SEND, "L4"), (LED, "B2")]
            .map(|(name, site)| (name.to_string(), pin(site)))
            .into();
        check(&good, Link::Uart).unwrap();
        let with = |name: &str, pin: Pin| {
            let mut pins = good.clone();
            pins.insert(name.into(), pin);
            check(&pins, Link::Uart)
        };
        with("wifi", Pin { held: Some(true), ..pin("L2") }).unwrap();
        let refused = [
            with("wifi", pin("L2")),
            with(LED, Pin { held: Some(true), ..pin("B2") }),
            with(LED, pin("G2")),
            with(RECEIVE, Pin { drive: Some(4), ..pin("M1") }),
            with(SEND, pin("L4;")),
            check(
                &good.iter().filter(|(name, _)| *name != SEND).map(|(n, p)| (n.clone(), p.clone())).collect(),
                Link::Uart,
            ),
            check(&good, Link::Xdma),
            with(REFCLK_P, pin("A1")),
        ];
        let bare = |site: &str| Pin { standard: String::new(), ..pin(site) };
        let card: BTreeMap<String, Pin> = [(REFCLK_P, bare("AR15")), (REFCLK_N, bare("AR14")), (PERST, pin("BF41"))]
            .map(|(name, pin)| (name.to_string(), pin))
            .into();
        check(&card, Link::Xdma).unwrap();
        let mut standard = card.clone();
        standard.insert(REFCLK_P.into(), pin("AR15"));
        let mut none = card;
        none.insert(PERST.into(), bare("BF41"));
        let refused = refused.into_iter().chain([check(&standard, Link::Xdma), check(&none, Link::Xdma)]);
        for refused in refused {
            assert!(refused.unwrap_err().starts_with("expected "));
        }
    }
}
