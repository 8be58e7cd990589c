//! The hasher: permutations in the order in which its feeder takes them, and the digests that they give.
//!
//! The engine keeps order. A folded one is shared by the permutations in it: among m of them each takes [`way`](Hasher::way)(m) clocks, and as they come and go
//! all go on faster or slower. An unrolled one begins a permutation every 564 / K clocks and has it done a fixed way later.

use super::link::Outward;
use crate::poseidon2::{Layout, Shape};
use std::collections::VecDeque;
use std::ops::Range;

/// Of an engine of K multipliers: clocks of one permutation alone, from the feeder's register to the collector's, found from the simulated trees of the hasher's
/// datasheet, whose last levels wait for one another; and of a folded one, clocks among m: so many, and for each of the m so much of the clocks that its
/// multiplies take, found from rows so few that each waits for its own group before. With all places taken the multipliers set the pace; with fewer, slots are lost.
const ENGINES: [(usize, f64, (f64, f64)); 10] = [
    (4, 870.0, (553.0, 0.755)),
    (8, 830.0, (553.0, 0.755)),
    (16, 796.0, (553.0, 0.755)),
    (32, 790.0, (619.0, 0.63)),
    (64, 790.0, (619.0, 0.63)),
    (96, 790.0, (619.0, 0.63)),
    (128, 790.0, (619.0, 0.63)),
    (141, 638.0, (0.0, 0.0)),
    (282, 600.0, (0.0, 0.0)),
    (564, 571.0, (0.0, 0.0)),
];

/// States that wait for the engine.
const WAITING: usize = 8;

/// Clocks from a digest to the node that it completes.
const PLANNING: f64 = 4.0;

/// Clocks from the feeder's choice to the engine.
const FEEDING: f64 = 4.0;

/// What the feeder takes.
#[derive(Clone, Copy)]
pub(super) enum Beat {
    /// Eight columns of a row.
    Row { last: bool },
    /// A leaf digest.
    Digest { odd: bool },
}

/// A permutation in the engine.
#[derive(Clone, Copy)]
struct Flight {
    /// It is done when the engine's `progress` has come to this.
    end: f64,
    /// The level of the digest that it gives; none if a state is kept.
    level: Option<usize>,
    /// It is of a row.
    row: bool,
}

pub(super) struct Hasher {
    period: f64,
    alone: f64,
    shared: (f64, f64),
    folded: bool,
    places: usize,
    leaves: usize,
    levels: usize,
    sent: Range<usize>,
    /// When the last beat or node was taken.
    taken: f64,
    /// When the last permutations began: as many as can wait.
    begun: VecDeque<f64>,
    /// The engine at this clock: permutations that one that was there from the beginning on would have made, and those in it.
    now: f64,
    progress: f64,
    flights: VecDeque<Flight>,
    /// When the last result was taken.
    collected: f64,
    /// Rows on their way, and when the last that was written was.
    rows: usize,
    written: f64,
    /// When the collector's register is free.
    free: f64,
    /// Of each level, when pairs of it are complete.
    pairs: Vec<VecDeque<f64>>,
    /// Digests of each level so far.
    digests: Vec<usize>,
}

impl Hasher {
    /// For 2^`log_leaves` leaves and `levels` above them; digests of the levels `sent` go out.
    pub(super) fn new(shape: &Shape, log_leaves: usize, levels: usize, sent: Range<usize>) -> Self {
        let multipliers = shape.multipliers();
        let (_, alone, shared) = ENGINES.into_iter().find(|e| e.0 == multipliers).unwrap_or(ENGINES[0]);
        Self {
            period: 4.0 * shape.parameters().sboxes() as f64 / multipliers as f64,
            alone,
            shared,
            folded: !matches!(shape.layout, Layout::Unrolled { .. }),
            places: shape.in_flight(),
            leaves: 1 << log_leaves,
            levels: levels.min(log_leaves),
            sent,
            taken: 0.0,
            begun: VecDeque::new(),
            now: 0.0,
            progress: 0.0,
            flights: VecDeque::new(),
            collected: 0.0,
            rows: 0,
            written: 0.0,
            free: 0.0,
            pairs: vec![VecDeque::new(); log_leaves + 1],
            digests: vec![0; log_leaves + 1],
        }
    }

