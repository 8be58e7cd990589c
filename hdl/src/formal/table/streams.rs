//! Registers, queues and delays: what moves beats.

use super::{STREAM, around, one_word};
use crate::formal::{Control, Probe, Proof};
use crate::poseidon2::queue::queue;
use crate::stream;

pub(super) const PROOFS: &[Proof] = &[
    Proof {
        name: "register",
        block: "register",
        circuit: || stream::register(32),
        checker: "check_register",
        checkers: &["rules.sv", "scoreboard.sv", "progress.sv", "register.sv"],
        parameters: &[("WIDTH", 32)],
        probes: || vec![Probe::signal("spare_valid", "spare_valid", 1), Probe::signal("spare", "spare", 32)],
        control: Control {
            file: "stream_register.v",
            from: "spare_valid ? spare : s_data",
            to: "s_valid ? s_data : spare",
        },
        ..STREAM
    },
    Proof {
        name: "fifo-d8",
        circuit: || stream::fifo(8, 8),
        parameters: &[("WIDTH", 8), ("DEPTH", 8)],
        probes: || shallow("", 8, 8),
        control: Control { file: "stream_fifo.v", ..FORGETS },
        quick: true,
        ..FIFO
    },
    Proof {
        name: "fifo-d32",
        circuit: || stream::fifo(33, 32),
        parameters: &[("WIDTH", 33), ("DEPTH", 32)],
        probes: || shallow("", 33, 32),
        control: Control { file: "stream_fifo.v", ..FORGETS },
        ..FIFO
    },
    Proof {
        name: "fifo-d64",
        circuit: || stream::fifo(8, 64),
        parameters: &[("WIDTH", 8), ("DEPTH", 64), ("STAGES", 2)],
        probes: || deep("", 8, 64),
        ..FIFO_DEEP
    },
    Proof {
        name: "fifo-d1024",
        circuit: || stream::fifo(65, 1024),
        parameters: &[("WIDTH", 65), ("DEPTH", 1024), ("STAGES", 2)],
        probes: || deep("", 65, 1024),
        ..FIFO_DEEP
    },
    Proof {
        name: "store",
        block: "store",
        claim: "a FIFO, `level` is what it holds, and a sender that keeps to the window never waits",
        circuit: || stream::store(4096),
        checker: "check_store",
        checkers: &["rules.sv", "scoreboard.sv", "progress.sv", "fifo.sv", "store.sv"],
        parameters: &[("DEPTH", 4096)],
        probes: || deep("words.", 32, 4096),
        control: Control { file: "stream_store.v", from: "level + 1'b1 : level - 1'b1", to: "level + 1'b1 : level" },
        ..FIFO
    },
    Proof {
        name: "gather-n8",
        circuit: || stream::gather(31, 8),
        parameters: &[("WIDTH", 31), ("COUNT", 8)],
        probes: || vec![Probe::signal("index", "index", 3), Probe::signal("parts", "parts", 217)],
        bound: 18,
        quick: false,
        ..GATHER
    },
    Proof {
        name: "gather-n5",
        circuit: || stream::gather(8, 5),
        parameters: &[("WIDTH", 8), ("COUNT", 5)],
        probes: || vec![Probe::signal("index", "index", 3), Probe::signal("parts", "parts", 32)],
        ..GATHER
    },
    Proof {
        name: "scatter-n9",
        circuit: || stream::scatter(32, 9),
        parameters: &[("WIDTH", 32), ("COUNT", 9)],
        probes: || vec![Probe::signal("left", "left", 4), Probe::signal("words", "words", 288)],
        quick: false,
        ..SCATTER
    },
    Proof {
        name: "scatter-n4",
        circuit: || stream::scatter(1, 4),
        parameters: &[("WIDTH", 1), ("COUNT", 4)],
        probes: || vec![Probe::signal("left", "left", 3), Probe::signal("words", "words", 4)],
        ..SCATTER
    },
    Proof {
        name: "queue",
        block: "queue",
        claim: "nothing lost, doubled, invented or reordered, at its head a clock later, while its users keep to its depth",
        circuit: || queue(37, 8),
        checker: "check_queue",
        checkers: &["rules.sv", "scoreboard.sv", "progress.sv", "queue.sv"],
        parameters: &[("WIDTH", 37), ("DEPTH", 8)],
        probes: || {
            let memory = Probe::words("memory", "memory", 37, 8);
            let [first, last, stored] = ["first", "last", "stored"].map(|name| Probe::signal(name, name, 3));
            vec![first, last, stored, Probe::signal("waiting", "waiting", 1), memory]
        },
        control: Control {
            file: "poseidon2_queue.v",
            from: "push && (waiting || !vacant)",
            to: "push && (waiting && !vacant)",
        },
        ..STREAM
    },
    Proof {
        name: "delay-c3",
        claim: "out comes what came in 3 clocks ago",
        circuit: || stream::delay(33, 3),
        parameters: &[("WIDTH", 33), ("CLOCKS", 3), ("BITS", 0)],
        probes: || vec![Probe::zero("place", 1), Probe::zero("ring", 66)],
        control: Control {
            file: "delay_chain.v",
            from: "line[WIDTH*CLOCKS +: WIDTH];",
            to: "line[WIDTH*(CLOCKS-1) +: WIDTH];",
        },
        quick: true,
        ..DELAY
    },
    Proof {
        name: "delay-c7",
        claim: "out comes what came in 7 clocks ago, from 15 clocks after power-up on, whatever it started with",
        circuit: || stream::delay(4, 7),
        parameters: &[("WIDTH", 4), ("CLOCKS", 7), ("BITS", 3)],
        probes: || ring(4, 7),
        control: Control { file: "delay.v", from: "place >= LAST[PLACE-1:0]", to: "place >= LAST[PLACE-1:0] - 1'b1" },
        quick: true,
        ..DELAY
    },
    Proof {
        name: "delay-c64",
        claim: "out comes what came in 64 clocks ago, from the second clock after power-up on, whatever it started with",
        circuit: || stream::delay(248, 64),
        one_word: &["ring"],
        checker: "check_ring",
        checkers: &["ring.sv"],
        parameters: &[("WIDTH", 248), ("CLOCKS", 64)],
        probes: || {
            let mut probes = vec![Probe::signal("place", "place", 6)];
            probes.extend(one_word("ring", 248, 63));
            probes
        },
        bound: 68,
        control: Control { file: "delay.v", from: "place >= LAST[PLACE-1:0]", to: "place >= LAST[PLACE-1:0] - 1'b1" },
        ..DELAY
    },
    Proof {
        name: "delay-block-c40",
        block: "delay-block",
        claim: "out comes what came in 40 clocks ago, from the second clock after power-up on, whatever it started with",
        circuit: || stream::block_ring(27, 40),
        one_word: &["ring"],
        checker: "check_block_ring",
        checkers: &["block_ring.sv"],
        parameters: &[("WIDTH", 27), ("CLOCKS", 40)],
        probes: || {
            let mut probes = vec![Probe::signal("place", "place", 6), Probe::signal("fetched", "fetched", 27)];
            probes.extend(one_word("ring", 27, 39));
            probes
        },
        bound: 46,
        control: Control { file: "delay_block.v", from: "ring[next];", to: "ring[place];" },
        ..DELAY
    },
];

