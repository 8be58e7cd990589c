//! A card's PCIe slot: its lanes, the hard block behind them, and what a config asks of the link.

use crate::config::Config;

/// The clock that the XDMA IP gives to user logic, in Hz, at the widest stream for its lanes.
pub const USER_CLOCK_HZ: u32 = 250_000_000;

/// Bytes a second and lane that generation 3 carries, line code deducted, packet headers not.
pub const LANE_BYTES_PER_SECOND: f64 = 8e9 * 128.0 / 130.0 / 8.0;

/// Most channels of the XDMA IP: one core each.
pub const CHANNELS: usize = 4;

/// A PCIe edge connector.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pcie {
    /// Lanes at the connector.
    pub lanes: usize,
    /// Generation: 3 is 8 GT/s a lane.
    pub generation: usize,
    /// The hard block beside the lanes' transceivers, as the XDMA IP names it.
    pub block: String,
    /// The transceivers of the first four lanes, as the IP names them.
    pub quad: String,
}

/// The link of a config in a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Lanes that are used: as many as fill the config's streams.
    pub lanes: usize,
    /// Cores, each on a channel of its own.
    pub cores: usize,
}

impl Slot {
    /// Bytes a second that the lanes carry each way, and that the cores can take: a word a clock each.
    pub fn bytes_per_second(&self) -> [f64; 2] {
        let words = f64::from(USER_CLOCK_HZ) * self.cores as f64;
        [LANE_BYTES_PER_SECOND * self.lanes as f64, 4.0 * words]
    }
}

/// A config cannot have its link in a slot.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SlotError {
    /// Another generation than the one there is a stream width for.
    #[error("expected a slot of generation 3, found {found}")]
    Generation {
        /// Of the slot.
        found: usize,
    },
    /// The user logic's clock is not the config's.
    #[error("expected a clock of {USER_CLOCK_HZ} Hz, which the XDMA IP makes, found {found} Hz")]
    Clock {
        /// Of the config.
        found: u32,
    },
    /// Streams wider than the lanes.
    #[error(
        "expected streams of at most {} bits, 32 for each of the {lanes} lanes, found {found}; try a config with narrower ones",
        32 * lanes
    )]
    Lanes {
        /// Of the slot.
        lanes: usize,
        /// Bits of the config's streams.
        found: usize,
    },
    /// Not as many cores as there can be.
    #[error("expected 1, 2 or 4 cores (a channel of the XDMA IP each), found {found}")]
    Cores {
        /// As the board's data say.
        found: usize,
    },
}

impl Pcie {
    /// The link of a config with so many cores. A lane of generation 3 is 32 bits of stream at 250 MHz: the IP's streams are as wide as the link is, and the
    /// link is as wide as the config's streams.
    pub fn slot(&self, config: &Config, cores: usize) -> Result<Slot, SlotError> {
        let lanes = config.stream_bits / 32;
        if self.generation != 3 {
            return Err(SlotError::Generation { found: self.generation });
        }
        if config.clock_hz != USER_CLOCK_HZ {
            return Err(SlotError::Clock { found: config.clock_hz });
        }
        if lanes > self.lanes {
            return Err(SlotError::Lanes { lanes: self.lanes, found: config.stream_bits });
        }
        // A power of two: each core has a page of the user BAR.
        if !cores.is_power_of_two() || cores > CHANNELS {
            return Err(SlotError::Cores { found: cores });
        }
        Ok(Slot { lanes, cores })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_link_is_as_wide_as_the_streams() {
        let pcie = Pcie { lanes: 8, generation: 3, block: "X0Y0".into(), quad: "GTH_Quad_225".into() };
        let card = Config::named("card").unwrap();
        let slot = pcie.slot(card, 4).unwrap();
        assert_eq!((slot.lanes, slot.cores), (4, 4));
        let [link, cores] = slot.bytes_per_second();
        assert!((link - 3.938e9).abs() < 1e6 && cores == 4e9, "{link} {cores}");
        assert_eq!(pcie.slot(Config::named("tiny-pcie").unwrap(), 1).unwrap().lanes, 2);
        assert_eq!(
            pcie.slot(Config::named("card-wide").unwrap(), 1).unwrap_err(),
            SlotError::Lanes { lanes: 8, found: 512 }
        );
        for cores in [0, 3, 8] {
            assert_eq!(pcie.slot(card, cores).unwrap_err(), SlotError::Cores { found: cores });
        }
        let slow = Config { clock_hz: 125_000_000, ..card.clone() };
        assert_eq!(pcie.slot(&slow, 1).unwrap_err(), SlotError::Clock { found: 125_000_000 });
        assert_eq!(Pcie { generation: 4, ..pcie }.slot(card, 1).unwrap_err(), SlotError::Generation { found: 4 });
    }
}