    /// Makes so many permutations one behind the other from `start` on; returns when the last is done.
    pub(super) fn search(&mut self, start: f64, permutations: u64, out: &mut Outward) -> f64 {
        // Beyond the first some thousand each takes its period.
        let some = permutations.min(1 << 12);
        self.taken = start;
        for _ in 0..some {
            let taken = self.place();
            self.permutation(taken, None, false, out);
        }
        self.finish(out) + (permutations - some) as f64 * self.period
    }

    /// A beat that is ready; returns when it is taken.
    pub(super) fn beat(&mut self, ready: f64, beat: Beat, out: &mut Outward) -> f64 {
        let mut ready = ready;
        let level = match beat {
            // The left one waits for its right one; of no levels nothing becomes of either.
            Beat::Digest { odd } if !odd || self.levels == 0 => {
                self.nodes(ready, out);
                return ready;
            }
            Beat::Digest { .. } => Some(1),
            Beat::Row { last } => {
                // Its state of the group before must have been written.
                while self.rows >= self.leaves {
                    self.advance(self.next(), out);
                    ready = ready.max(self.written);
                }
                self.rows += 1;
                last.then_some(0)
            }
        };
        self.nodes(ready, out);
        let taken = self.place().max(ready);
        self.permutation(taken, level, matches!(beat, Beat::Row { .. }), out);
        taken
    }

    /// Makes all nodes that are left; returns when the last result has been taken.
    pub(super) fn finish(&mut self, out: &mut Outward) -> f64 {
        self.nodes(f64::INFINITY, out);
        while !self.flights.is_empty() {
            self.advance(self.next(), out);
        }
        self.collected.max(self.free)
    }

    /// When the feeder can take something.
    fn place(&self) -> f64 {
        let waits = if self.begun.len() == WAITING { self.begun[0] } else { 0.0 };
        waits.max(self.taken + 1.0)
    }

    /// Takes nodes until `until`, when something with precedence is there.
    fn nodes(&mut self, until: f64, out: &mut Outward) {
        loop {
            let place = self.place();
            if place >= until {
                return;
            }
            self.advance(place, out);
            let waits = |k: &usize| self.pairs[*k].front().is_some_and(|&pair| pair <= place);
            let level = match (0..self.levels).find(waits) {
                Some(level) => level,
                None => {
                    let first = (0..self.levels).filter(|&k| !self.pairs[k].is_empty());
                    let first = first.min_by(|&a, &b| self.pairs[a][0].total_cmp(&self.pairs[b][0]));
                    let next = self.next();
                    match first {
                        Some(level) if self.pairs[level][0] <= next => level,
                        // A result that is still to come may complete an earlier pair.
                        _ if next < until => {
                            self.advance(next, out);
                            continue;
                        }
                        _ => return,
                    }
                }
            };
            let Some(&pair) = self.pairs[level].front() else { return };
            let taken = pair.max(place);
            if taken >= until {
                return;
            }
            self.pairs[level].pop_front();
            self.permutation(taken, Some(level + 1), false, out);
        }
    }

    /// A permutation of something taken at `taken`.
    fn permutation(&mut self, taken: f64, level: Option<usize>, row: bool, out: &mut Outward) {
        self.taken = taken;
        let mut begun = taken + FEEDING;
        if !self.folded {
            begun = begun.max(self.begun.back().map_or(0.0, |b| b + self.period));
        }
        while self.flights.len() >= self.places {
            let next = self.next();
            self.advance(next, out);
            begun = begun.max(next);
        }
        self.advance(begun, out);
        self.flights.push_back(Flight { end: self.progress + 1.0, level, row });
        if self.begun.len() == WAITING {
            self.begun.pop_front();
        }
        self.begun.push_back(begun);
    }

    /// Clocks of a permutation among those that are in the engine.
    fn way(&self) -> f64 {
        let shared = self.shared.0 + self.shared.1 * self.period * self.flights.len() as f64;
        let way = if self.folded { self.alone.max(shared) } else { self.alone };
        (way - FEEDING).max(self.period * self.flights.len() as f64)
    }

