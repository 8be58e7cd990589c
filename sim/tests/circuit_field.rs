//! The field circuits in Verilator against `% p`: edge operands and random ones, and the ECP5 form of the multiplier with a model of
//! its primitive.

use crate::packing::element;
use galena_hdl::field::{
    ADD_LATENCY, MUL_LATENCY, P, Product, REDUCE_LATENCY, add, field_add, field_mul, field_reduce, field_sub, mul,
    small_mul, sub, with_product,
};
use galena_hdl::{Module, VerilogFile, emit};
use galena_sim::area::{Family, area_of};
use galena_sim::verilated::{Build, Model};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::VecDeque;

const SEED: u64 = 80;
const VECTORS: usize = 100_000;

/// Streams operands through a pipeline and compares what comes `latency` clocks later.
fn check(
    mut model: Model,
    latency: usize,
    operands: &[&str],
    mut vector: impl FnMut(&mut ChaCha8Rng) -> (Vec<u64>, u32),
) {
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let ports: Vec<_> = operands.iter().map(|p| model.port(p).unwrap()).collect();
    let y = model.port("y").unwrap();
    let mut expected = VecDeque::new();
    for k in 0..VECTORS {
        let (values, result) = vector(&mut rng);
        for (port, value) in ports.iter().zip(&values) {
            model.set_wide(*port, &[*value as u32, (value >> 32) as u32]);
        }
        expected.push_back((values, result));
        model.step().unwrap();
        if expected.len() == latency {
            let (values, result) = expected.pop_front().unwrap();
            assert_eq!(model.get_u32(y), result, "vector {k} {values:?}, seed {SEED}");
        }
    }
}

fn open(module: &Module) -> Model {
    Build::new(&module.name, &emit(module).unwrap()).open().unwrap()
}

fn pair(of: fn(u32, u32) -> u32) -> impl FnMut(&mut ChaCha8Rng) -> (Vec<u64>, u32) {
    move |rng| {
        let (a, b) = (element(rng), element(rng));
        (vec![a as u64, b as u64], of(a, b))
    }
}

#[test]
fn sums_differences_and_products() {
    check(open(&field_add()), ADD_LATENCY, &["a", "b"], pair(add));
    check(open(&field_sub()), ADD_LATENCY, &["a", "b"], pair(sub));
    for product in Product::ALL {
        check(open(&with_product(&field_mul(), product)), MUL_LATENCY, &["a", "b"], pair(mul));
    }
}

#[test]
fn reduction_of_any_37_bits() {
    check(open(&field_reduce()), REDUCE_LATENCY, &["v"], |rng| {
        // Half of the vectors near a multiple of p or of 2^27.
        let near =
            [P as u64 * rng.random_range(0..=68), (rng.random_range(0..1u64 << 10)) << 27][rng.random_range(0..2)];
        let v = if rng.random() { near.wrapping_add(rng.random_range(0..5)).wrapping_sub(2) } else { rng.random() };
        let v = v & ((1 << 37) - 1);
        (vec![v], (v % P as u64) as u32)
    });
}

/// Behaviour of MULT18X18D as it is instantiated: registers at the inputs and at the output.
fn mult18x18d() -> VerilogFile {
    let list = |f: &dyn Fn(usize) -> String, n: usize| (0..n).map(f).collect::<Vec<_>>().join(", ");
    let down = |p: &str, n: usize| (0..n).rev().map(|i| format!("{p}{i}")).collect::<Vec<_>>().join(", ");
    let controls = ["SIGNEDA", "SIGNEDB", "SOURCEA", "SOURCEB"].map(String::from).into_iter();
    let clocks = ["CE", "CLK", "RST"].iter().flat_map(|p| (0..4).map(move |i| format!("{p}{i}")));
    let inputs: Vec<String> = controls.chain(clocks).collect();
    let registers = ["INPUTA", "INPUTB", "INPUTC", "PIPELINE", "OUTPUT"]
        .iter()
        .flat_map(|r| ["CLK", "CE", "RST"].map(|k| format!("REG_{r}_{k}")));
    let names = ["CLK0_DIV", "GSR", "SOURCEB_MODE", "RESETMODE", "MULT_BYPASS"].map(String::from);
    let parameters: Vec<String> = registers.chain(names).map(|p| format!("parameter {p} = \"\"")).collect();
    let text = format!(
        "module MULT18X18D #({}) (input wire {}, {}, {}, output wire {});
reg [17:0] a, b;
reg [35:0] p;
always @(posedge CLK0) begin a <= {{{}}}; b <= {{{}}}; p <= {{18'd0, a}} * {{18'd0, b}}; end
assign {{{}}} = p;
initial if (REG_INPUTA_CLK != \"CLK0\" || REG_INPUTB_CLK != \"CLK0\" || REG_OUTPUT_CLK != \"CLK0\" || REG_PIPELINE_CLK != \"NONE\") $fatal;
endmodule
",
        parameters.join(", "),
        list(&|i| format!("A{i}"), 18),
        list(&|i| format!("B{i}"), 18),
        inputs.join(", "),
        list(&|i| format!("P{i}"), 36),
        down("A", 18),
        down("B", 18),
        down("P", 36),
    );
    VerilogFile { name: "MULT18X18D.v".into(), text }
}

#[test]
fn the_ecp5_multipliers_are_the_same_function() {
    for product in [Product::Plain, Product::Karatsuba] {
        let mut files = emit(&with_product(&field_mul(), product)).unwrap();
        for file in &mut files {
            file.text = format!("`define GALENA_ECP5\n{}", file.text);
        }
        files.push(mult18x18d());
        let build = ["UNUSEDSIGNAL", "UNUSEDPARAM"].iter().fold(Build::new("field_mul", &files), |b, w| b.waive(w));
        check(build.open().unwrap(), MUL_LATENCY, &["a", "b"], pair(mul));
    }
}

/// The blocks each form is made for: three MULT18X18D, two DSP48E2.
#[test]
fn fewer_multiplier_blocks_where_it_is_said() {
    let blocks = |product, family| area_of(&with_product(&field_mul(), product), family).unwrap().multipliers();
    assert_eq!(blocks(Product::Plain, Family::Ecp5), 4);
    assert_eq!(blocks(Product::Karatsuba, Family::Ecp5), 3);
    assert_eq!(blocks(Product::Tiled, Family::UltraScalePlus), 2);
}

/// The multiplier's text with 9 in the place of 27: every pair of elements modulo 7681 = 15 * 2^9 + 1, against `%`.
#[test]
fn all_products_at_a_small_prime() {
    const LOG: usize = 9;
    const Q: u32 = (15 << LOG) + 1;
    // 1 / R modulo q: R = 2^14, and 2^9 = -1 / 15.
    let inverse = (0..Q).find(|x| (x << (LOG + 5)) % Q == 1).unwrap();
    let mut model = open(&small_mul(LOG));
    let [a, b, y] = ["a", "b", "y"].map(|port| model.port(port).unwrap());
    let total = Q * Q;
    for k in 0..total + MUL_LATENCY as u32 {
        if k < total {
            model.set_u32(a, k / Q);
            model.set_u32(b, k % Q);
        }
        // What stands at `y` is of the pair of as many clocks ago as the multiplier takes.
        if let Some(past) = k.checked_sub(MUL_LATENCY as u32) {
            let (left, right) = (past / Q, past % Q);
            assert_eq!(model.get_u32(y), left * right % Q * inverse % Q, "{left} * {right}");
        }
        model.step().unwrap();
    }
}
