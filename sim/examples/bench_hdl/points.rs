//! The pipelines alone: the natural whole job of every point, alone and as the second of two.

use crate::Failure;
use galena_hdl::block::{BLOCKS, Point, Sort};
use galena_sim::area::{Family, area_by_module};
use galena_sim::datasheet::{BenchPoint, Cells, measure_point};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// Measures the pipelines whose name, `block point`, is wanted.
pub(crate) fn measure(wanted: &dyn Fn(&str) -> bool, with_area: bool) -> Result<Vec<BenchPoint>, Failure> {
    let mut all: Vec<BenchPoint> = vec![];
    for block in BLOCKS.iter().filter(|b| b.sort == Sort::Pipeline) {
        let wanted = |p: &Point| p.multipliers > 0 && wanted(&format!("{} {}", block.name, p.name));
        let points: Vec<Point> = (block.points)().into_iter().filter(wanted).collect();
        let mut figures = vec![];
        for point in &points {
            eprintln!("{} {}", block.name, point.name);
            figures.push(measure_point(block, point).map_err(|e| format!("{} {}: {e}", block.name, point.name))?);
        }
        if with_area && !points.is_empty() {
            eprintln!("areas of {}", block.name);
            add_areas(&points, &mut figures)?;
        }
        all.extend(figures);
    }
    Ok(all)
}

/// Points that differ in their jobs only share a circuit, and circuits share modules: those are synthesised once.
fn add_areas(points: &[Point], figures: &mut [BenchPoint]) -> Result<(), Failure> {
    let mut known: BTreeMap<&str, [Cells; 2]> = BTreeMap::new();
    for (point, figures) in points.iter().zip(figures) {
        let areas = match known.entry(&point.module.name) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => {
                let of = |family| area_by_module(&point.module, family).map(|area| area.cells);
                entry.insert([of(Family::Ecp5)?, of(Family::UltraScalePlus)?])
            }
        };
        [figures.ecp5, figures.ultrascale] = areas.clone().map(Some);
    }
    Ok(())
}
