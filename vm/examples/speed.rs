//! How fast programs execute, plainly, counted and recorded: millions of instructions per second of wall time, best of five.
//! `cargo run --release -p galena-vm --example speed`

use std::error::Error;
use std::io::sink;
use std::time::Instant;

use galena_vm::{Limits, Program, execute, profile, run};

const NO_LIMIT: Limits = Limits { max_cycles: u64::MAX };

/// Shortest time of five, in seconds.
fn best(mut work: impl FnMut() -> Result<u64, Box<dyn Error>>) -> Result<(u64, f64), Box<dyn Error>> {
    let mut best = (0, f64::MAX);
    for _ in 0..5 {
        let start = Instant::now();
        let cycles = work()?;
        best = (cycles, best.1.min(start.elapsed().as_secs_f64()));
    }
    Ok(best)
}

fn main() -> Result<(), Box<dyn Error>> {
    let sha256 = Program::from_elf(include_bytes!("../samples/sha256/sha256.elf"))?;
    let fibonacci = Program::from_elf(include_bytes!("../samples/fibonacci-c/fibonacci-c.elf"))?;
    let (long, short) = (vec![b'x'; 2_000_000], vec![b'x'; 18_000]);
    let cases =
        [("sha256", &sha256, long.as_slice(), short.as_slice()), ("fibonacci-c", &fibonacci, b"30000000", b"200000")];
    for (name, program, long, short) in cases {
        let (cycles, time) = best(|| Ok(run(program, long, &NO_LIMIT, &mut sink(), &mut sink())?.cycles))?;
        println!("{name}: run {cycles} cycles, {:.0} M/s", cycles as f64 / time / 1e6);
        let (cycles, time) = best(|| Ok(profile(program, long, &NO_LIMIT, &mut sink(), &mut sink())?.0.cycles))?;
        println!("{name}: profile {cycles} cycles, {:.0} M/s", cycles as f64 / time / 1e6);
        let (cycles, time) = best(|| Ok(execute(program, short, &NO_LIMIT)?.cycles))?;
        println!("{name}: execute {cycles} cycles, {:.1} M/s", cycles as f64 / time / 1e6);
    }
    Ok(())
}
