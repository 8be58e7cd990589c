//! A memory at a design's AXI4 manager port: banks whose rows cost time to open, one data bus, everything in order.
//!
//! The model runs inside the compiled shim at every clock. It checks the protocol (INCR bursts of full beats, aligned, inside of 4 KiB
//! and of the memory; the last beat marked; nothing withdrawn or changed before it was taken) and stops the simulation with
//! [`SimError::Fatal`] when it is broken.

use super::model::Model;
use super::stall::{Stall, StallPattern};
use crate::SimError;

/// What the memory is like. Clocks are those of the design.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    /// Bytes, from address 0.
    pub bytes: u64,
    /// Banks: a page each is open at a time; neighbouring pages are in neighbouring banks.
    pub banks: u32,
    /// Bytes of a page (a row of a bank).
    pub page_bytes: u32,
    /// Clocks to close a row and open another.
    pub open_clocks: u32,
    /// Clocks from a taken address to the first beat, and from the last written beat to its acknowledgement, at least.
    pub latency: u32,
    /// Bursts that it takes in each direction before it makes the design wait.
    pub outstanding: u32,
    /// Clocks lost when the data bus changes its direction.
    pub turnaround: u32,
    /// Pauses on all five channels.
    pub stalls: StallPattern,
    /// The number of the read burst, counted from 1, that is answered with an error.
    pub fail_read: Option<u64>,
    /// The same for a write.
    pub fail_write: Option<u64>,
}

impl Memory {
    /// A memory of 16 banks with pages of 2 KiB, 100 clocks to open a row, latency 30, 4 clocks to turn round.
    pub const fn dram(bytes: u64) -> Self {
        Self {
            bytes,
            banks: 16,
            page_bytes: 2048,
            open_clocks: 100,
            latency: 30,
            outstanding: 16,
            turnaround: 4,
            stalls: StallPattern::NONE,
            fail_read: None,
            fail_write: None,
        }
    }

    /// A memory that answers as soon as can be.
    pub const fn quick(bytes: u64) -> Self {
        Self { open_clocks: 0, latency: 0, turnaround: 0, ..Self::dram(bytes) }
    }
}

/// What went through the port, and how the data bus was used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MemoryFigures {
    /// Clocks.
    pub clocks: u64,
    /// Clocks in which a burst was to be moved: a read that was asked for, or a write that had come completely.
    pub busy: u64,
    /// Clocks in which a beat moved.
    pub moved: u64,
    /// Clocks of `busy` in which the design did not take a beat that was offered.
    pub waited: u64,
    /// Bytes read.
    pub read_bytes: u64,
    /// Bytes written.
    pub write_bytes: u64,
    /// Rows opened.
    pub row_opens: u64,
    /// Changes of direction.
    pub turnarounds: u64,
    /// Read bursts by the logarithm of their beats, rounded up.
    pub read_bursts: [u64; 9],
    /// Write bursts likewise.
    pub write_bursts: [u64; 9],
}

impl MemoryFigures {
    /// The modelled bandwidth efficiency: of the clocks in which the memory had something to move and the design let it, the part
    /// in which it did.
    pub fn efficiency(&self) -> f64 {
        self.moved as f64 / (self.busy - self.waited).max(1) as f64
    }

    /// Bytes of the shortest burst, of all bursts, when beats have so many bytes. Zero without bursts.
    pub fn shortest(&self, beat_bytes: u64) -> u64 {
        let first = (0..9).find(|&k| self.read_bursts[k] + self.write_bursts[k] > 0);
        first.map_or(0, |k| beat_bytes << k)
    }
}

/// `struct AxiPorts` of `axi.cpp`: indices in the order of [`PORTS`], then that of the reset.
pub(super) type RawPorts = [u32; PORTS.len() + 1];

