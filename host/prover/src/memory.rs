//! Which beats of a device's memory are taken in this proof. Nothing but this bookkeeping protects what is kept there.

use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The beats of one device: first fit, merged when they come back.
pub(crate) struct Memory {
    /// Free ranges, in order, never touching.
    free: Mutex<Vec<Range<usize>>>,
}

/// Beats that are taken until this is dropped.
pub(crate) struct Region {
    memory: Arc<Memory>,
    beats: Range<usize>,
}

impl Memory {
    /// All of `beats` free.
    pub(crate) fn new(beats: usize) -> Arc<Self> {
        Arc::new(Self { free: Mutex::new(Vec::from([Range { start: 0, end: beats }])) })
    }

    /// So many beats, or `None` if they are not free in one piece.
    pub(crate) fn take(self: &Arc<Self>, beats: usize) -> Option<Region> {
        let mut free = self.free();
        let at = free.iter().position(|range| range.len() >= beats)?;
        let start = free[at].start;
        free[at].start += beats;
        if free[at].is_empty() {
            free.remove(at);
        }
        Some(Region { memory: Arc::clone(self), beats: start..start + beats })
    }

    fn free(&self) -> MutexGuard<'_, Vec<Range<usize>>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Region {
    /// Its first beat.
    pub(crate) fn base(&self) -> usize {
        self.beats.start
    }
}

impl Drop for Region {
    fn drop(&mut self) {
        let mut free = self.memory.free();
        let at = free.partition_point(|range| range.end <= self.beats.start);
        free.insert(at, self.beats.clone());
        // With the next, then with the one before.
        for first in [Some(at), at.checked_sub(1)].into_iter().flatten() {
            if free.get(first + 1).is_some_and(|next| next.start == free[first].end) {
                free[first].end = free.remove(first + 1).end;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{Rng, SeedableRng};

    #[test]
    fn what_comes_back_is_one_piece_again() {
        let memory = Memory::new(100);
        let regions: Vec<Region> = (0..4).map(|_| memory.take(25).unwrap()).collect();
        assert_eq!(regions.iter().map(Region::base).collect::<Vec<_>>(), [0, 25, 50, 75]);
        assert!(memory.take(1).is_none());
        let [a, b, c, d] = regions.try_into().ok().unwrap();
        drop(a);
        drop(c);
        assert!(memory.take(50).is_none(), "two pieces");
        drop(b);
        assert_eq!(memory.take(75).map(|region| region.base()), Some(0), "they touch");
        drop(d);
        assert!(memory.take(100).is_some() && memory.take(101).is_none());
    }

    #[test]
    fn no_beat_is_given_twice() {
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(4);
        let memory = Memory::new(1000);
        let mut held: Vec<Region> = vec![];
        for _ in 0..2000 {
            match rng.random_bool(0.6) {
                true => held.extend(memory.take(rng.random_range(1..200))),
                false if !held.is_empty() => drop(held.swap_remove(rng.random_range(0..held.len()))),
                false => {}
            }
            let mut ranges: Vec<Range<usize>> = held.iter().map(|region| region.beats.clone()).collect();
            ranges.extend(memory.free().iter().cloned());
            ranges.sort_by_key(|range| range.start);
            assert_eq!((ranges[0].start, ranges[ranges.len() - 1].end), (0, 1000));
            assert!(ranges.windows(2).all(|pair| pair[0].end == pair[1].start), "{ranges:?}");
        }
        drop(held);
        assert_eq!(memory.free().len(), 1);
    }
}
