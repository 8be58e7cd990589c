//! Digests that stay in a device's memory until they are opened.
//!
//! The link carries the columns once, and of the digests only the layer that is needed at once. Some of what stays is
//! fetched and recomputed when it was made, and all that is opened is checked against the commitment when it comes. A
//! device that cannot give back what it holds costs the recomputation of its layers from the rows, which the host has.

use std::collections::BTreeSet;
use std::sync::Arc;

use galena_device::{Job, Kernel};
use p3_symmetric::PseudoCompressionFunction;

use crate::field::{Digest, Layer};
use crate::lane::{Lane, job};
use crate::ledger::{Commitment, Part, Shape};
use crate::marshal;
use crate::memory::Region;
use crate::offload::Offload;

/// Trees of fewer digests are not worth the two more jobs.
const BEATS_MIN: usize = 128;

/// Most beats that one job reads.
const READ_MAX: usize = galena_target::job::READ_MAX;

const MALFORMED: &str = "beats that were not asked for, or words that are no field elements";
pub(crate) const WRONG_DIGESTS: &str =
    "digests in the device's memory are not what was computed: a silent error of the hardware or its memory";

/// A layer of a tree, wherever it is.
pub(crate) enum Level {
    /// On the host.
    Here(Layer),
    /// In a device's memory.
    There(Kept),
}

/// Where in which device's memory a layer is.
pub(crate) struct Kept {
    device: usize,
    /// All layers of one job, freed with the last of them.
    region: Arc<Region>,
    /// Digest 0 of this layer, from the region's first beat on.
    offset: usize,
}

/// Layers of a tree, one above the other. The topmost is always on the host.
pub(crate) struct Layers {
    pub below: Vec<Level>,
    pub top: Layer,
}

impl Layers {
    /// All of these on the host.
    pub(crate) fn here(mut layers: Vec<Layer>) -> Self {
        let top = layers.pop().unwrap_or_default();
        Self { below: layers.into_iter().map(Level::Here).collect(), top }
    }

    /// Those of a finished job: what came back, the last of them the top, and below it what is in `room`.
    pub(crate) fn of_job(shape: &Shape, layers: Vec<Layer>, room: Option<(usize, Region)>) -> Self {
        let mut all = Self::here(layers);
        if let Some((device, region)) = room {
            let (region, shape) = (Arc::new(region), job(shape, &[]).shape());
            let kept = |level| Kept { device, region: Arc::clone(&region), offset: shape.digest_beat(level) };
            all.below = (shape.computed_level()..shape.levels).map(|level| Level::There(kept(level))).collect();
        }
        all
    }

    /// Puts layers on top.
    pub(crate) fn stack(&mut self, above: Layers) {
        self.below.push(Level::Here(std::mem::take(&mut self.top)));
        self.raise(above);
    }

    /// Puts layers in the place of the topmost.
    pub(crate) fn raise(&mut self, above: Layers) {
        self.below.extend(above.below);
        self.top = above.top;
    }

    /// The device that holds some of them, if one does.
    pub(crate) fn holder(&self) -> Option<usize> {
        self.below.iter().find_map(|level| match level {
            Level::Here(_) => None,
            Level::There(kept) => Some(kept.device),
        })
    }
}

fn read_shape(beats: usize) -> Shape {
    Shape { kernel: Kernel::Read, log_rows: 0, log_blowup: 0, columns: beats, levels: 0 }
}

impl Lane {
    /// Whether the device's memory could ever hold the digests of a job of this shape, and it pays.
    pub(crate) fn may_keep(&self, shape: &Shape) -> bool {
        let beats = job(shape, &[]).shape().digest_beats();
        self.memory.is_some() && (BEATS_MIN..=self.info.limits.memory_beats).contains(&beats)
    }

    /// Room in the device's memory for the digests of a job of this shape, if they are to stay there.
    pub(crate) fn room(&self, shape: &Shape) -> Option<Region> {
        let memory = self.memory.as_ref().filter(|_| self.may_keep(shape))?;
        memory.take(job(shape, &[]).shape().digest_beats())
    }
}

/// The job, with its digests kept in `room`, if there is room: then only the last level comes back.
pub(crate) fn keeping<'a>(job: Job<'a>, room: Option<&Region>) -> Job<'a> {
    match room {
        None => job,
        Some(region) => {
            let keep_digests = u32::try_from(region.base()).ok();
            Job { keep_digests, first_level: job.levels, return_rows: false, ..job }
        }
    }
}

