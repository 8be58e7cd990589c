//! The pipelines alone: the natural whole job of every point, alone and as the second of two.

use crate::Failure;
use galena_hdl::Module;
use galena_hdl::block::{BLOCKS, Block, Point, Size, Sort};
use galena_sim::area::{Area, Family, areas_by_module};
use galena_sim::datasheet::BenchPoint;
use galena_sim::verify::Runner;
use galena_sim::verilated::StallPattern;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeMap;

/// Of the jobs.
const SEED: u64 = 4;

const NO_STALLS: [StallPattern; 2] = [StallPattern::NONE; 2];

/// Measures the pipelines whose name, `block point`, is wanted.
pub(crate) fn measure(wanted: &dyn Fn(&str) -> bool, with_area: bool) -> Result<Vec<BenchPoint>, Failure> {
    let mut all: Vec<BenchPoint> = vec![];
    for block in BLOCKS.iter().filter(|b| b.sort == Sort::Pipeline) {
        let wanted = |p: &Point| p.multipliers > 0 && wanted(&format!("{} {}", block.name, p.name));
        let points: Vec<Point> = (block.points)().into_iter().filter(wanted).collect();
        let mut figures = vec![];
        for point in &points {
            eprintln!("{} {}", block.name, point.name);
            figures.push(one(block, point).map_err(|e| format!("{} {}: {e}", block.name, point.name))?);
        }
        if with_area && !points.is_empty() {
            eprintln!("areas of {}", block.name);
            add_areas(&points, &mut figures)?;
        }
        all.extend(figures);
    }
    Ok(all)
}

/// Points that differ in their jobs only share a circuit.
fn add_areas(points: &[Point], figures: &mut [BenchPoint]) -> Result<(), Failure> {
    let circuits: BTreeMap<&str, &Module> = points.iter().map(|p| (&p.module.name[..], &p.module)).collect();
    let modules: Vec<&Module> = circuits.values().copied().collect();
    for family in Family::ALL {
        let areas: BTreeMap<&str, Area> = circuits.keys().copied().zip(areas_by_module(&modules, family)?).collect();
        for (point, figures) in points.iter().zip(figures.iter_mut()) {
            let cells = areas.get(&point.module.name[..]).map(|area| area.cells.clone());
            match family {
                Family::Ecp5 => figures.ecp5 = cells,
                Family::UltraScalePlus => figures.ultrascale = cells,
            }
        }
    }
    Ok(())
}

fn one(block: &Block, point: &Point) -> Result<BenchPoint, Failure> {
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
        latency_job: small.what,
        ecp5: None,
        ultrascale: None,
    })
}
