//! The size of a transform in external memory, and which sizes there are.

use crate::stream::index_bits;

/// Bits of a row in memory: 8 words of 32 bits.
pub const ROW_BITS: usize = 256;

/// Bytes of the pieces that no AXI burst may cross.
const PAGE_BYTES: usize = 4096;

/// Order of the largest two-adic subgroup of the field, log2: rows times blow-up cannot exceed it.
const TWO_ADICITY: usize = 27;

/// The size of a transform circuit with external memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Geometry {
    /// Butterflies: 1, 2, 4 or 8. The 8 columns of a group are shared out over them. One more multiplier makes twiddles for all.
    pub lanes: usize,
    /// log2 of the largest number of rows, 6 to 24.
    pub log_rows_max: usize,
    /// log2 of the largest blow-up, 0 to 3.
    pub log_blowup_max: usize,
    /// log2 of the rows of a block on the chip; there are three such buffers.
    pub log_block: usize,
    /// log2 of the adjacent rows of a burst: 5 for 1 KiB.
    pub log_run: usize,
    /// Bits of the memory's data bus: 256, 512 or 1024.
    pub data_bits: usize,
    /// Bits of a transaction's id, at least 1: the rows of a group that is loaded are written as 0, results as 1, reads are 0.
    pub id_bits: usize,
    /// Bits of a byte address.
    pub address_bits: usize,
    /// Bursts that may be under way in each direction, 2 to 64.
    pub outstanding: usize,
}

/// Why there is no circuit of a geometry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GeometryError {
    /// Number of lanes.
    #[error("expected 1, 2, 4 or 8 lanes, found {0}")]
    Lanes(usize),
    /// Number of rows.
    #[error("expected room for 2^6 to 2^24 rows, found 2^{0}; smaller transforms need no external memory")]
    Rows(usize),
    /// Blow-up.
    #[error("expected a blow-up of up to 2^3, found 2^{0}")]
    Blowup(usize),
    /// The adjacent rows of a burst.
    #[error(
        "expected bursts of at least a beat and at most 4 KiB and 256 beats, found 2^{log_run} rows of 32 bytes on {data_bits} bits; set log_run to 5 for 1 KiB"
    )]
    Run {
        /// log2 of the rows.
        log_run: usize,
        /// Bits of the bus.
        data_bits: usize,
    },
    /// The block on the chip is too small for two passes.
    #[error(
        "expected a block of at least 2^{least} rows on the chip for 2^{log_rows_max} rows in two passes with bursts of 2^{log_run} rows, found 2^{log_block}"
    )]
    Block {
        /// log2 of the rows.
        log_rows_max: usize,
        /// log2 of a burst's rows.
        log_run: usize,
        /// log2 of the block's rows.
        log_block: usize,
        /// What it must be.
        least: usize,
    },
    /// The block on the chip is larger than anything needs.
    #[error(
        "expected a block of at most 2^16 rows, and fewer than the 2^{log_rows_max} rows in all, found 2^{log_block}; the transform `lde` needs no external memory"
    )]
    BlockTooLarge {
        /// log2 of the rows.
        log_rows_max: usize,
        /// log2 of the block's rows.
        log_block: usize,
    },
    /// Width of the bus.
    #[error("expected a data bus of 256, 512 or 1024 bits, found {0}")]
    Data(usize),
    /// Width of the ids.
    #[error("expected ids of 1 to 16 bits, found {0}")]
    Id(usize),
    /// Width of the address.
    #[error(
        "expected an address of {least} to 64 bits, because the memory holds {regions} regions of 2^{log_rows_max} rows of 32 bytes, found {found}"
    )]
    Address {
        /// Bits needed.
        least: usize,
        /// Bits found.
        found: usize,
        /// Regions.
        regions: usize,
        /// log2 of the rows.
        log_rows_max: usize,
    },
    /// Bursts under way.
    #[error("expected 2 to 64 bursts under way, found {0}")]
    Outstanding(usize),
}

