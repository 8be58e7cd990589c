//! The transform: passes in the order in which its scheduler takes them, loads beside them, rows behind them.

use super::link::Inward;
use crate::lde::{FETCH_LATENCY, Geometry, LANE_LATENCY, settles_below};
use galena_target::Shape;
use std::collections::VecDeque;

/// Beats between the memories and the takers of rows.
const READOUT: usize = 16;

/// Clocks from the last element of a pass to the memory.
const SETTLE: f64 = LANE_LATENCY as f64 + 2.0;

pub(super) struct Transform {
    /// Clocks of a stage, and of the scaling.
    stage: f64,
    scaling: f64,
    /// Clocks of a row that is read out.
    row: f64,
    stages: usize,
    rows: usize,
    cosets: usize,
    groups: usize,
    load_buffers: usize,
    /// The end of the last row's reading out.
    read: f64,
    /// When the last rows were gone.
    gone: VecDeque<f64>,
}

/// A buffer of a coset.
#[derive(Clone, Copy, Default)]
struct Buffer {
    /// The coset in it, counted through the job, and stages that it lacks.
    coset: Option<(usize, usize)>,
    /// When it can be taken again.
    free: f64,
}

impl Transform {
    pub(super) fn new(geometry: &Geometry, shape: &Shape) -> Self {
        let (columns, ways) = (geometry.columns_per_lane(), geometry.ways());
        let rows = 1usize << shape.log_rows;
        // One clock between passes; a small job waits for its results.
        let between = if shape.log_rows < settles_below(geometry) { 1.0 + SETTLE } else { 1.0 };
        Self {
            stage: (columns * rows / 2 / ways) as f64 + between,
            scaling: (columns * rows / ways) as f64 + between,
            row: columns as f64,
            stages: shape.log_rows,
            rows,
            cosets: 1 << shape.log_blowup,
            groups: shape.groups(),
            load_buffers: geometry.load_buffers(),
            read: 0.0,
            gone: VecDeque::new(),
        }
    }

    /// Runs a job; `take` is given the time at which a row is ready, its group and its number in it, and says when it is gone. Returns when the last is.
    pub(super) fn run(&mut self, link: &mut Inward, mut take: impl FnMut(f64, usize, usize) -> f64) -> f64 {
        let words = 8 * self.rows;
        let mut now = link.taken();
        // Groups that were loaded, and when each is there; buffers that are free for the link, and since when.
        let mut loads: VecDeque<f64> = VecDeque::new();
        let mut loaded = 0;
        let mut spaces: VecDeque<f64> = (0..self.load_buffers).map(|_| now).collect();
        // What is done of the group in hand: stages of the inverse, then its coefficients and the cosets entered.
        let (mut inverted, mut coefficients, mut entering) = (0, false, 0);
        let mut buffers = [Buffer::default(); 2];
        let (mut front, mut rear) = (0, 0);
        let (mut entered, mut finished) = (0, 0);
        let mut end = now;
        let all = self.groups * self.cosets;
        while finished < all {
            while loaded < self.groups
                && let Some(space) = spaces.pop_front()
            {
                loads.push_back(link.take(space, words) + 2.0);
                loaded += 1;
            }
            let can_enter = coefficients && buffers[front].coset.is_none() && buffers[front].free <= now;
            if can_enter {
                now += self.stage;
                let left = self.stages - 1;
                buffers[front].coset = Some((entered, left));
                entered += 1;
                entering += 1;
                if entering == self.cosets {
                    (coefficients, entering) = (false, 0);
                    loads.pop_front();
                    spaces.push_back(now);
                }
                if left == 0 {
                    end = self.finish(&mut buffers[front], now, &mut take);
                    finished += 1;
                    rear = 1 - rear;
                }
                front = 1 - front;
            } else if let Some((_, left)) = buffers[rear].coset {
                now += self.stage;
                buffers[rear].coset = Some((finished, left - 1));
                if left == 1 {
                    end = self.finish(&mut buffers[rear], now, &mut take);
                    finished += 1;
                    rear = 1 - rear;
                }
            } else if !coefficients && loads.front().is_some_and(|&there| there <= now) {
                now += if inverted < self.stages { self.stage } else { self.scaling };
                inverted += 1;
                if inverted > self.stages {
                    (inverted, coefficients) = (0, true);
                }
            } else {
                // Nothing can be done yet: what comes first?
                let free = if coefficients { buffers[front].free } else { f64::INFINITY };
                let there = if coefficients { f64::INFINITY } else { loads.front().copied().unwrap_or(f64::INFINITY) };
                let next = free.min(there);
                if next <= now || next == f64::INFINITY {
                    break; // cannot be: every group is loaded, every buffer is set free
                }
                now = next;
            }
        }
        end
    }

    /// A coset is done at `now`: reads it out. Returns when its last row is gone.
    fn finish(&mut self, buffer: &mut Buffer, now: f64, take: &mut impl FnMut(f64, usize, usize) -> f64) -> f64 {
        let (coset, _) = buffer.coset.take().unwrap_or_default();
        let (group, first) = (coset / self.cosets, coset % self.cosets * self.rows);
        let mut read = self.read.max(now);
        let mut gone = self.gone.back().copied().unwrap_or(0.0);
        for row in 0..self.rows {
            let place = if self.gone.len() < READOUT { 0.0 } else { self.gone.pop_front().unwrap_or(0.0) };
            read = (read + self.row).max(place + self.row);
            let ready = (read + (FETCH_LATENCY + 3) as f64).max(gone + 1.0);
            gone = take(ready, group, first + row);
            self.gone.push_back(gone);
        }
        self.read = read;
        buffer.free = read + 1.0;
        gone
    }
}
