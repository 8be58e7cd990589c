//! The table of proofs. Depths and bounds are in clocks.

use super::{Control, Probe, Proof};
use crate::poseidon2::queue::queue;
use crate::{field, stream, xdma};

/// What every stream circuit is held to.
const ORDER: &str = "nothing lost, doubled, invented or reordered; no deadlock; data hold still while stalled";

/// What rows of arithmetic share: they see nothing inside, and look back a few clocks.
const ARITHMETIC: Proof = Proof {
    name: "",
    block: "",
    claim: "",
    circuit: field::field_add,
    defines: &[],
    abstracted: None,
    checker: "",
    checkers: &[],
    parameters: &[],
    probes: Vec::new,
    depth: 6,
    bound: 8,
    control: Control { file: "", from: "", to: "" },
    quick: true,
};

/// What rows of streams share.
const STREAM: Proof = Proof { claim: ORDER, depth: 4, bound: 14, ..ARITHMETIC };

/// All proofs.
pub const PROOFS: &[Proof] = &[
    Proof {
        name: "add",
        block: "field-add",
        claim: "y = a + b modulo p, all reduced 31-bit a and b",
        circuit: field::field_add,
        checker: "check_add",
        checkers: &["add.sv"],
        control: Control { file: "field_add.v", from: "less[31] ? sum", to: "less[30] ? sum" },
        ..ARITHMETIC
    },
    Proof {
        name: "sub",
        block: "field-sub",
        claim: "y = a - b modulo p, all reduced 31-bit a and b",
        circuit: field::field_sub,
        checker: "check_sub",
        checkers: &["add.sv"],
        control: Control { file: "field_sub.v", from: "31'd2013265921", to: "31'd2013265920" },
        ..ARITHMETIC
    },
    Proof {
        name: "reduce",
        block: "field-reduce",
        claim: "y = v modulo p, all 37-bit v",
        circuit: field::field_reduce,
        checker: "check_reduce",
        checkers: &["reduce.sv"],
        parameters: &[("WIDTH", field::REDUCE_WIDTH)],
        probes: || vec![Probe::signal("q", "q", 7)],
        control: Control { file: "field_reduce.v", from: "next, 4'd0", to: "next, 3'd0, 1'b1" },
        ..ARITHMETIC
    },
    Proof {
        name: "montgomery",
        block: "field-mul",
        claim: "the reduction: y = T / 2^32 modulo p, all T < p^2 (62 bits)",
        circuit: field::field_mul,
        abstracted: Some(("product_31x31", "free_product.sv")),
        checker: "check_montgomery",
        checkers: &["montgomery.sv"],
        probes: || vec![Probe::signal("product", "product", 62)],
        depth: 4,
        control: Control { file: "field_mul.v", from: "{t[4:0], 4'd0}", to: "{t[3:0], 5'd0}" },
        quick: false,
        ..ARITHMETIC
    },
    Proof {
        name: "product",
        block: "field-mul",
        claim: "the behavioural product is a * b, 4 clocks late",
        circuit: || field::Product::Plain.module(),
        checker: "check_product",
        checkers: &["product.sv"],
        probes: || vec![Probe::signal("a1", "a1", 31), Probe::signal("b1", "b1", 31)],
        control: Control { file: "product_31x31.v", from: "y  <= p3;", to: "y  <= p2;" },
        ..ARITHMETIC
    },
    Proof {
        name: "product-ecp5",
        block: "field-mul",
        claim: "partial products of the right halves add up to the product, all values that they can have",
        circuit: || field::Product::Plain.module(),
        defines: &["GALENA_ECP5"],
        abstracted: Some(("MULT18X18D", "free_multiplier.sv")),
        checker: "check_product_parts",
        checkers: &["product.sv"],
        probes: || {
            let of = |x: &str| (0..4).map(|k| (format!("quarter[{k}].{x}"), 18)).collect();
            vec![
                Probe { port: "x", signals: of("x") },
                Probe { port: "z", signals: of("z") },
                Probe::signal("part", "part", 144),
            ]
        },
        control: Control { file: "product_31x31.v", from: "{1'b0, part[66:36]}", to: "{2'b0, part[65:36]}" },
        ..ARITHMETIC
    },
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
        name: "queue",
        block: "queue",
        claim: "nothing lost, doubled, invented or reordered, at its head a clock later, while its users keep to its depth",
        circuit: || queue(37, 8),
        checker: "check_queue",
        checkers: &["rules.sv", "scoreboard.sv", "progress.sv", "queue.sv"],
        parameters: &[("WIDTH", 37), ("DEPTH", 8)],
        probes: || {
            let memory = Probe::words("memory", "memory", 37, 8);
            vec![Probe::signal("first", "first", 3), Probe::signal("last", "last", 3), memory]
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
];

/// What rows of FIFOs share.
const FIFO: Proof = Proof {
    block: "fifo",
    checker: "check_fifo",
    checkers: &["rules.sv", "scoreboard.sv", "progress.sv", "fifo.sv"],
    quick: false,
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

fn around(path: &str, width: usize, depth: usize) -> Vec<Probe> {
    let address = depth.ilog2() as usize;
    vec![
        Probe::signal("head", &format!("{path}head"), address + 1),
        Probe::signal("tail", &format!("{path}tail"), address + 1),
        Probe::signal("pop", &format!("{path}pop"), 1),
        Probe::words("memory", &format!("{path}memory"), width, depth),
    ]
}

/// The inside of a delay that is a ring.
fn ring(width: usize, clocks: usize) -> Vec<Probe> {
    let bits = stream::index_bits(clocks - 1);
    vec![Probe::signal("place", "place", bits), Probe::words("ring", "ring", width, clocks - 1)]
}
