//! The campaign itself: every row at many points, and what came of them.

use std::collections::BTreeMap;

use galena_device::DeviceError;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::attack::attack;
use super::line::Line;
use super::proof::Proof;
use super::stand::Stand;
use super::strike::{Outcome, Point, strike};
use super::table::{Row, rows};
use super::tape::Tape;
use super::{config, seed};

/// How much is done.
#[derive(Clone, Copy, Debug)]
pub struct Tier {
    /// Points of every row, on the protocol's model and on the Verilog, under jobs of a recorded proof.
    pub jobs: [u64; 2],
    /// Points of every row under whole proofs, on the model and on the Verilog.
    pub proofs: [u64; 2],
    /// Of the rows, every which one is struck under whole proofs, on the model and on the Verilog: those take their time.
    pub strides: [usize; 2],
    /// log2 of the rows of the largest table that goes to the device.
    pub log_rows: usize,
}

/// What came of the points of one row on one device.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// How often.
    pub outcomes: BTreeMap<Outcome, u64>,
    /// The worst time of a call that was struck, in seconds.
    pub worst: f64,
    /// The first error of each kind.
    pub errors: Vec<String>,
}

impl Tally {
    fn add(&mut self, point: Point) {
        *self.outcomes.entry(point.outcome).or_default() += 1;
        self.worst = self.worst.max(point.seconds);
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

    /// Whether the environment asks for this point, or for all.
    fn wanted(&self) -> bool {
        let is = |name: &str, value: &str| std::env::var(name).map_or(true, |wanted| wanted == value);
        is("GALENA_CAMPAIGN_ROW", &self.row.name) && is("GALENA_CAMPAIGN_POINT", &self.point.to_string())
    }

    fn violation(&self, seed: u64, what: &str) -> String {
        format!(
            "{}, {}, {} on the {}, point {}: {what}\n  again: GALENA_CAMPAIGN_SEED={seed} GALENA_CAMPAIGN_ROW='{}' \
             GALENA_CAMPAIGN_POINT={} cargo test --release -p galena-tests --test fault_campaign -- --nocapture",
            self.row.name, self.row.place, self.tier, self.device, self.point, self.row.name, self.point
        )
    }
}

/// The devices of a campaign: the model, and the Verilog where it can be built.
///
/// # Errors
/// If a device cannot be opened.
pub fn stands(verilog: bool) -> Result<Vec<Stand>, DeviceError> {
    let mut stands = vec![Stand::open("model", Line::model(config()))?];
    if verilog {
        let failed = |source| DeviceError::Open { selector: "sim:tiny".to_owned(), source: Box::new(source) };
        stands.push(Stand::open("verilog", Line::verilog(config()).map_err(failed)?)?);
    }
    Ok(stands)
}

/// Strikes every row. `say` is told of every row that is done.
///
/// # Panics
/// If there is nothing to test with: no proof, no device.
pub fn campaign(tier: &Tier, verilog: bool, mut say: impl FnMut(&Done)) -> Campaign {
    let (seed, proof) = (seed(), Proof::new());
    let tape = Tape::record(&proof, config(), tier.log_rows);
    let mut stands: Vec<Option<Stand>> = stands(verilog).expect("devices to strike").into_iter().map(Some).collect();
    let mut campaign = Campaign { seed, rows: Vec::new(), violations: Vec::new() };
    for (index, row) in rows().into_iter().enumerate() {
        let mut done = Done { row: row.clone(), jobs: Tally::default(), proofs: Tally::default() };
        for (device, slot) in stands.iter_mut().enumerate() {
            let Some(mut stand) = slot.take() else { continue };
            if !(if device > 0 { row.on_verilog() } else { row.on_model() }) {
                *slot = Some(stand);
                continue;
            }
            let name = stand.name;
            let place = |tier, point| Place { tier, device: name, row: &row, point };
            for point in (0..tier.jobs[device]).filter(|&point| place("jobs", point).wanted()) {
                match strike(&mut stand, &tape, &row, &mut place("jobs", point).rng(seed)) {
                    Ok(point) => done.jobs.add(point),
                    Err(what) => {
                        campaign.violations.push(place("jobs", point).violation(seed, &what));
                        stand = fresh(device);
                    }
                }
            }
            let skipped = row.of_registers() || index % tier.strides[device] != 0;
            let proofs = if skipped { 0 } else { tier.proofs[device] };
            let mut held = Some(stand);
            for point in (0..proofs).filter(|&point| place("proofs", point).wanted()) {
                let stand = held.take().unwrap_or_else(|| fresh(device));
                let mut rng = place("proofs", point).rng(seed);
                match attack(stand, &tape, &proof, &row, tier.log_rows, &mut rng) {
                    Ok((stand, point)) => {
                        done.proofs.add(point);
                        held = Some(stand);
                    }
                    Err(what) => campaign.violations.push(place("proofs", point).violation(seed, &what)),
                }
            }
            *slot = Some(held.unwrap_or_else(|| fresh(device)));
        }
        say(&done);
        campaign.rows.push(done);
    }
    campaign
}

/// Another device in place of one that is no longer to be trusted.
fn fresh(device: usize) -> Stand {
    let mut stands = stands(device > 0).expect("devices to strike");
    stands.swap_remove(device)
}