impl Offload {
    /// The digests at (level, index), in the order asked, from wherever they are. `None`: a device did not give back what it
    /// holds; why is in the ledger.
    pub(crate) fn fetch(
        &self,
        commitment: Commitment,
        layers: &Layers,
        wanted: &[(usize, usize)],
    ) -> Option<Vec<Digest>> {
        let mut found: Vec<Digest> = vec![Digest::default(); wanted.len()];
        for lane in &self.lanes {
            let mut slots = Vec::new();
            let mut addresses = Vec::new();
            for (slot, &(level, index)) in wanted.iter().enumerate() {
                match layers.below.get(level) {
                    None => found[slot] = *layers.top.get(index)?,
                    Some(Level::Here(layer)) => found[slot] = *layer.get(index)?,
                    Some(Level::There(kept)) if kept.device == lane.index => {
                        slots.push(slot);
                        addresses.push(u32::try_from(kept.region.base() + kept.offset + index).ok()?);
                    }
                    Some(Level::There(_)) => {}
                }
            }
            for (slots, addresses) in slots.chunks(READ_MAX).zip(addresses.chunks(READ_MAX)) {
                let digests = self.read(commitment, lane, addresses)?;
                slots.iter().zip(digests).for_each(|(&slot, digest)| found[slot] = digest);
            }
        }
        Some(found)
    }

    /// Beats that came back are not what was committed to.
    pub(crate) fn condemn_read(&self, commitment: Commitment, beats: usize, device: usize) {
        self.condemn(commitment, read_shape(beats), device, WRONG_DIGESTS);
    }

    fn read(&self, commitment: Commitment, lane: &Lane, addresses: &[u32]) -> Option<Vec<Digest>> {
        let columns = addresses.len();
        let shape = read_shape(columns);
        let done = self.desk.run(
            &[lane],
            1,
            |_, _| true,
            |lane, _| {
                lane.perform(
                    &Job::of(Kernel::Read, 0, columns, addresses),
                    |output| marshal::beats(&output.rows, columns).ok_or(MALFORMED),
                    |_| Ok(()),
                )
            },
        );
        self.settle_for(commitment, shape, Part::WHOLE, done.into_iter().next()?)
    }

    /// Whether samples of layers of which a device holds some are right: of the lowest, what `lowest` computes; of the
    /// others, their children compressed. False, too, if they could not be fetched. If they are wrong, the ledger says so.
    pub(crate) fn sampled(&self, shape: Shape, layers: &Layers, lowest: impl Fn(usize) -> Digest) -> bool {
        let Some(device) = layers.holder() else { return true };
        let commitment = self.commitment();
        match self.samples_agree(commitment, layers, lowest) {
            Some(false) => {
                self.condemn(commitment, shape, device, WRONG_DIGESTS);
                false
            }
            agree => agree.is_some(),
        }
    }

    fn samples_agree(&self, commitment: Commitment, layers: &Layers, lowest: impl Fn(usize) -> Digest) -> Option<bool> {
        let height = layers.top.len() << layers.below.len();
        let rng = &mut rand::rng();
        let positions: Vec<(usize, usize)> = (0..=layers.below.len())
            .flat_map(|level| {
                self.checks.positions(height >> level, rng).map(move |index| (level, index)).collect::<Vec<_>>()
            })
            .collect();
        // Each digest comes once, however many samples it is part of.
        let children = |&(level, index): &(usize, usize)| match level.checked_sub(1) {
            Some(below) => vec![(level, index), (below, 2 * index), (below, 2 * index + 1)],
            None => vec![(level, index)],
        };
        let wanted: BTreeSet<(usize, usize)> = positions.iter().flat_map(children).collect();
        let wanted: Vec<(usize, usize)> = wanted.into_iter().collect();
        let digests = self.fetch(commitment, layers, &wanted)?;
        let digest = |level, index| wanted.binary_search(&(level, index)).ok().and_then(|at| digests.get(at)).copied();
        let agree = positions.iter().all(|&(level, index)| {
            let expected = match level.checked_sub(1) {
                Some(below) => digest(below, 2 * index)
                    .zip(digest(below, 2 * index + 1))
                    .map(|(left, right)| self.compress.compress([left, right])),
                None => Some(lowest(index)),
            };
            expected.is_some() && digest(level, index) == expected
        });
        Some(agree)
    }
}
