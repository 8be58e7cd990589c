//! The campaign as a page: what was struck, how often, what came of it, and how long it took at worst.

use std::fmt::Write;

use super::run::{Campaign, Tally};
use super::soak::Soaked;
use super::strike::{Outcome, SECONDS};

/// The outcomes in the order of the page's columns, with their headings.
const COLUMNS: [(Outcome, &str); 5] = [
    (Outcome::Harmless, "right at once"),
    (Outcome::Retried, "by retry"),
    (Outcome::Recomputed, "by the CPU, or when the fault was gone"),
    (Outcome::Silent, "silent"),
    (Outcome::Refused, "no receipt"),
];

/// The page, in Markdown. Deterministic but for the times.
pub fn page(campaign: &Campaign, soaks: &[(&str, Soaked)]) -> String {
    let mut text = String::from(PREAMBLE);
    let total = |of: fn(&super::run::Done) -> &Tally| campaign.rows.iter().map(|done| of(done).points()).sum::<u64>();
    let worst = campaign.rows.iter().flat_map(|done| [done.jobs.worst, done.proofs.worst]).fold(0.0, f64::max);
    let _ = writeln!(
        text,
        "{} faults, struck at {} places in recorded jobs and at {} in whole proofs, seed {}. Worst time from a fault to the end of the \
         job it struck: {worst:.2} s, {SECONDS} s are allowed. Violations: {}.\n",
        campaign.rows.len(),
        total(|done| &done.jobs),
        total(|done| &done.proofs),
        campaign.seed,
        campaign.violations.len()
    );
    for violation in &campaign.violations {
        let _ = writeln!(text, "* {violation}");
    }
    for (heading, intro, of) in [
        ("Jobs of a recorded proof", JOBS, (|done| &done.jobs) as fn(&super::run::Done) -> &Tally),
        ("Whole proofs", PROOFS, |done| &done.proofs),
    ] {
        let _ = write!(text, "## {heading}\n\n{intro}\n\n| fault | where | points |");
        let columns: Vec<_> = COLUMNS
            .iter()
            .filter(|(outcome, _)| campaign.rows.iter().any(|done| of(done).outcomes.contains_key(outcome)))
            .collect();
        columns.iter().for_each(|(_, heading)| text.push_str(&format!(" {heading} |")));
        text.push_str(" worst time | longest recovery |\n|---|---|---:|");
        columns.iter().for_each(|_| text.push_str("---:|"));
        text.push_str("---:|---:|\n");
        for done in campaign.rows.iter().filter(|done| of(done).points() > 0) {
            let tally = of(done);
            let _ = write!(text, "| {} | {} | {} |", done.row.name, done.row.place, tally.points());
            for (outcome, _) in &columns {
                let count = tally.outcomes.get(outcome).map_or_else(String::new, u64::to_string);
                let _ = write!(text, " {count} |");
            }
            let _ = writeln!(text, " {:.2} s | {:.2} s |", tally.worst, tally.recovery);
        }
        text.push('\n');
    }
    text.push_str("## What is said\n\nHow each fault is brought about, and the first error it led to.\n\n");
    for done in &campaign.rows {
        let _ = writeln!(text, "* **{}** ({}): {}.", done.row.name, done.row.place, done.row.doc);
        if let Some(error) = done.jobs.errors.first().or(done.proofs.errors.first()) {
            let _ = writeln!(text, "  `{}`", error.replace('`', "'"));
        }
    }
    text.push_str("\n## Soak\n\n| device | jobs | struck by a fault | memory before, after | descriptors | threads |\n|---|---:|---:|---|---|---|\n");
    for (device, soaked) in soaks {
        let (before, after) = (soaked.before, soaked.after);
        let mebibytes = |bytes: u64| bytes as f64 / f64::from(1 << 20);
        let _ = writeln!(
            text,
            "| {device} | {} | {} | {:.1} MiB, {:.1} MiB | {}, {} | {}, {} |",
            soaked.jobs,
            soaked.struck,
            mebibytes(before.resident),
            mebibytes(after.resident),
            before.descriptors,
            after.descriptors,
            before.threads,
            after.threads
        );
    }
    text
}

const PREAMBLE: &str = "# The fault campaign

Written by `make campaign` (`tests/examples/fault_campaign.rs`); a quick tier of the same code runs in CI (`tests/tests/fault_campaign.rs`).
Devices are struck: the executable model of the protocol (`host/device/src/endpoint`) and the generated Verilog of the config `tiny`
in Verilator. For every point: the job under the fault ends with a right answer or a typed error within 2 s; what the prover does next (recover,
run again, go to the CPU) is right; the next job is right; and a proof ends with the receipt that the CPU makes, byte for byte, or with none.
The faults of the circuit are built into a second Verilog (`sim/src/faults`), asleep until one is armed.
Times are wall seconds from the fault to the end of the job it struck; where the machine was busy with other things, the
processor seconds of the whole job. Nothing here sleeps: silence is counted in clocks of the device, 2^18 of them, which take
a simulation half a second and a board 3 ms. A recovery from a device that answers with garbage waits for several silences.

";

const JOBS: &str = "The jobs of a real proof (fibonacci-c, profile standard) are recorded once and played under faults. *Right at once*: the fault changed \
nothing that matters. *By retry*: a typed error, then `recover`, then the right answer. *When the fault was gone*: an error as long as it \
lasted. *Silent*: a wrong answer in right frames, which only the prover's checks can find; the second table says that they do.";

const PROOFS: &str = "The whole proof is made on the device while the fault strikes in one of its jobs; half of the proofs forbid the CPU to help \
(`--require-device`). *No receipt* is a typed error of such a proof.";