    /// When the next result is there, if nothing else begins; never if the engine is empty.
    fn next(&self) -> f64 {
        self.flights.front().map_or(f64::INFINITY, |first| self.now + (first.end - self.progress) * self.way())
    }

    /// The engine goes on until this clock; results that come are taken.
    fn advance(&mut self, to: f64, out: &mut Outward) {
        while !self.flights.is_empty() && self.next() <= to {
            self.now = self.next();
            let Some(first) = self.flights.pop_front() else { return };
            self.progress = first.end;
            self.collect(first, out);
        }
        if to > self.now {
            self.progress += (to - self.now) / self.way();
            self.now = to;
        }
    }

    /// Takes a result that is there now.
    fn collect(&mut self, Flight { level, row, .. }: Flight, out: &mut Outward) {
        let mut done = self.now.max(self.collected);
        if let Some(level) = level {
            // The digest before it may still be in the register.
            done = done.max(self.free);
            if self.sent.contains(&level) {
                self.free = out.chunk(done);
            }
            self.digests[level] += 1;
            if level < self.levels && self.digests[level].is_multiple_of(2) {
                self.pairs[level].push_back(done + PLANNING);
            }
        }
        if row {
            (self.rows, self.written) = (self.rows.saturating_sub(1), done);
        }
        self.collected = done;
    }
}

#[cfg(test)]
mod tests {
    use super::super::link::Pace;
    use super::*;

    /// Whole jobs of the hasher alone, with neither side stalling, of its datasheet: K, log2 of the rows, columns, clocks of leaves alone, and with their tree.
    const LEAVES: [(usize, usize, usize, f64, f64); 7] = [
        (4, 10, 64, 1_155_514.0, 1_301_659.0),
        (8, 10, 64, 578_020.0, 652_632.0),
        (16, 10, 64, 289_085.0, 328_274.0),
        (32, 10, 64, 144_744.0, 166_552.0),
        (64, 12, 64, 289_241.0, 329_810.0),
        (141, 14, 64, 524_963.0, 594_916.0),
        (564, 14, 64, 131_643.0, 152_723.0),
    ];

    /// The same of a tree over 2^16 digests.
    const TREE: [(usize, f64); 7] = [
        (4, 9_242_570.0),
        (8, 4_623_170.0),
        (16, 2_313_516.0),
        (32, 1_159_155.0),
        (64, 582_468.0),
        (141, 267_236.0),
        (564, 74_685.0),
    ];

    fn run(k: usize, log_leaves: usize, levels: usize, groups: Option<usize>) -> f64 {
        let mut out = Outward::new(Pace { word: 1.0, held: 0.0 });
        let mut hasher = Hasher::new(&Shape::new(16, k).unwrap(), log_leaves, levels, 0..0);
        let mut now = 0.0;
        for group in 0..groups.unwrap_or(1) {
            for row in 0..1 << log_leaves {
                let beat = match groups {
                    Some(groups) => Beat::Row { last: group + 1 == groups },
                    None => Beat::Digest { odd: row % 2 == 1 },
                };
                now = hasher.beat(now + 1.0, beat, &mut out);
            }
        }
        hasher.finish(&mut out)
    }

    #[test]
    fn the_jobs_of_the_datasheet_are_within_half_a_percent() {
        let mut wrong = vec![];
        let mut check = |what: String, found: f64, expected: f64| {
            println!(
                "{what}: {found:.0} for {expected:.0}, {:+.2} %, {:+.0}",
                100.0 * (found / expected - 1.0),
                found - expected
            );
            if (found / expected - 1.0).abs() > 0.005 {
                wrong.push(what);
            }
        };
        for (k, log, columns, leaves, mixed) in LEAVES {
            check(format!("leaves, {k}"), run(k, log, 0, Some(columns / 8)), leaves);
            check(format!("mixed, {k}"), run(k, log, log, Some(columns / 8)), mixed);
        }
        for (k, tree) in TREE {
            check(format!("tree, {k}"), run(k, 16, 16, None), tree);
        }
        assert!(wrong.is_empty(), "{wrong:?}");
    }
}
