//! The table of proofs. Depths and bounds are in clocks.

use super::{Control, Probe, Proof};
use crate::poseidon2::{self, queue::queue};
use crate::{extension, field, memory, stream, xdma};

/// What every stream circuit is held to.
const ORDER: &str = "nothing lost, doubled, invented or reordered; no deadlock; data hold still while stalled";

/// What rows of arithmetic share: they see nothing inside, and look back a few clocks.
const ARITHMETIC: Proof = Proof {
    name: "",
    block: "",
    claim: "",
    circuit: field::field_add,
    defines: &[],
    abstracted: &[],
    one_word: &[],
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
        abstracted: &[("product_31x31", "free_product.sv")],
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
        abstracted: &[("MULT18X18D", "free_multiplier.sv")],
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
        name: "product-karatsuba",
        claim: "the inferred product of three multipliers is a * b, 4 clocks late",
        circuit: || field::Product::Karatsuba.module(),
        parameters: &[("INFERRED", 1)],
        probes: || {
            let mut probes: Vec<Probe> = ["x", "z", "x1", "z1"].map(third).into();
            probes.push(Probe::signal("part", "part", 108));
            probes
        },
        ..THIRDS
    },
    Proof {
        name: "product-karatsuba-ecp5",
        claim: "three partial products of the right sums add up to the product, all values that they can have",
        circuit: || field::Product::Karatsuba.module(),
        defines: &["GALENA_ECP5"],
        abstracted: &[("MULT18X18D", "free_multiplier.sv")],
        parameters: &[("INFERRED", 0)],
        probes: || {
            let mut probes: Vec<Probe> = ["x", "z"].map(third).into();
            probes.extend([Probe::zero("x1", 54), Probe::zero("z1", 54), Probe::signal("part", "part", 108)]);
            probes
        },
        ..THIRDS
    },
    Proof {
        name: "product-tiled",
        block: "field-mul",
        claim: "the two products and the sliver of the tiled form add up to the product, all values that they can have",
        circuit: || field::Product::Tiled.module(),
        checker: "check_product_tiles",
        checkers: &["product.sv"],
        probes: || {
            let own = [("a1", 31), ("b1", 31), ("low2", 43), ("high2", 40), ("low3", 17), ("high3", 40), ("u3", 36)];
            own.map(same).into()
        },
        control: Control { file: "product_31x31.v", from: "{14'd0, low2[42:17]}", to: "{15'd0, low2[41:17]}" },
        quick: false,
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
    Proof {
        name: "halve",
        block: "poseidon2",
        claim: "the diagonal of the internal matrix, halvings by 2^1 to 2^27 among it: lazy = d x + T + s + 4 p modulo p, all reduced x, T and s",
        circuit: || poseidon2::internal_rounds(16, 4),
        abstracted: &[("field_reduce", "free_reduce.sv")],
        one_word: &["memory", "arrived_totals", "swept_totals"],
        checker: "check_diagonal",
        checkers: &["diagonal.sv"],
        parameters: &[("WORDS", 8), ("BEATS", 2)],
        probes: || {
            vec![
                Probe::signal("x", "x", 248),
                Probe::signal("beat", "beat_3", 1),
                Probe::signal("total", "t_1", 31),
                Probe::signal("word", "word_1", 31),
                Probe::signal("sigma_2", "sigma_2", 34),
                Probe::signal("sigma_5", "sigma_5", 34),
                Probe { port: "lazy", signals: (0..8).map(|l| (format!("lazy_{l}"), 37)).collect() },
            ]
        },
        control: Control { file: "poseidon2_internal_w16_k16.v", from: "34'd8053063684", to: "34'd6039797763" },
        quick: false,
        ..ARITHMETIC
    },
    Proof {
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
    },
];

/// What rows of the product with three multipliers share.
const THIRDS: Proof = Proof {
    block: "field-mul",
    checker: "check_product_thirds",
    checkers: &["product.sv"],
    control: Control { file: "product_31x31.v", from: "{2'd0, part[65:36]}", to: "{3'd0, part[64:36]}" },
    ..ARITHMETIC
};

/// A signal of each of the three multipliers.
fn third(port: &'static str) -> Probe {
    Probe { port, signals: (0..3).map(|k| (format!("third[{k}].{port}"), 18)).collect() }
}

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
fn deep(path: &str, width: usize, depth: usize) -> Vec<Probe> {
    let stage =
        [("read_valid", 1), ("read", width)].map(|(name, bits)| Probe::signal(name, &format!("{path}{name}"), bits));
    stage.into_iter().chain(around(path, width, depth)).collect()
}

fn around(path: &str, width: usize, depth: usize) -> Vec<Probe> {
    let counter = stream::index_bits(depth) + 1;
    let control = [("head", counter), ("tail", counter), ("pop", 1)];
    let control = control.map(|(name, bits)| Probe::signal(name, &format!("{path}{name}"), bits));
    control.into_iter().chain(one_word(&format!("{path}memory"), width, depth)).collect()
}

/// What a memory that remembers one word has.
fn one_word(memory: &str, width: usize, depth: usize) -> [Probe; 2] {
    let address = Probe::signal("address", &format!("{memory}.address"), stream::index_bits(depth));
    [address, Probe::signal("kept", &format!("{memory}.word"), width)]
}

/// A signal whose name is the port's.
fn same((name, bits): (&'static str, usize)) -> Probe {
    Probe::signal(name, name, bits)
}

/// The inside of the read side of a device memory.
fn fetch(latency: usize) -> Vec<Probe> {
    let own = [
        Probe::signal("due", "due", latency),
        Probe::signal("owed", "owed", 4),
        Probe::signal("room", "waiting.s_ready", 1),
    ];
    own.into_iter().chain(around("waiting.", 248, 8)).collect()
}

/// The inside of a delay that is a ring.
fn ring(width: usize, clocks: usize) -> Vec<Probe> {
    let bits = stream::index_bits(clocks - 1);
    vec![Probe::signal("place", "place", bits), Probe::words("ring", "ring", width, clocks - 1)]
}
