//! The pins of a board: which ports its top module has, and where they go.

use std::collections::{BTreeMap, BTreeSet};

/// The clock that comes in.
pub const OSCILLATOR: &str = "oscillator";
/// The serial line from the host.
pub const RECEIVE: &str = "rx";
/// The serial line to the host.
pub const SEND: &str = "tx";
/// A lamp that blinks about once a second while the core runs.
pub const LED: &str = "led";

/// A port that the top module of a board has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PortRow {
    /// Its name.
    pub name: &'static str,
    /// It is an input.
    pub input: bool,
    /// A board must have a pin for it.
    pub needed: bool,
    /// For the header of the top module.
    pub doc: &'static str,
}

/// All of them. What else a board lists are outputs that it wants held at a level.
#[rustfmt::skip] // a row a line
pub const PORTS: [PortRow; 4] = [
    PortRow { name: OSCILLATOR, input: true,  needed: true,  doc: "the board's clock" },
    PortRow { name: RECEIVE,    input: true,  needed: true,  doc: "from the host, 8N1" },
    PortRow { name: SEND,       input: false, needed: true,  doc: "to the host, 8N1" },
    PortRow { name: LED,        input: false, needed: false, doc: "blinks about once a second while the core runs" },
];

/// Where a port goes, and what the pad does.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pin {
    /// The ball of the package.
    pub site: String,
    /// The standard of the pad (`LVCMOS33`): that of its bank.
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
pub(super) fn check(pins: &BTreeMap<String, Pin>) -> Result<(), String> {
    for row in PORTS.iter().filter(|row| row.needed) {
        if !pins.contains_key(row.name) {
            return Err(format!("expected a pin for `{}` ({}), found none", row.name, row.doc));
        }
    }
    for (name, pin) in pins {
        let row = PORTS.iter().find(|row| row.name == name);
        if row.is_some() == pin.held.is_some() {
            let known = PORTS.map(|row| format!("`{}`", row.name)).join(", ");
            return Err(format!(
                "expected a pin of {known}, or one with a level at which it is `held`, found `{name}`"
            ));
        }
        if row.is_some_and(|row| row.input) && (pin.drive.is_some() || pin.active_low) {
            return Err(format!("expected no drive and no level of a lamp at the input `{name}`"));
        }
        let plain = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric());
        if !plain(&pin.site) || !plain(&pin.standard) {
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
        check(&good).unwrap();
        let with = |name: &str, pin: Pin| {
            let mut pins = good.clone();
            pins.insert(name.into(), pin);
            check(&pins)
        };
        with("wifi", Pin { held: Some(true), ..pin("L2") }).unwrap();
        let refused = [
            with("wifi", pin("L2")),
            with(LED, Pin { held: Some(true), ..pin("B2") }),
            with(LED, pin("G2")),
            with(RECEIVE, Pin { drive: Some(4), ..pin("M1") }),
            with(SEND, pin("L4;")),
            check(&good.iter().filter(|(name, _)| *name != SEND).map(|(n, p)| (n.clone(), p.clone())).collect()),
        ];
        for refused in refused {
            assert!(refused.unwrap_err().starts_with("expected "));
        }
    }
}
