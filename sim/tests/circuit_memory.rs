//! Device memory in Verilator: what is kept lies where the ABI says, and comes back in the order it is asked for, under every stall.

use crate::packing::{element, pack, unpack};
use galena_hdl::emit;
use galena_hdl::memory::model::{Beat, digest_address, place};
use galena_hdl::memory::{memory, read_latency};
use galena_sim::lint::lint;
use galena_sim::tools;
use galena_sim::verilated::{Build, End, Limits, Model, PortId, Stall, StallPattern};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

const LIMITS: Limits = Limits { cycles: 1_000_000, silence: 1000 };

/// A memory, and what must be in it: nothing is known of a beat that was never written.
struct Memory {
    model: Model,
    log: usize,
    expected: Vec<Option<Beat>>,
}

impl Memory {
    fn open(log: usize) -> Self {
        let circuit = memory(log);
        let files = emit(&circuit).unwrap();
        lint(&files, &circuit.name).unwrap();
        let mut model = Build::new(&circuit.name, &files).open().unwrap();
        for name in ["row_valid", "digest_valid", "s_valid", "m_ready", "start"] {
            let port = model.port(name).unwrap();
            model.set_u32(port, 0);
        }
        model.reset(3).unwrap();
        Self { model, log, expected: vec![None; 1 << log] }
    }

    fn port(&self, name: &str) -> PortId {
        self.model.port(name).unwrap()
    }

    fn start(&mut self, row_base: u32, digest_base: u32, log_leaves: usize) {
        let values =
            [("row_base", row_base), ("digest_base", digest_base), ("log_leaves", log_leaves as u32), ("start", 1)];
        for (name, value) in values {
            let port = self.port(name);
            self.model.set_u32(port, value);
        }
        self.model.step().unwrap();
        let start = self.port("start");
        self.model.set_u32(start, 0);
    }

    /// Rows in order and digests of a tree, offered with these pauses; returns the clocks until all are written.
    fn keep(&mut self, rows: &[Beat], digests: &[(usize, u32, Beat)], mut stalls: [Stall; 2]) -> u64 {
        let names = [
            "row_valid",
            "row_ready",
            "row_data",
            "digest_valid",
            "digest_data",
            "digest_level",
            "digest_index",
            "busy",
        ];
        let [row_valid, row_ready, row_data, digest_valid, digest_data, level, index, busy] =
            names.map(|n| self.port(n));
        let before = self.model.cycles();
        let (mut r, mut d, mut offered) = (0, 0, false);
        while r < rows.len() || d < digests.len() {
            let digest = d < digests.len() && !stalls[1].pause();
            offered = r < rows.len() && (offered || !stalls[0].pause());
            let model = &mut self.model;
            model.set_u32(row_valid, offered.into());
            model.set_u32(digest_valid, digest.into());
            // What is not valid is noise.
            model.set_wide(row_data, &if offered { pack(&rows[r]) } else { vec![0xdead_beef; 8] });
            if digest {
                model.set_wide(digest_data, &pack(&digests[d].2));
                model.set_u32(level, digests[d].0 as u32);
                model.set_u32(index, digests[d].1);
            }
            model.settle().unwrap();
            if offered && model.get_u32(row_ready) == 1 {
                (r, offered) = (r + 1, false);
            }
            d += usize::from(digest);
            model.step().unwrap();
        }
        self.model.set_u32(row_valid, 0);
        self.model.set_u32(digest_valid, 0);
        self.model.settle().unwrap();
        while self.model.get_u32(busy) == 1 {
            self.model.step().unwrap();
            self.model.settle().unwrap();
        }
        self.model.cycles() - before
    }

    /// Reads these addresses and compares what is known; returns the clocks.
    fn read(&mut self, addresses: &[u32], stalls: [StallPattern; 2]) -> u64 {
        let mut s = [self.model.stream("s_").unwrap().stalls(stalls[0])];
        let mut m = [self.model.stream("m_").unwrap().stalls(stalls[1])];
        s[0].send(addresses);
        m[0].want(addresses.len());
        let before = self.model.cycles();
        assert_eq!(self.model.run(&mut s, &mut m, LIMITS).unwrap(), End::Done, "{stalls:?}");
        let clocks = self.model.cycles() - before;
        for (&address, beat) in addresses.iter().zip(m[0].received().chunks(8)) {
            if let Some(expected) = self.expected[place(address, self.log)] {
                assert_eq!(unpack(beat, 8), expected, "address {address:#x} {stalls:?}");
            }
        }
        clocks
    }
}

fn beat(rng: &mut ChaCha8Rng) -> Beat {
    std::array::from_fn(|_| element(rng))
}

