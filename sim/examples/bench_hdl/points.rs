//! The pipelines alone: the natural whole job of every point, alone and as the second of two.

use crate::Failure;
use crate::figures::{Cells, PointFigures};
use galena_hdl::block::{BLOCKS, Block, Point, Size, Sort};
use galena_sim::area::{Family, area};
use galena_sim::verify::Runner;
use galena_sim::verilated::StallPattern;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeMap;

/// Of the jobs.
const SEED: u64 = 4;

const NO_STALLS: [StallPattern; 2] = [StallPattern::NONE; 2];

/// Measures the pipelines whose name, `block point`, is wanted.
pub(crate) fn measure(wanted: &dyn Fn(&str) -> bool, with_area: bool) -> Result<Vec<PointFigures>, Failure> {
    let mut all: Vec<PointFigures> = vec![];
    let mut areas: BTreeMap<String, [Cells; 2]> = BTreeMap::new();
    for block in BLOCKS.iter().filter(|b| b.sort == Sort::Pipeline) {
        for point in (block.points)() {
            if point.multipliers > 0 && wanted(&format!("{} {}", block.name, point.name)) {
                eprintln!("{} {}", block.name, point.name);
                all.push(
                    one(block, &point, with_area.then_some(&mut areas))
                        .map_err(|e| format!("{} {}: {e}", block.name, point.name))?,
                );
            }
        }
    }
    Ok(all)
}

fn one(
    block: &Block,
    point: &Point,
    areas: Option<&mut BTreeMap<String, [Cells; 2]>>,
) -> Result<PointFigures, Failure> {
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let mut runner = Runner::open(point)?;
    let small = (point.job)(&mut rng, Size::Small);
    // Once to let tables fill that are filled after reset.
    runner.run(&small, NO_STALLS)?;
    let latency = runner.run(&small, NO_STALLS)?.clocks;
    let whole = (point.job)(&mut rng, Size::Whole);
    let clocks = runner.run(&whole, NO_STALLS)?.clocks;
    let next = runner.run(&whole, NO_STALLS)?;
    let multipliers = point.multipliers as u64;
    let utilisation = |clocks: u64| whole.multiplies as f64 / (multipliers * clocks) as f64;
    // Points that differ in their jobs only share a circuit.
    let cells = match areas {
        None => None,
        Some(areas) => Some(match areas.get(&point.module.name) {
            Some(known) => known.clone(),
            None => {
                let of = |family| area(point, family).map(|area| area.cells);
                let found = [of(Family::Ecp5)?, of(Family::UltraScalePlus)?];
                areas.insert(point.module.name.clone(), found.clone());
                found
            }
        }),
    };
    let [ecp5, ultrascale] = cells.map_or([None, None], |cells| cells.map(Some));
    Ok(PointFigures {
        block: block.name.to_owned(),
        point: point.name.clone(),
        multipliers,
        job: whole.what.clone(),
        clocks,
        multiplies: whole.multiplies,
        utilisation: utilisation(clocks),
        utilisation_next: utilisation(next.clocks + next.setup),
        latency,
        latency_job: small.what,
        ecp5,
        ultrascale,
    })
}