/// The ports after the prefix, and whether each is an input of the design.
const PORTS: [(&str, bool); 29] = [
    ("awid", false),
    ("awaddr", false),
    ("awlen", false),
    ("awsize", false),
    ("awburst", false),
    ("awvalid", false),
    ("awready", true),
    ("wdata", false),
    ("wstrb", false),
    ("wlast", false),
    ("wvalid", false),
    ("wready", true),
    ("bid", true),
    ("bresp", true),
    ("bvalid", true),
    ("bready", false),
    ("arid", false),
    ("araddr", false),
    ("arlen", false),
    ("arsize", false),
    ("arburst", false),
    ("arvalid", false),
    ("arready", true),
    ("rid", true),
    ("rdata", true),
    ("rresp", true),
    ("rlast", true),
    ("rvalid", true),
    ("rready", false),
];

/// `struct AxiShape` of `axi.cpp`.
#[repr(C)]
pub(super) struct RawShape {
    bytes: u64,
    banks: u32,
    page_bytes: u32,
    open_clocks: u32,
    latency: u32,
    outstanding: u32,
    turnaround: u32,
    fail_read: u64,
    fail_write: u64,
    stall: Stall,
}

/// `struct AxiFigures` of `axi.cpp`.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub(super) struct RawFigures {
    counters: [u64; 8],
    read_bursts: [u64; 9],
    write_bursts: [u64; 9],
}

impl Model {
    /// Puts an empty memory behind the AXI4 manager port whose names begin with `prefix` (`axi_`), in place of one that was there. It runs
    /// at every clock from here on; the reset of the design empties its queues, not its content.
    pub fn attach_memory(&mut self, prefix: &str, memory: &Memory) -> Result<(), SimError> {
        let mut ports: RawPorts = [u32::MAX; PORTS.len() + 1];
        for (index, (name, input)) in ports.iter_mut().zip(PORTS) {
            let name = format!("{prefix}{name}");
            let id = self.port(&name)?;
            if self.describe(id).is_some_and(|p| p.input != input) {
                let [expected, found] = if input { ["an input", "an output"] } else { ["an output", "an input"] };
                return Err(self.port_error(format!("{expected} `{name}`"), found.into()));
            }
            *index = id.0;
        }
        if let Ok(rst) = self.port("rst") {
            ports[PORTS.len()] = rst.0;
        }
        let width =
            |name: &str| self.port(&format!("{prefix}{name}")).ok().and_then(|p| self.describe(p)).map(|p| p.width);
        let (read, write) = (width("rdata").unwrap_or(0), width("wdata").unwrap_or(0));
        if read != write || !read.is_power_of_two() || !(32..=1024).contains(&read) {
            let expected =
                format!("`{prefix}rdata` and `{prefix}wdata` of one width, 32 to 1024 bits and a power of two");
            return Err(self.port_error(expected, format!("{read} and {write} bits")));
        }
        if memory.banks == 0 || memory.page_bytes == 0 || memory.outstanding == 0 || memory.bytes == 0 {
            return Err(
                self.port_error("a memory with bytes, banks, pages and room for bursts".into(), format!("{memory:?}"))
            );
        }
        let shape = RawShape {
            bytes: memory.bytes,
            banks: memory.banks,
            page_bytes: memory.page_bytes,
            open_clocks: memory.open_clocks,
            latency: memory.latency,
            outstanding: memory.outstanding,
            turnaround: memory.turnaround,
            fail_read: memory.fail_read.unwrap_or(0),
            fail_write: memory.fail_write.unwrap_or(0),
            stall: memory.stalls.into(),
        };
        self.axi_attach(&ports, &shape)
    }

    /// What went through the memory's port since it was attached. All zero without a memory.
    pub fn memory_figures(&self) -> MemoryFigures {
        let raw = self.axi_figures();
        let [clocks, busy, moved, waited, read_bytes, write_bytes, row_opens, turnarounds] = raw.counters;
        MemoryFigures {
            clocks,
            busy,
            moved,
            waited,
            read_bytes,
            write_bytes,
            row_opens,
            turnarounds,
            read_bursts: raw.read_bursts,
            write_bursts: raw.write_bursts,
        }
    }

    fn port_error(&self, expected: String, found: String) -> SimError {
        SimError::Port { top: self.top().into(), expected, found }
    }
}