impl Geometry {
    /// Refuses, by name, what no circuit can be made for.
    pub fn check(&self) -> Result<(), GeometryError> {
        let Self { lanes, log_rows_max, log_blowup_max, log_block, log_run, data_bits, .. } = *self;
        if !matches!(lanes, 1 | 2 | 4 | 8) {
            return Err(GeometryError::Lanes(lanes));
        }
        if !(6..=24).contains(&log_rows_max) {
            return Err(GeometryError::Rows(log_rows_max));
        }
        if log_blowup_max > 3 || log_rows_max + log_blowup_max > TWO_ADICITY {
            return Err(GeometryError::Blowup(log_blowup_max));
        }
        if !matches!(data_bits, 256 | 512 | 1024) {
            return Err(GeometryError::Data(data_bits));
        }
        let bytes = (ROW_BITS / 8) << log_run.min(16);
        if log_run == 0 || bytes > PAGE_BYTES || bytes * 8 < 2 * data_bits {
            return Err(GeometryError::Run { log_run, data_bits });
        }
        // Both parts of the split fit: 2^a rows, and 2^c lines of 2^log_run rows.
        let least = (log_rows_max + log_run).div_ceil(2).max(log_run + 1);
        if log_block < least {
            return Err(GeometryError::Block { log_rows_max, log_run, log_block, least });
        }
        if log_block > 16 || log_block >= log_rows_max {
            return Err(GeometryError::BlockTooLarge { log_rows_max, log_block });
        }
        if !(1..=16).contains(&self.id_bits) {
            return Err(GeometryError::Id(self.id_bits));
        }
        let (least, regions) = (log_rows_max + 5 + self.region_bits(), self.regions());
        if !(least..=64).contains(&self.address_bits) {
            return Err(GeometryError::Address { least, found: self.address_bits, regions, log_rows_max });
        }
        if !(2..=64).contains(&self.outstanding) {
            return Err(GeometryError::Outstanding(self.outstanding));
        }
        Ok(())
    }

    /// log2 of the fewest rows a job may have.
    pub fn log_rows_min(&self) -> usize {
        self.log_run + 1
    }

    /// How 2^n rows are split: (a, c) with n = a + c, blocks of 2^a contiguous rows and strips of 2^c lines. The two passes work on tiles
    /// of 2^a and 2^(c + log_run) rows; they are as equal as they can be, because short tiles lose clocks between stages.
    pub fn split(&self, n: usize) -> (usize, usize) {
        let most = (self.log_block - self.log_run).min(n - self.log_run);
        let c = ((n - self.log_run) / 2).max(n.saturating_sub(self.log_block)).clamp(1, most.max(1));
        (n - c, c)
    }

    /// Bytes of memory that a circuit of this geometry addresses.
    pub fn memory_bytes(&self) -> u64 {
        (self.regions() as u64) << (self.log_rows_max + 5)
    }

    /// Two groups of inputs, and the cosets of one group.
    pub(super) fn regions(&self) -> usize {
        2 + (1 << self.log_blowup_max)
    }

    pub(super) fn region_bits(&self) -> usize {
        index_bits(self.regions())
    }

    /// Columns of a group in one lane.
    pub fn columns_per_lane(&self) -> usize {
        8 / self.lanes
    }

    pub(super) fn column_bits(&self) -> usize {
        self.columns_per_lane().ilog2() as usize
    }

    /// Address of an element in a bank of a lane: column and half the row.
    pub(super) fn place_bits(&self) -> usize {
        self.column_bits() + self.log_block - 1
    }

    /// Rows of a beat.
    pub(super) fn beat_rows(&self) -> usize {
        self.data_bits / ROW_BITS
    }

    /// Beats of a burst.
    pub fn burst_beats(&self) -> usize {
        (1 << self.log_run) / self.beat_rows()
    }

    /// Counters of lines and of tiles.
    pub(super) fn line_bits(&self) -> usize {
        self.log_block - self.log_run
    }

    /// Number of a chunk: the adjacent rows of a burst.
    pub(super) fn chunk_bits(&self) -> usize {
        self.log_rows_max - self.log_run
    }

    /// Index of a twiddle in the tree of blocks, or of a power of the shift.
    pub(super) fn index_bits(&self) -> usize {
        self.log_rows_max + self.log_blowup_max.max(1) - 1
    }

    /// The part of an index that the lower of the two tables decodes.
    pub(super) fn low_bits(&self) -> usize {
        self.index_bits().div_ceil(2).max(4)
    }

    /// The part of an index that the upper table decodes.
    pub(super) fn high_bits(&self) -> usize {
        self.index_bits() - self.low_bits()
    }

    /// Number of a row of the extension.
    pub(super) fn leaf_bits(&self) -> usize {
        self.log_rows_max + self.log_blowup_max
    }

    /// Number of a coset, at least a bit.
    pub(super) fn coset_bits(&self) -> usize {
        self.log_blowup_max.max(1)
    }

    /// What distinguishes a circuit of this geometry, for names.
    pub(super) fn name(&self) -> String {
        let Self { lanes, log_rows_max, log_blowup_max, log_block, log_run, data_bits, .. } = *self;
        format!("l{lanes}_n{log_rows_max}_b{log_blowup_max}_t{log_block}_r{log_run}_d{data_bits}")
    }
}

/// `signal` of `from` bits as an expression of `to` bits, zeros in front.
pub(super) fn extend(signal: &str, from: usize, to: usize) -> String {
    if to > from { format!("{{{}'d0, {signal}}}", to - from) } else { signal.to_string() }
}

/// The bits of a signal in reverse order.
pub(super) fn reversed(signal: &str, bits: usize) -> String {
    if bits == 1 {
        return signal.to_string();
    }
    format!("{{{}}}", (0..bits).map(|k| format!("{signal}[{k}]")).collect::<Vec<_>>().join(", "))
}
