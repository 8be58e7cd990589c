//! Adding, reducing, multiplying, halving.

use super::{ARITHMETIC, same};
use crate::formal::{Control, Probe, Proof};
use crate::{field, poseidon2};

pub(super) const PROOFS: &[Proof] = &[
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
