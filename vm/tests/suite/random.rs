//! Random programs: records are consistent, `run` and `execute` agree, and so does the oracle.

use crate::{assert_same, programs, qemu, run_recorded};

const DEFAULT_SEEDS: u64 = 60;

/// `GALENA_SEED=n` runs one seed, `GALENA_SEEDS=n` the first n.
fn seeds() -> std::ops::Range<u64> {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse().expect("a number"));
    match number("GALENA_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("GALENA_SEEDS").unwrap_or(DEFAULT_SEEDS),
    }
}

#[test]
fn random_programs_agree_with_the_oracle() {
    let oracle = qemu::available("random_programs_agree_with_the_oracle");
    let mut cycles = 0;
    for seed in seeds() {
        eprintln!("GALENA_SEED={seed} cargo test --release -p galena-vm --test suite random");
        let asm = programs::random(seed);
        let program = asm.program().expect("a program");
        let (outcome, segment) = run_recorded(&program, b"");
        cycles += segment.cycles;
        if oracle {
            let expected = qemu::run(&asm.elf().expect("a program"), b"");
            assert_same(&outcome, &expected, &format!("seed {seed} (bytes 0 to 123 are x1 to x31, then comes memory)"));
        }
    }
    eprintln!("{cycles} cycles");
}
