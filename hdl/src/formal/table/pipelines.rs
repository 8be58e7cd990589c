//! Whole pipelines, with abstract multipliers.

use super::{STREAM, around, same};
use crate::extension;
use crate::formal::{Control, Probe, Proof};

pub(super) const PROOFS: &[Proof] = &[Proof {
    name: "extension-mac",
    block: "extension-mac",
    claim: "a whole pipeline with abstract multipliers: the right operands at every step, sums of the right products, results in order, none lost",
    circuit: extension::extension_mac,
    abstracted: &[("field_mul", "free_mul.sv"), ("field_reduce", "free_reduce.sv")],
    one_word: &["memory"],
    checker: "check_extension",
    checkers: &["rules.sv", "scoreboard.sv", "progress.sv", "fifo.sv", "extension.sv"],
    probes: || {
        let own = [("a", 155), ("b", 155), ("c", 155), ("busy", 1), ("step", 3), ("begins", 7), ("ends", 12)];
        let mut probes: Vec<Probe> = own
            .into_iter()
            .chain([("sums", 170), ("products", 155), ("reduced", 155), ("start", 155)])
            .map(same)
            .collect();
        probes.push(Probe::signal("owed", "held", 4));
        probes.push(Probe { port: "operands", signals: (0..5).map(|k| (format!("reduce{k}.v"), 37)).collect() });
        probes.extend([Probe::signal("place", "wait_c.place", 3), Probe::words("ring", "wait_c.ring", 155, 6)]);
        probes.push(Probe::signal("room", "results.s_ready", 1));
        probes.extend(around("results.", 155, 8));
        probes
    },
    bound: 22,
    control: Control { file: "extension_mac.v", from: "begins[6] ?", to: "begins[5] ?" },
    quick: false,
    ..STREAM
}];
