//! Device memory, and the streams of a card.

use super::streams::deep;
use super::{STREAM, around, same};
use crate::formal::{Control, Probe, Proof};
use crate::{memory, xdma};

pub(super) const PROOFS: &[Proof] = &[
    Proof {
        name: "fetch-m12",
        circuit: || memory::fetch(12),
        probes: || fetch(2),
        control: Control { file: "memory_fetch_m12.v", ..CREDITS },
        ..FETCH
    },
    Proof {
        name: "fetch-m20",
        circuit: || memory::fetch(20),
        parameters: &[("LOG", 20), ("LATENCY", memory::read_latency(20))],
        probes: || fetch(memory::read_latency(20)),
        bound: 18,
        control: Control { file: "memory_fetch_m20.v", ..CREDITS },
        ..FETCH
    },
    Proof {
        name: "keep",
        block: "memory",
        claim: "every digest at its address two clocks later; every row once, in order, at ascending addresses",
        circuit: || memory::keep(12),
        checker: "check_keep",
        checkers: &["rules.sv", "scoreboard.sv", "keep.sv"],
        parameters: &[("LOG", 12)],
        probes: || {
            let own = [
                ("row_here", 1),
                ("row", 248),
                ("row_address", 12),
                ("digest_here", 1),
                ("digest", 248),
                ("level_address", 12),
            ];
            own.into_iter().chain([("index", 12), ("twice_leaves", 22), ("digest_base_low", 12)]).map(same).collect()
        },
        control: Control {
            file: "memory_keep_m12.v",
            from: "if (row_here && !digest_here) row_address",
            to: "if (row_here) row_address",
        },
        ..STREAM
    },
    Proof {
        name: "xdma-words",
        block: "xdma-words",
        claim: "the words of good beats in order, damaged beats dropped and reported, no deadlock, data hold still",
        circuit: || xdma::words(64),
        checker: "check_words",
        checkers: &["rules.sv", "scoreboard.sv", "progress.sv", "words.sv"],
        parameters: &[("COUNT", 2)],
        probes: || vec![Probe::signal("there", "there", 2), Probe::signal("words", "words", 64)],
        control: Control { file: "xdma_words_b64.v", from: "good ? whole : 2'd0", to: "whole" },
        ..STREAM
    },
    Proof {
        name: "packets-words",
        block: "xdma-packets",
        claim: "words in order into the lanes of beats, packets end where they should, beats in order through the store",
        circuit: || xdma::packets(128, 32768),
        one_word: &["memory"],
        checker: "check_packets",
        checkers: &["rules.sv", "scoreboard.sv", "progress.sv", "fifo.sv", "packets.sv"],
        parameters: &[("COUNT", 4), ("DEPTH", 8192), ("LONGEST", 16384)],
        probes: || {
            let own = [
                ("beat_valid", 1),
                ("beat_last", 1),
                ("filled", 4),
                ("beat", 128),
                ("place", 2),
                ("words", 14),
                ("cut", 1),
                ("offered", 1),
            ];
            let store = [("store_ready", 1), ("store_valid", 1), ("stored", 133)];
            own.into_iter().chain(store).map(same).chain(deep("store.", 133, 8192)).collect()
        },
        control: Control { file: "xdma_packets_b128_w32768.v", from: "? 4'd1 : {filled", to: "? 4'd0 : {filled" },
        quick: false,
        ..STREAM
    },
    Proof {
        name: "packets-release",
        block: "xdma-packets",
        claim: "a packet is offered when all of it is stored, goes on until its end, and never waits for one that does not fit",
        circuit: || xdma::packets(64, 16),
        checker: "check_release",
        checkers: &["rules.sv", "progress.sv", "release.sv"],
        parameters: &[("COUNT", 2), ("DEPTH", 8), ("LONGEST", 8)],
        probes: || {
            let own = [
                ("beat_valid", 1),
                ("beat_last", 1),
                ("place", 1),
                ("words", 3),
                ("push", 1),
                ("offered", 1),
                ("cut", 1),
                ("open", 1),
            ];
            let store = [("whole", 4), ("store_valid", 1), ("store_ready", 1), ("stored", 67)];
            let mut probes: Vec<Probe> = own.into_iter().chain(store).map(same).collect();
            probes.extend([Probe::signal("head", "store.head", 4), Probe::signal("tail", "store.tail", 4)]);
            probes.push(Probe::words("memory", "store.memory", 67, 8));
            probes
        },
        control: Control {
            file: "xdma_packets_b64_w16.v",
            from: "store_valid && whole != 0 && !clear",
            to: "store_valid && !clear",
        },
        quick: false,
        ..STREAM
    },
];

/// What rows of the read side of the device memory share.
const FETCH: Proof = Proof {
    block: "memory",
    claim: "every address is asked for once, in order; the k-th beat is what came for the k-th address; the credit is never wrong",
    one_word: &["memory"],
    checker: "check_fetch",
    checkers: &["rules.sv", "scoreboard.sv", "progress.sv", "fifo.sv", "fetch.sv"],
    parameters: &[("LOG", 12), ("LATENCY", 2)],
    quick: false,
    ..STREAM
};

/// A credit that comes back without a beat.
const CREDITS: Control = Control { file: "", from: "m_valid && m_ready}", to: "m_ready}" };

/// The inside of the read side of a device memory.
fn fetch(latency: usize) -> Vec<Probe> {
    let own = [
        Probe::signal("due", "due", latency),
        Probe::signal("owed", "owed", 4),
        Probe::signal("room", "waiting.s_ready", 1),
    ];
    own.into_iter().chain(around("waiting.", 248, 8)).collect()
}
