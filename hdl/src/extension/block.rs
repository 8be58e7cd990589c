//! The multiply-accumulate as a block, against Plonky3's extension field.

use super::model::{Element, multiply_add};
use super::{DEGREE, ELEMENT, extension_mac};
use crate::block::{Block, Face, Job, Order, Point, Size, Sort, beat, bus};
use crate::field::block::{element, stock, word};
use p3_baby_bear::BabyBear;
use p3_field::BasedVectorSpace;
use p3_field::extension::BinomialExtensionField;
use rand::Rng;
use rand_chacha::ChaCha8Rng;

/// Row of the table of blocks.
pub(crate) const MAC: Block = Block {
    name: "extension-mac",
    doc: "multiply-accumulate in the degree-5 extension, for FRI folding and openings",
    sort: Sort::Pipeline,
    points: || {
        vec![Point {
            name: "d5".into(),
            module: extension_mac(),
            harness: None,
            face: Face::Streams { inputs: &["s_"], outputs: &["m_"], memory: None },
            multipliers: DEGREE,
            job: Box::new(job),
            bins: BINS.to_vec(),
        }]
    },
};

const BINS: [&str; 5] = ["base field", "monomial", "accumulate nothing", "one product", "more than the queue holds"];

fn job(rng: &mut ChaCha8Rng, size: Size) -> Job {
    let count = match size {
        Size::Small => rng.random_range(1..=3),
        Size::Edge => 40,
        Size::Random => rng.random_range(1..=60),
        Size::Whole => 5_000,
    };
    let mut job = Job { what: format!("{count} products"), order: Order::Listed, ..Job::default() };
    let (mut input, mut model, mut reference) = (vec![], vec![], vec![]);
    for _ in 0..count {
        let mut any = || -> Element { std::array::from_fn(|_| element(rng, size)) };
        let [mut a, mut b, mut c] = [any(), any(), any()];
        match rng.random_range(0..8) {
            0 => {
                a[1..].fill(0);
                job.bins.push("base field");
            }
            1 => {
                let place = rng.random_range(0..DEGREE);
                b = std::array::from_fn(|k| if k == place { b[k] } else { 0 });
                job.bins.push("monomial");
            }
            2 => {
                c = [0; DEGREE];
                job.bins.push("accumulate nothing");
            }
            _ => {}
        }
        let buses = [a, b, c].map(|e| bus(&e));
        input.extend(beat(&[0, 1, 2].map(|k| (ELEMENT, &buses[k][..]))));
        model.extend(bus(&multiply_add(&a, &b, &c)));
        let [p, q, r] = [a, b, c].map(plonky3);
        let words: Vec<u32> = (p * q + r).as_basis_coefficients_slice().iter().map(|&x: &BabyBear| word(x)).collect();
        reference.extend(bus(&words));
    }
    job.bins.push(if count == 1 { "one product" } else { "more than the queue holds" });
    if (2..=8).contains(&count) {
        job.bins.pop();
    }
    job.bins.sort_unstable();
    job.bins.dedup();
    (job.inputs, job.model, job.reference) = (vec![input], vec![model], vec![reference]);
    (job.results, job.multiplies) = ((DEGREE * count) as u64, (DEGREE * DEGREE * count) as u64);
    job
}

fn plonky3(e: Element) -> BinomialExtensionField<BabyBear, DEGREE> {
    BinomialExtensionField::from_basis_coefficients_fn(|k| stock(e[k]))
}
