//! How well the transform alone uses its multipliers: whole jobs of every number of lanes, log-size and blow-up.
//!
//! `cargo run --release -p galena-sim --example lde_utilisation [LANES | LANES/LOG_ROWS ...]`
//!
//! Clocks are simulated, from the first word offered to the last row taken, neither side stalling; the table of twiddles is full. A job has as many
//! groups of eight columns as are named; every beat is counted but not compared (`sim/tests/circuit_lde.rs` compares).

use galena_hdl::emit;
use galena_hdl::field::{P, to_montgomery};
use galena_hdl::lde::model::{Shape, multiplies};
use galena_hdl::lde::{Geometry, lde};
use galena_sim::verilated::{Build, End, Limits, Model};
use galena_target::config::LANES;

/// log2 of the rows, and groups of eight columns for each lane; the largest size is measured in the circuit of its own size.
const SIZES: [usize; 7] = [6, 7, 8, 9, 10, 11, 12];
const GROUPS_PER_LANE: [usize; 3] = [1, 2, 4];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut points: Vec<(usize, usize)> = vec![];
    for argument in std::env::args().skip(1) {
        match argument.split_once('/') {
            Some((lanes, log_rows)) => points.push((lanes.parse()?, log_rows.parse()?)),
            None => points.extend(sizes(argument.parse()?)),
        }
    }
    if points.is_empty() {
        points.extend(LANES.into_iter().flat_map(sizes));
    }
    println!("| lanes | rows | blow-up | columns: utilisation | | |\n|---|---|---|---|---|---|");
    for (lanes, log_rows_max) in points {
        let module = lde(&Geometry { lanes, log_rows_max, log_blowup_max: 3 });
        let mut model = Build::new(&module.name, &emit(&module)?).open()?;
        model.reset(3)?;
        model.steps(8 << log_rows_max)?;
        for log_blowup in 1..=3 {
            let mut line = format!("| {lanes} | 2^{log_rows_max} | {} |", 1 << log_blowup);
            for groups in GROUPS_PER_LANE.map(|g| g * lanes) {
                let clocks = job(&mut model, log_rows_max, log_blowup, groups)?;
                let useful = groups as u64 * multiplies(log_rows_max, log_blowup);
                let utilisation = 100.0 * useful as f64 / (lanes as u64 * clocks) as f64;
                line += &format!(" {}: {utilisation:.1} % |", 8 * groups);
            }
            println!("{line}");
        }
    }
    Ok(())
}

fn sizes(lanes: usize) -> impl Iterator<Item = (usize, usize)> {
    SIZES.into_iter().map(move |log_rows| (lanes, log_rows))
}

/// Clocks of one job.
fn job(
    model: &mut Model,
    log_rows: usize,
    log_blowup: usize,
    groups: usize,
) -> Result<u64, Box<dyn std::error::Error>> {
    let shape = Shape::new(log_rows, log_blowup, to_montgomery(31));
    set(model, "seed", 1)?;
    for (k, &seed) in shape.seeds.iter().enumerate() {
        set(model, "seed_index", k as u32)?;
        set(model, "seed_data", seed)?;
        model.step()?;
    }
    set(model, "seed", 0)?;
    set(model, "step", shape.step)?;
    set(model, "log_rows", log_rows as u32)?;
    set(model, "log_blowup", log_blowup as u32)?;
    set(model, "group_last", groups as u32 - 1)?;
    set(model, "start", 1)?;
    model.step()?;
    set(model, "start", 0)?;
    model.steps(4)?;
    let words: Vec<u32> = (0..(groups << (log_rows + 3)) as u32).map(|k| k.wrapping_mul(0x9e37_79b9) % P).collect();
    let (mut s, mut m) = ([model.stream("s_")?], [model.stream("m_")?]);
    let before = model.cycles();
    s[0].send(&words);
    m[0].want(groups << (log_rows + log_blowup));
    match model.run(&mut s, &mut m, Limits { cycles: 1 << 32, silence: 1 << 20 })? {
        End::Done => Ok(model.cycles() - before),
        end => Err(format!("the job did not end: {end:?}").into()),
    }
}

fn set(model: &mut Model, port: &str, value: u32) -> Result<(), Box<dyn std::error::Error>> {
    let port = model.port(port)?;
    model.set_u32(port, value);
    Ok(())
}
