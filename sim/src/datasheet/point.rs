//! The figures of a pipeline alone, by simulation.

use super::BenchPoint;
use crate::cache;
use crate::verify::{Mismatch, Runner, files};
use crate::verilated::StallPattern;
use crate::wave::WaveError;
use galena_hdl::block::{Block, Job, Point, Size};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// Of the jobs.
const SEED: u64 = 4;

/// Change it when what is measured of a job changes.
const VERSION: &str = "1";

const NO_STALLS: [StallPattern; 2] = [StallPattern::NONE; 2];

/// The file of an entry of the cache.
const NAME: &str = "point.json";

/// The natural whole job of a point, alone and as the second of two, without its area; from the cache if the same circuit has done the same job
/// before.
pub fn measure_point(block: &Block, point: &Point) -> Result<BenchPoint, WaveError> {
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let [small, whole] = [Size::Small, Size::Whole].map(|size| (point.job)(&mut rng, size));
    let text = |job: &Job| format!("{} {:?} {:x?} {}", job.what, job.pins, job.inputs, job.multiplies);
    let (small_text, whole_text, multipliers) = (text(&small), text(&whole), point.multipliers.to_string());
    let mut parts =
        vec![("version", VERSION), ("block", block.name), ("point", &point.name), ("multipliers", &multipliers)];
    parts.extend([("small", small_text.as_str()), ("whole", &whole_text)]);
    let files = files(point)?;
    parts.extend(files.iter().map(|f| (f.name.as_str(), f.text.as_str())));
    let wrong = |source| WaveError::Block { block: format!("{} {}", block.name, point.name), source: Box::new(source) };
    let entry = cache::entry("figures", &cache::key(&parts), |folder| {
        let figures = simulate(block, point, &small, &whole).map_err(wrong)?;
        let path = folder.join(NAME);
        let text = serde_json::to_string(&figures).unwrap_or_default();
        std::fs::write(&path, text).map_err(|source| WaveError::File { what: "write", path, source })
    })?;
    let path = entry.join(NAME);
    let text = std::fs::read_to_string(&path).map_err(|source| WaveError::File {
        what: "read",
        path: path.clone(),
        source,
    })?;
    serde_json::from_str(&text).map_err(|e| WaveError::Json { path, reason: e.to_string() })
}

fn simulate(block: &Block, point: &Point, small: &Job, whole: &Job) -> Result<BenchPoint, Mismatch> {
    let mut runner = Runner::open(point)?;
    // Once to let tables fill that are filled after reset.
    runner.run(small, NO_STALLS)?;
    let latency = runner.run(small, NO_STALLS)?.clocks;
    let clocks = runner.run(whole, NO_STALLS)?.clocks;
    let next = runner.run(whole, NO_STALLS)?;
    let multipliers = point.multipliers as u64;
    let utilisation = |clocks: u64| whole.multiplies as f64 / (multipliers * clocks) as f64;
    Ok(BenchPoint {
        block: block.name.to_owned(),
        point: point.name.clone(),
        multipliers,
        job: whole.what.clone(),
        clocks,
        multiplies: whole.multiplies,
        utilisation: utilisation(clocks),
        utilisation_next: utilisation(next.clocks + next.setup),
        latency,
        latency_job: small.what.clone(),
        ecp5: None,
        ultrascale: None,
    })
}
