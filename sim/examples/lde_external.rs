//! A large transform in external memory, simulated whole and compared with Plonky3 row by row.
//!
//! `cargo run --release -p galena-sim --example lde_external -- [LOG_ROWS [LOG_BLOWUP [GROUPS [LANES [DATA_BITS]]]]]`
//!
//! Without arguments 2^20 rows, blow-up 2, one group of 8 columns, 8 lanes, 256 bits. Figures are simulated clocks, load of the first group
//! and read-out of the last row included, and a memory of 16 banks with pages of 2 KiB that takes 100 clocks to open a row.

use galena_hdl::block::elements;
use galena_hdl::emit;
use galena_hdl::external::{Geometry, external_lde, model, pins, reference};
use galena_hdl::field::{P, to_montgomery};
use galena_hdl::lde::model::{Shape, multiplies};
use galena_sim::verilated::{Build, End, Limits, Memory};
use rand::{Rng, SeedableRng};
use std::time::Instant;

/// Rows that are taken from the circuit and compared at a time.
const PORTION: usize = 1 << 18;

/// The generator of the words, and the coset (canonical).
const SEED: u64 = 2024;
const SHIFT: u32 = 31;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<usize> = std::env::args().skip(1).map(|a| a.parse()).collect::<Result<_, _>>()?;
    let argument = |k: usize, otherwise: usize| arguments.get(k).copied().unwrap_or(otherwise);
    let (log_rows, log_blowup, groups) = (argument(0, 20), argument(1, 1), argument(2, 1));
    // Bursts of 32 beats: 1 KiB on 256 bits.
    let data_bits = argument(4, 256);
    let log_run = 5 + (data_bits / 256).max(1).ilog2() as usize;
    let geometry = Geometry {
        lanes: argument(3, 8),
        log_rows_max: log_rows,
        log_blowup_max: log_blowup,
        log_block: (log_rows + log_run).div_ceil(2),
        log_run,
        data_bits,
        id_bits: 1,
        address_bits: 36,
        outstanding: 16,
    };
    let module = external_lde(&geometry)?;
    let mut circuit = Build::new(&module.name, &emit(&module)?).open()?;
    circuit.attach_memory("axi_", &Memory::dram(geometry.memory_bytes()))?;
    circuit.reset(4)?;
    let (a, c) = geometry.split(log_rows);
    println!(
        "{}: 2^{log_rows} rows in 2^{a} x 2^{c}, {} columns, blow-up 2^{log_blowup}, {} MiB of memory, seed {SEED}",
        module.name,
        8 * groups,
        geometry.memory_bytes() >> 20
    );

    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(SEED);
    let words: Vec<u32> = (0..groups * (8 << log_rows)).map(|_| rng.random_range(0..P)).collect();
    let shape = Shape::new(log_rows, log_blowup, to_montgomery(SHIFT));
    let expected = reference(log_rows, log_blowup, SHIFT, &words);

    for clock in pins(&geometry, &shape, groups, true) {
        for (name, value) in clock {
            let port = circuit.port(name)?;
            circuit.set_wide(port, &value);
        }
        circuit.step()?;
    }
    let (mut s, mut m) = ([circuit.stream("s_")?], [circuit.stream("m_")?]);
    s[0].send(&words);
    s[0].spare();
    drop(words);
    let (clocks, start) = (circuit.cycles(), Instant::now());
    let height = 1usize << (log_rows + log_blowup);
    for (portion, rows) in expected.chunks(PORTION).enumerate() {
        m[0].want(rows.len());
        let end = circuit.run(&mut s, &mut m, Limits { cycles: 1 << 40, silence: 1 << 32 })?;
        if end != End::Done {
            return Err(format!(
                "expected {} rows, found {} and then none",
                expected.len(),
                portion * PORTION + m[0].done()
            )
            .into());
        }
        let width = m[0].beat_words();
        for (k, (beat, row)) in m[0].received().chunks(width).zip(rows).enumerate() {
            let number = portion * PORTION + k;
            if elements(&beat[..8], 8) != row
                || beat[8] as usize != number % height
                || beat[9] as usize != number / height
            {
                return Err(format!("row {number} is not Plonky3's").into());
            }
        }
        m[0].clear();
    }
    let (clocks, seconds) = (circuit.cycles() - clocks, start.elapsed().as_secs_f64());
    let figures = circuit.memory_figures();
    let useful = groups as u64 * multiplies(log_rows, log_blowup);
    let share = |multipliers: usize| 100.0 * useful as f64 / (multipliers as u64 * clocks) as f64;
    let bytes = figures.read_bytes + figures.write_bytes;
    let transforms = (groups * (1 + (1 << log_blowup))) as u64;
    println!("equal to Plonky3: {} rows, {} words", expected.len(), 8 * expected.len());
    println!("simulated: {clocks} clocks, {:.0} thousand a second of this machine", clocks as f64 / seconds / 1e3);
    println!(
        "useful multiplies: {useful}, {:.2} % of the {} butterflies', {:.2} % of all {} multipliers'",
        share(geometry.lanes),
        geometry.lanes,
        share(geometry.lanes + 1),
        geometry.lanes + 1
    );
    println!(
        "memory: {bytes} bytes ({} a row of a group), {:.2} passes a transform, bursts of {} bytes at least, {} bursts, {} rows opened",
        bytes / ((groups as u64) << log_rows),
        bytes as f64 / (64.0 * (1u64 << log_rows) as f64 * transforms as f64),
        figures.shortest(geometry.data_bits as u64 / 8),
        figures.read_bursts.iter().chain(&figures.write_bursts).sum::<u64>(),
        figures.row_opens
    );
    println!(
        "memory: busy in {:.2} % of the clocks, a beat in {:.2} % of these (modelled efficiency), {} clocks in which the circuit made it wait",
        100.0 * figures.busy as f64 / clocks as f64,
        100.0 * figures.efficiency(),
        figures.waited
    );
    let stated = groups as u64 * 32 * model::row_transfers(log_rows, log_blowup);
    if bytes != stated {
        return Err(format!("expected {stated} bytes to and from memory, found {bytes}").into());
    }
    Ok(())
}
