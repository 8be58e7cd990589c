//! Initial state: registers and memories begin with random content, from several seeds; after one clock of reset every job is right.

use super::equality::tell;
use super::place::{Figures, Place};
use super::{Outcome, Plan, Runner, Technique};
use crate::verilated::StallPattern;
use galena_hdl::block::Size;
use rand::Rng;

pub(super) const TECHNIQUE: Technique = Technique {
    name: "initial",
    doc: "random content of all registers and memories at power-up (Verilator's random reset), then jobs",
    run,
};

fn run(plan: &Plan) -> Vec<Outcome> {
    plan.each_point(TECHNIQUE.name, |place| {
        let seeds = plan.tier.of(2, 16);
        let mut rng = place.rng("seeds");
        // Zero would let Verilator choose.
        let seeds: Vec<u64> = (0..seeds).map(|_| rng.random_range(1..1 << 31)).collect();
        vec![place.case("seeds", || powered_up(place, &seeds))]
    })
}

fn powered_up(place: &Place, seeds: &[u64]) -> Result<Figures, String> {
    let mut rng = place.rng("jobs");
    let (mut jobs, mut results) = (0, 0);
    for &seed in seeds {
        let mut runner = Runner::open_with(place.point, |build| build.seed(seed)).map_err(|e| e.to_string())?;
        for size in [Size::Small, Size::Edge, Size::Random] {
            let job = (place.point.job)(&mut rng, size);
            let stalls = [StallPattern::half(rng.random()), StallPattern::half(rng.random())];
            let ran = runner
                .run(&job, stalls)
                .map_err(|e| format!("initial state from seed {seed}: {}", tell(&job, size, jobs, stalls, &e)))?;
            (jobs, results) = (jobs + 1, results + ran.results);
        }
    }
    Ok(vec![("seeds", seeds.len().to_string()), ("jobs", jobs.to_string()), ("results", results.to_string())])
}
