//! The campaign itself: every row at many points, and what came of them.

use std::collections::BTreeMap;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::attack::attack;
use super::proof::Proof;
use super::stand::{Kind, Stand};
use super::strike::{Outcome, Point, strike};
use super::table::{Row, rows};
use super::tape::Tape;
use super::{config, seed};

/// How much is done.
#[derive(Clone, Copy, Debug)]
pub struct Tier {
    /// Points of every row under jobs of a recorded proof, by [`Kind`].
    pub jobs: [u64; 3],
    /// Points of every row under whole proofs, by [`Kind`].
    pub proofs: [u64; 3],
    /// Of the rows, every which one is struck under whole proofs, by [`Kind`]: those take their time.
    pub strides: [usize; 3],
    /// log2 of the rows of the largest table that goes to the device.
    pub log_rows: usize,
}

/// What came of the points of one row on one device.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// How often.
    pub outcomes: BTreeMap<Outcome, u64>,
    /// The worst time of a job that was struck, in seconds.
    pub worst: f64,
    /// The longest recovery, in seconds.
    pub recovery: f64,
    /// The first error of each kind.
    pub errors: Vec<String>,
}

impl Tally {
    fn add(&mut self, point: Point) {
        *self.outcomes.entry(point.outcome).or_default() += 1;
        self.worst = self.worst.max(point.seconds);
        self.recovery = self.recovery.max(point.recovery);
        if let Some(error) = point.error
            && self.errors.is_empty()
        {
            self.errors.push(error);
        }
    }

    /// Points.
    pub fn points(&self) -> u64 {
        self.outcomes.values().sum()
    }
}

/// One row, done.
pub struct Done {
    /// The row.
    pub row: Row,
    /// Under recorded jobs.
    pub jobs: Tally,
    /// Under whole proofs.
    pub proofs: Tally,
}

/// A campaign, done.
pub struct Campaign {
    /// The seed.
    pub seed: u64,
    /// Every row.
    pub rows: Vec<Done>,
    /// What should not be, each with how to strike it again.
    pub violations: Vec<String>,
}

/// What the environment asks for, if not for everything: one row, one point of each row.
struct Only {
    row: Option<String>,
    point: Option<u64>,
}

impl Only {
    fn asked() -> Self {
        let point = std::env::var("GALENA_CAMPAIGN_POINT").ok().and_then(|text| text.parse().ok());
        Self { row: std::env::var("GALENA_CAMPAIGN_ROW").ok(), point }
    }

    /// The points to strike where there are so many.
    fn points(&self, count: u64) -> Vec<u64> {
        match self.point {
            Some(point) if count > 0 => vec![point],
            _ => (0..count).collect(),
        }
    }
}

/// What a point was struck in; part of the seed, so that every point can be struck alone.
#[derive(Clone, Copy)]
struct Place<'a> {
    tier: &'static str,
    device: &'static str,
    row: &'a Row,
    point: u64,
}

impl Place<'_> {
    fn rng(&self, seed: u64) -> ChaCha8Rng {
        // The name is part of the seed, not the row's number: a new row does not move the others.
        let name = [self.tier, self.device, self.row.place, &self.row.name].join("/");
        let hash =
            name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
        let mut rng = ChaCha8Rng::seed_from_u64(seed ^ hash);
        rng.set_stream(self.point);
        rng
    }

    fn violation(&self, seed: u64, what: &str) -> String {
        format!(
            "{}, {}, {} on the {}, point {}: {what}\n  again: GALENA_CAMPAIGN_SEED={seed} GALENA_CAMPAIGN_ROW='{}' \
             GALENA_CAMPAIGN_POINT={} cargo test --release -p galena-tests --test fault_campaign -- --nocapture",
            self.row.name, self.row.place, self.tier, self.device, self.point, self.row.name, self.point
        )
    }
}

/// Strikes every row. `say` is told of every row that is done.
///
/// # Panics
/// If the CPU cannot make the proof.
pub fn campaign(tier: &Tier, mut say: impl FnMut(&Done)) -> Campaign {
    let (seed, proof) = (seed(), Proof::new());
    let tape = Tape::record(&proof, config(), tier.log_rows);
    let mut stands = Kind::ALL.map(|_| None);
    let mut campaign = Campaign { seed, rows: Vec::new(), violations: Vec::new() };
    let only = Only::asked();
    let wanted = |row: &Row| only.row.as_ref().is_none_or(|name| *name == row.name);
    for (index, row) in rows().into_iter().enumerate().filter(|(_, row)| wanted(row)) {
        let mut done = Done { row: row.clone(), jobs: Tally::default(), proofs: Tally::default() };
        for (device, slot) in stands.iter_mut().enumerate().filter(|(device, _)| row.strikes(Kind::ALL[*device])) {
            let kind = Kind::ALL[device];
            let name = kind.name();
            let mut held = slot.take();
            let place = |tier, point| Place { tier, device: name, row: &row, point };
            let left_out = row.of_registers() || (index % tier.strides[device] != 0 && only.row.is_none());
            let jobs = only.points(tier.jobs[device]).into_iter().map(|point| place("jobs", point));
            let proofs = only.points(if left_out { 0 } else { tier.proofs[device] });
            for place in jobs.chain(proofs.into_iter().map(|point| place("proofs", point))) {
                let mut rng = place.rng(seed);
                // A device that did not end as it should is not trusted any more: the next point has another one.
                let struck = held.take().map_or_else(|| open(kind), Ok).and_then(|mut stand| match place.tier {
                    "jobs" => strike(&mut stand, &tape, &row, &mut rng).map(|point| (stand, point)),
                    _ => attack(stand, &tape, &proof, &row, tier.log_rows, &mut rng),
                });
                match struck {
                    Ok((stand, point)) => {
                        held = Some(stand);
                        if place.tier == "jobs" { &mut done.jobs } else { &mut done.proofs }.add(point);
                    }
                    Err(what) => campaign.violations.push(place.violation(seed, &what)),
                }
            }
            *slot = held;
        }
        say(&done);
        campaign.rows.push(done);
    }
    campaign
}

/// A device to strike.
fn open(kind: Kind) -> Result<Stand, String> {
    Stand::open(kind).map_err(|error| format!("nothing to strike: {error}"))
}