#[test]
fn what_is_kept_lies_where_the_abi_says() {
    let seed = 95;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    for log in [6, 9, 12, 15] {
        let mut memory = Memory::open(log);
        for round in 0..16 {
            let patterns =
                [StallPattern::all(round)[round as usize % 4], StallPattern::all(round + 100)[round as usize / 4]];
            let log_leaves = rng.random_range(2..log.min(8) - 1);
            let (row_base, digest_base) = (rng.random_range(0..1u32 << 20), rng.random_range(0..1u32 << 20));
            // Rows and digests that do not meet, wherever the two bases are, or only rows, or only digests.
            let apart = place(digest_base.wrapping_sub(row_base), log);
            let (rows, levels) = match round % 3 {
                0 => (rng.random_range(1..1 << log.min(9)), 0),
                1 => (0, rng.random_range(1..=log_leaves + 1)),
                _ => (apart.min(300), if apart + (2 << log_leaves) <= 1 << log { log_leaves + 1 } else { 0 }),
            };
            memory.start(row_base, digest_base, log_leaves);
            let rows: Vec<Beat> = (0..rows).map(|_| beat(&mut rng)).collect();
            let digests: Vec<(usize, u32, Beat)> = (0..levels)
                .flat_map(|level| (0..1u32 << (log_leaves - level)).map(move |index| (level, index)))
                .map(|(level, index)| (level, index, beat(&mut rng)))
                .collect();
            memory.keep(&rows, &digests, patterns.map(Stall::from));
            for (k, row) in rows.iter().enumerate() {
                memory.expected[place(row_base + k as u32, log)] = Some(*row);
            }
            for (level, index, digest) in &digests {
                let address = digest_address(digest_base, log_leaves, *level, *index);
                memory.expected[place(address, log)] = Some(*digest);
            }
            // Addresses have twenty bits and are taken modulo the memory.
            let mut addresses: Vec<u32> = (0..100).map(|_| rng.random_range(0..1 << 20)).collect();
            addresses.extend((0..200).map(|k| row_base.wrapping_add(k) & 0xf_ffff));
            addresses.extend((0..200).map(|k| digest_base.wrapping_add(k) & 0xf_ffff));
            memory.read(&addresses, [patterns[1], patterns[0]]);
        }
        let known = memory.expected.iter().flatten().count();
        assert!(known > 60, "2^{log}: {known} beats are known, seed {seed}");
    }
}

#[test]
fn a_digest_costs_a_row_one_clock_and_reading_is_faster_than_the_link() {
    let mut rng = ChaCha8Rng::seed_from_u64(96);
    let log = 12;
    let mut memory = Memory::open(log);
    memory.start(0, 2048, 9);
    let rows: Vec<Beat> = (0..1000).map(|_| beat(&mut rng)).collect();
    let digests: Vec<(usize, u32, Beat)> = (0..300).map(|k| (0, k, beat(&mut rng))).collect();
    let none = || [StallPattern::NONE, StallPattern::NONE].map(Stall::from);
    let clocks = memory.keep(&rows, &[], none());
    assert!(clocks <= 1000 + 2, "a row a clock, found {clocks}");
    memory.start(0, 2048, 9);
    let clocks = memory.keep(&rows, &digests, none());
    assert!((1300..=1300 + 2).contains(&clocks), "the port is never idle, found {clocks}");
    for (k, row) in rows.iter().enumerate() {
        memory.expected[k] = Some(*row);
    }
    for (_, index, digest) in &digests {
        memory.expected[2048 + *index as usize] = Some(*digest);
    }
    let addresses: Vec<u32> = (0..1000).chain(2048..2348).collect();
    let clocks = memory.read(&addresses, [StallPattern::NONE; 2]);
    println!("{} beats read in {clocks} clocks", addresses.len());
    assert!(clocks <= addresses.len() as u64 + read_latency(log) as u64 + 3, "a beat a clock, found {clocks}");
    // The largest memory has the longest way.
    let mut memory = Memory::open(20);
    let clocks = memory.read(&addresses, [StallPattern::NONE; 2]);
    println!("{} beats read in {clocks} clocks from 2^20", addresses.len());
    assert!(clocks <= 2 * addresses.len() as u64, "found {clocks}");
}

#[test]
fn a_dropped_job_leaves_nothing_under_way() {
    let mut rng = ChaCha8Rng::seed_from_u64(97);
    let mut memory = Memory::open(9);
    memory.start(0, 0, 2);
    let rows: Vec<Beat> = (0..100).map(|_| beat(&mut rng)).collect();
    memory.keep(&rows, &[], [StallPattern::NONE; 2].map(Stall::from));
    for (k, row) in rows.iter().enumerate() {
        memory.expected[k] = Some(*row);
    }
    // Addresses are in, some beats wait, and the job is over: none of them may come later.
    let mut s = [memory.model.stream("s_").unwrap()];
    s[0].send(&[1, 2, 3, 4, 5, 6]);
    memory.model.run(&mut s, &mut [], LIMITS).unwrap();
    memory.model.reset(1).unwrap();
    memory.read(&(50..100).collect::<Vec<_>>(), [StallPattern::NONE, StallPattern::half(1)]);
    let mut m = [memory.model.stream("m_").unwrap()];
    m[0].want(1);
    assert_eq!(memory.model.run(&mut [], &mut m, LIMITS).unwrap(), End::Silence);
}

#[test]
fn every_size_passes_yosys() {
    for log in [6, 12, 13, 14, 19, 20] {
        let circuit = memory(log);
        let files = emit(&circuit).unwrap();
        lint(&files, &circuit.name).unwrap();
        if log <= 12 {
            let top = &circuit.name;
            tools::yosys(&files, &[], &format!("hierarchy -check -top {top}; proc; check -assert")).unwrap();
        }
    }
}
