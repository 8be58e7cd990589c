//! The kernels again, in plain integers and by definition: no transform, no packing, none of Plonky3's code.
//!
//! Slow on purpose: interpolation is a sum over all rows, evaluation is Horner's rule. Only Poseidon2's round constants are
//! taken from Plonky3; known answers pin the permutation down.

use galena_target::{FIELD_PRIME, Kernel};
use p3_baby_bear::{
    BABYBEAR_POSEIDON2_RC_16_EXTERNAL_FINAL, BABYBEAR_POSEIDON2_RC_16_EXTERNAL_INITIAL,
    BABYBEAR_POSEIDON2_RC_16_INTERNAL,
};
use p3_field::PrimeField32;

use crate::{Job, Output, Witness};

const P: u64 = FIELD_PRIME as u64;

fn add(a: u32, b: u32) -> u32 {
    ((u64::from(a) + u64::from(b)) % P) as u32
}

fn mul(a: u32, b: u32) -> u32 {
    (u64::from(a) * u64::from(b) % P) as u32
}

fn pow(base: u32, exponent: u64) -> u32 {
    (0..64).rev().fold(1, |x, bit| mul(mul(x, x), if exponent >> bit & 1 == 1 { base } else { 1 }))
}

fn inverse(a: u32) -> u32 {
    pow(a, P - 2)
}

/// x * 2^32, and back: field words to integers.
fn word(x: u32) -> u32 {
    mul(x, (((1u64 << 32) % P) as u32) % FIELD_PRIME)
}

fn integer(word: u32) -> u32 {
    mul(word, inverse(((1u64 << 32) % P) as u32))
}

/// A primitive root of unity of order 2^log; 0x1a427a41 has order 2^27.
fn root(log: usize) -> u32 {
    pow(0x1a42_7a41, 1 << (27 - log))
}

fn reverse_bits(i: usize, bits: usize) -> usize {
    (0..bits).fold(0, |r, b| r | (i >> b & 1) << (bits - 1 - b))
}

/// Coefficients of the polynomial with these values on the subgroup: c_k = 1/n * sum_i v_i w^(-ik).
fn interpolate(values: &[u32]) -> Vec<u32> {
    let n = values.len();
    let w = inverse(root(n.trailing_zeros() as usize));
    let scale = inverse(n as u32);
    (0..n as u64)
        .map(|k| {
            let step = pow(w, k);
            let sum = values.iter().rev().fold(0, |sum, &v| add(mul(sum, step), v));
            mul(sum, scale)
        })
        .collect()
}

fn evaluate(coefficients: &[u32], x: u32) -> u32 {
    coefficients.iter().rev().fold(0, |sum, &c| add(mul(sum, x), c))
}

/// M_E: the 4x4 matrix circ(2, 3, 1, 1) on each four words, then to each word the sum of the words in its place.
fn external(s: &mut [u32; 16]) {
    const ROWS: [[u32; 4]; 4] = [[2, 3, 1, 1], [1, 2, 3, 1], [1, 1, 2, 3], [3, 1, 1, 2]];
    for four in s.chunks_mut(4) {
        let old: Vec<u32> = four.to_vec();
        for (out, row) in four.iter_mut().zip(ROWS) {
            *out = row.iter().zip(&old).fold(0, |sum, (&m, &x)| add(sum, mul(m, x)));
        }
    }
    let sums: [u32; 4] = std::array::from_fn(|i| (0..4).fold(0, |sum, j| add(sum, s[4 * j + i])));
    s.iter_mut().enumerate().for_each(|(i, x)| *x = add(*x, sums[i % 4]));
}

/// M_I = J + diag(V): V = [-2, 1, 2, 1/2, 3, 4, -1/2, -3, -4, 2^-8, 1/4, 1/8, 2^-27, -2^-8, -1/16, -2^-27].
fn internal(s: &mut [u32; 16]) {
    let half = |k| inverse(pow(2, k));
    let minus = |x: u32| FIELD_PRIME - x;
    let diagonal = [
        minus(2),
        1,
        2,
        half(1),
        3,
        4,
        minus(half(1)),
        minus(3),
        minus(4),
        half(8),
        half(2),
        half(3),
        half(27),
        minus(half(8)),
        minus(half(4)),
        minus(half(27)),
    ];
    let sum = s.iter().fold(0, |sum, &x| add(sum, x));
    s.iter_mut().zip(diagonal).for_each(|(x, d)| *x = add(sum, mul(d, *x)));
}

