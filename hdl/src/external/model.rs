//! The transform in plain integers: the tiles, the order of stages and the twiddles of the circuit.
//!
//! Element j of the transform of [`crate::lde::model`] is (h, l), h its upper a bits and l its lower c, n = a + c. Stages 0 to a - 1 pair
//! elements of different h and equal l, with twiddles that depend on h alone; from stage a on each h is a transform of 2^c elements whose
//! blocks begin at index h of the tree. So the extension is
//!
//! 1. for each h, the inverse stages n - 1 down to a over l: rows u 2^a + v of the input, with h the reversal of v and l that of u;
//! 2. for each l, the inverse stages a - 1 down to 0 over h, the factor s^k / 2^n of coefficient k = (h, l), and for each coset the stages
//!    0 up to a - 1;
//! 3. for each coset and each h, the stages a up to n - 1 over l. What comes out is in leaf order.
//!
//! Every twiddle is r[B] for an index B of the tree. As r is multiplicative over the bits of its index, and s^k over those of k, both are
//! a product of two entries of small tables.

use super::Geometry;
use crate::field::{add, mul, sub, to_montgomery};
use crate::lde::model::Shape;
use crate::lde::twiddle::{MINUS_ONE, inverse_index, subgroup_generator};

/// The two tables of a function of an index that is multiplicative over its bits.
struct Tables {
    low: Vec<u32>,
    high: Vec<u32>,
}

impl Tables {
    /// `first` at index 0, multiplied by `generator(k)` for each set bit k.
    fn new(geometry: &Geometry, first: u32, generator: impl Fn(usize) -> u32) -> Self {
        let build = |first: u32, levels: std::ops::Range<usize>| {
            let mut table = vec![first];
            for k in levels {
                table.extend(table.clone().iter().map(|&x| mul(generator(k), x)));
            }
            table
        };
        let low = geometry.low_bits();
        Self { low: build(first, 0..low), high: build(to_montgomery(1), low..geometry.index_bits()) }
    }

    fn at(&self, index: usize) -> u32 {
        mul(self.low[index % self.low.len()], self.high[index / self.low.len()])
    }
}

/// The tables of a job.
struct Factors {
    twiddles: Tables,
    scales: Tables,
}

impl Factors {
    fn new(geometry: &Geometry, shape: &Shape) -> Self {
        let twiddles = Tables::new(geometry, to_montgomery(1), |k| subgroup_generator(k + 2));
        // Seeds 1, 2, 4 and 8 against seed 0 give the first generators; the table is filled with the seeds themselves.
        let squares = |k: usize| (4..k).fold(shape.step, |x, _| mul(x, x));
        let mut scales = Tables { low: shape.seeds.to_vec(), high: vec![to_montgomery(1)] };
        for k in 4..geometry.index_bits() {
            let table = if k < geometry.low_bits() { &mut scales.low } else { &mut scales.high };
            table.extend(table.clone().iter().map(|&x| mul(squares(k), x)));
        }
        Self { twiddles, scales }
    }

    fn forward(&self, index: usize) -> u32 {
        self.twiddles.at(index)
    }

    fn inverse(&self, index: usize) -> u32 {
        if index == 0 { MINUS_ONE } else { self.twiddles.at(inverse_index(index)) }
    }
}

/// Stage `i` of a transform of `data`, whose blocks begin at `tree` in stage 0.
fn stage(data: &mut [u32], i: usize, mut butterfly: impl FnMut(usize, u32, u32) -> (u32, u32)) {
    let half = data.len() >> (i + 1);
    for (m, block) in data.chunks_mut(2 * half).enumerate() {
        let (a, b) = block.split_at_mut(half);
        for (a, b) in a.iter_mut().zip(b) {
            (*a, *b) = butterfly(m, *a, *b);
        }
    }
}

fn forward(factors: &Factors, data: &mut [u32], tree: usize) {
    for i in 0..data.len().ilog2() as usize {
        stage(data, i, |m, a, b| {
            let product = mul(b, factors.forward((tree << i) + m));
            (add(a, product), sub(a, product))
        });
    }
}

fn inverse(factors: &Factors, data: &mut [u32], tree: usize) {
    for i in (0..data.len().ilog2() as usize).rev() {
        stage(data, i, |m, a, b| (add(a, b), mul(sub(b, a), factors.inverse((tree << i) + m))));
    }
}

/// `row` with its low `bits` bits reversed.
fn bit_reverse(row: usize, bits: usize) -> usize {
    if bits == 0 { 0 } else { row.reverse_bits() >> (usize::BITS as usize - bits) }
}

/// The extension of one column, 2^n values in natural order, to 2^(n + b) values in leaf order, split at (a, c).
fn extend(factors: &Factors, shape: &Shape, (a, c): (usize, usize), column: &[u32]) -> Vec<u32> {
    let rows = 1usize << shape.log_rows;
    let mut memory = column.to_vec();
    for v in 0..1usize << a {
        let mut tile: Vec<u32> = (0..1usize << c).map(|l| memory[(bit_reverse(l, c) << a) | v]).collect();
        inverse(factors, &mut tile, bit_reverse(v, a));
        tile.iter().enumerate().for_each(|(l, &x)| memory[(l << a) | v] = x);
    }
    let mut cosets = vec![vec![0; rows]; 1 << shape.log_blowup];
    for l in 0..1usize << c {
        let mut tile: Vec<u32> = (0..1usize << a).map(|h| memory[(l << a) | bit_reverse(h, a)]).collect();
        inverse(factors, &mut tile, 0);
        tile.iter_mut().enumerate().for_each(|(h, x)| *x = mul(*x, factors.scales.at((h << c) | l)));
        for (coset, memory) in cosets.iter_mut().enumerate() {
            let mut tile = tile.clone();
            forward(factors, &mut tile, coset);
            memory[l << a..][..tile.len()].copy_from_slice(&tile);
        }
    }
    let mut out = Vec::with_capacity(rows << shape.log_blowup);
    for (coset, memory) in cosets.iter().enumerate() {
        for h in 0..1usize << a {
            let mut tile: Vec<u32> = (0..1usize << c).map(|l| memory[(l << a) | h]).collect();
            forward(factors, &mut tile, (coset << a) | h);
            out.extend(tile);
        }
    }
    out
}

/// The whole job as it crosses the circuit's ports: words in matrix order (groups of 8 columns, `2^n` rows of 8 words each) to row
/// beats in the order they leave (groups, rows in leaf order).
pub fn transform(geometry: &Geometry, shape: &Shape, words: &[u32]) -> Vec<[u32; 8]> {
    let (rows, split) = (1usize << shape.log_rows, geometry.split(shape.log_rows));
    let factors = Factors::new(geometry, shape);
    let mut beats = vec![];
    for group in words.chunks(8 * rows) {
        let column = |k: usize| group.iter().skip(k).step_by(8).copied().collect::<Vec<_>>();
        let columns: [Vec<u32>; 8] = std::array::from_fn(|k| extend(&factors, shape, split, &column(k)));
        beats.extend((0..rows << shape.log_blowup).map(|row| std::array::from_fn(|k| columns[k][row])));
    }
    beats
}

/// Rows that a group moves to and from memory: written by the load, read and written by the first pass, read by the second, and a write
/// and a read for each coset.
pub fn row_transfers(log_rows: usize, log_blowup: usize) -> u64 {
    (4 + (2 << log_blowup)) << log_rows
}
