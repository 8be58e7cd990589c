//! The pipelines alone: the natural whole job of every point, alone and as the second of two.

use crate::Failure;
use galena_hdl::block::{BLOCKS, Point, Sort};
use galena_sim::area::{Family, area_by_module};
use galena_sim::datasheet::{BenchPoint, measure_point};

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
    for (point, figures) in points.iter().zip(figures) {
        figures.ecp5 = Some(area_by_module(&point.module, Family::Ecp5)?.cells);
        figures.ultrascale = Some(area_by_module(&point.module, Family::UltraScalePlus)?.cells);
    }
    Ok(())
}