/// Poseidon2 of width 16 over integers: x^7, 4 + 4 full rounds, 13 partial ones.
pub(super) fn permute(s: &mut [u32; 16]) {
    let full = |s: &mut [u32; 16], constants: &[p3_baby_bear::BabyBear; 16]| {
        s.iter_mut().zip(constants).for_each(|(x, c)| *x = pow(add(*x, c.as_canonical_u32()), 7));
        external(s);
    };
    external(s);
    BABYBEAR_POSEIDON2_RC_16_EXTERNAL_INITIAL.iter().for_each(|c| full(s, c));
    for c in &BABYBEAR_POSEIDON2_RC_16_INTERNAL {
        s[0] = pow(add(s[0], c.as_canonical_u32()), 7);
        internal(s);
    }
    BABYBEAR_POSEIDON2_RC_16_EXTERNAL_FINAL.iter().for_each(|c| full(s, c));
}

fn digest(state: [u32; 16]) -> [u32; 8] {
    std::array::from_fn(|i| state[i])
}

fn sponge(row: &[u32]) -> [u32; 8] {
    let mut state = [0; 16];
    for block in row.chunks(8) {
        state[..block.len()].copy_from_slice(block);
        permute(&mut state);
    }
    digest(state)
}

fn compress(pair: &[[u32; 8]]) -> [u32; 8] {
    let mut state: [u32; 16] = std::array::from_fn(|i| pair[i / 8][i % 8]);
    permute(&mut state);
    digest(state)
}

/// Candidates one after the other: the first whose permuted state has zeros in the low bits of word 7.
fn search(job: &Job<'_>) -> Option<Witness> {
    let state: Vec<u32> = job.matrix.iter().map(|&w| integer(w)).collect();
    let candidates = (0..job.search.candidates).map(|k| add(integer(job.search.first), k % FIELD_PRIME));
    let value = |candidate: u32| {
        let mut state = std::array::from_fn(|i| if i + 1 == job.columns { candidate } else { state[i] });
        permute(&mut state);
        state[7]
    };
    candidates
        .map(|candidate| Witness { word: word(candidate), value: value(candidate) })
        .find(|w| w.value % (1 << job.search.bits) == 0)
}

/// What a device must answer; counters are not part of it.
pub fn run(job: &Job<'_>) -> Output {
    if job.kernel == Kernel::Grind {
        return Output { rows: Witness::answer(search(job)).to_vec(), ..Output::default() };
    }
    let height = 1 << (job.log_rows + job.log_blowup);
    let mut rows: Vec<u32> = job.matrix.iter().map(|&w| integer(w)).collect();
    if job.kernel.row().transforms {
        let (matrix, shift) = (std::mem::take(&mut rows), integer(job.shift));
        rows = vec![0; height * job.columns];
        let log_height = job.log_rows + job.log_blowup;
        let points: Vec<u32> =
            (0..height).map(|j| mul(shift, pow(root(log_height), reverse_bits(j, log_height) as u64))).collect();
        for column in 0..job.columns {
            let values: Vec<u32> = matrix.iter().skip(column).step_by(job.columns).copied().collect();
            let coefficients = interpolate(&values);
            for (j, &point) in points.iter().enumerate() {
                rows[j * job.columns + column] = evaluate(&coefficients, point);
            }
        }
    }
    let shape = job.shape();
    let levels = shape.digest_levels();
    let mut layers: Vec<Vec<[u32; 8]>> = vec![];
    if !levels.is_empty() {
        layers.push(match job.kernel {
            Kernel::Tree => rows.chunks(8).map(|d| std::array::from_fn(|i| d[i])).collect(),
            _ => rows.chunks(job.columns).map(sponge).collect(),
        });
        for level in 1..levels.end {
            layers.push(layers[level - 1].chunks(2).map(compress).collect());
        }
    }
    let words = |layer: &Vec<[u32; 8]>| layer.iter().map(|d| d.map(word)).collect();
    Output {
        rows: if shape.rows_return() { rows.into_iter().map(word).collect() } else { vec![] },
        layers: layers.iter().skip(levels.start).map(words).collect(),
        counters: Default::default(),
    }
}