/// What rows of FIFOs share.
const FIFO: Proof = Proof {
    block: "fifo",
    one_word: &["memory"],
    checker: "check_fifo",
    checkers: &["rules.sv", "scoreboard.sv", "progress.sv", "fifo.sv"],
    quick: false,
    ..STREAM
};

/// What rows of FIFOs in block memory share.
const FIFO_DEEP: Proof = Proof {
    block: "fifo-deep",
    control: Control {
        file: "stream_fifo_block.v",
        from: "memory[tail[ADDRESS-1:0]] <= s_data",
        to: "memory[head[ADDRESS-1:0]] <= s_data",
    },
    ..FIFO
};

/// What rows of gathering share.
const GATHER: Proof = Proof {
    block: "gather",
    checker: "check_gather",
    checkers: &["rules.sv", "scoreboard.sv", "progress.sv", "gather.sv"],
    control: Control {
        file: "stream_gather.v",
        from: "assign s_ready = !last || m_ready || !m_valid",
        to: "assign s_ready = !last || m_ready || m_valid",
    },
    ..STREAM
};

/// What rows of scattering share.
const SCATTER: Proof = Proof {
    block: "scatter",
    checker: "check_scatter",
    checkers: &["rules.sv", "progress.sv", "scatter.sv"],
    control: Control { file: "stream_scatter.v", from: "(m_last && m_ready)", to: "m_ready" },
    ..STREAM
};

/// What rows of delays share.
const DELAY: Proof =
    Proof { block: "delay", checker: "check_delay", checkers: &["delay.sv"], bound: 18, quick: false, ..STREAM };

/// A shallow FIFO that forgets what it has read.
const FORGETS: Control = Control { file: "", from: "if (m_ready || !m_valid) m_valid", to: "if (m_ready) m_valid" };

/// The inside of a shallow FIFO at `path`.
fn shallow(path: &str, width: usize, depth: usize) -> Vec<Probe> {
    let mut probes = vec![Probe::zero("read_valid", 1), Probe::zero("read", width)];
    probes.extend(around(path, width, depth));
    probes
}

/// The inside of a FIFO in block memory.
pub(super) fn deep(path: &str, width: usize, depth: usize) -> Vec<Probe> {
    let stage =
        [("read_valid", 1), ("read", width)].map(|(name, bits)| Probe::signal(name, &format!("{path}{name}"), bits));
    stage.into_iter().chain(around(path, width, depth)).collect()
}

/// The inside of a delay that is a ring.
fn ring(width: usize, clocks: usize) -> Vec<Probe> {
    let bits = stream::index_bits(clocks - 1);
    vec![Probe::signal("place", "place", bits), Probe::words("ring", "ring", width, clocks - 1)]
}
