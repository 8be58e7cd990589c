//! The transform in plain integers: the same network, order and rounding-free arithmetic as the circuit.
//!
//! Inverse (Gentleman-Sande, stages n-1 down to 0), from bit-reversed positions to natural coefficients:
//! `(a, b) -> (a + b, (a - b) / t)`. Then coefficient k is multiplied by s^k / 2^n. Forward (Cooley-Tukey, stages 0 up to n-1), coset c:
//! `(a, b) -> (a + t b, a - t b)`, t = r[c 2^i + m] for block m of stage i. Position j of coset c is row c 2^n + j of the result:
//! the low-degree extension in leaf order. Scaling comes before zero padding, and the first `log_blowup` levels of a transform of the
//! padded polynomial only copy its coefficients into every block: hence c is the block index those levels would have reached.

use super::twiddle::{MINUS_ONE, inverse_index, twiddles};
use crate::field::{add, mul, sub};

/// What a job tells the transform besides its data. Field words are in Montgomery form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// log2 of the rows.
    pub log_rows: usize,
    /// log2 of the blow-up.
    pub log_blowup: usize,
    /// s^k / 2^`log_rows` for k = 0..16.
    pub seeds: [u32; 16],
    /// s^16.
    pub step: u32,
}

impl Shape {
    /// The shape of a transform onto the coset of `shift` (Montgomery form).
    pub fn new(log_rows: usize, log_blowup: usize, shift: u32) -> Self {
        let half = crate::field::to_montgomery(crate::field::P.div_ceil(2));
        let mut power = (0..log_rows).fold(crate::field::to_montgomery(1), |x, _| mul(x, half));
        let seeds = std::array::from_fn(|_| {
            let seed = power;
            power = mul(power, shift);
            seed
        });
        let step = (0..4).fold(shift, |x, _| mul(x, x));
        Self { log_rows, log_blowup, seeds, step }
    }
}

/// s^k / 2^n for k < 2^n, as the circuit makes them: 16 interleaved chains.
pub fn scales(shape: &Shape) -> Vec<u32> {
    let mut scales = shape.seeds.to_vec();
    for k in 16..1 << shape.log_rows {
        scales.push(mul(scales[k - 16], shape.step));
    }
    scales.truncate(1 << shape.log_rows);
    scales
}

/// The extension of one column: 2^n values in natural order to 2^(n + b) values in leaf order.
pub fn extend(shape: &Shape, column: &[u32]) -> Vec<u32> {
    let n = shape.log_rows;
    let rows = 1usize << n;
    let table = twiddles(n + shape.log_blowup.max(1) - 1);
    let mut a = vec![0; rows];
    for (row, &x) in column.iter().enumerate() {
        a[bit_reverse(row, n)] = x;
    }
    for stage in (0..n).rev() {
        for t in 0..rows / 2 {
            let (i, j, m) = butterfly(n, stage, t);
            let twiddle = if m == 0 { MINUS_ONE } else { table[inverse_index(m)] };
            (a[i], a[j]) = (add(a[i], a[j]), mul(sub(a[j], a[i]), twiddle));
        }
    }
    for (x, scale) in a.iter_mut().zip(scales(shape)) {
        *x = mul(*x, scale);
    }
    let mut out = Vec::with_capacity(rows << shape.log_blowup);
    for coset in 0..1usize << shape.log_blowup {
        let mut b = a.clone();
        for stage in 0..n {
            for t in 0..rows / 2 {
                let (i, j, m) = butterfly(n, stage, t);
                let product = mul(b[j], table[(coset << stage) + m]);
                (b[i], b[j]) = (add(b[i], product), sub(b[i], product));
            }
        }
        out.extend(b);
    }
    out
}

/// Butterfly `t` of a stage: its two positions and its block.
fn butterfly(n: usize, stage: usize, t: usize) -> (usize, usize, usize) {
    let log_half = n - 1 - stage;
    let low = (1 << log_half) - 1;
    let i = (t & low) | ((t & !low) << 1);
    (i, i + low + 1, t >> log_half)
}

/// `row` with its low `bits` bits reversed.
fn bit_reverse(row: usize, bits: usize) -> usize {
    if bits == 0 { 0 } else { row.reverse_bits() >> (usize::BITS as usize - bits) }
}

/// The whole job as it crosses the circuit's ports: words in matrix order (groups of 8 columns, `2^n` rows of 8 words each) to row
/// beats in the order they leave (groups, rows in leaf order).
pub fn transform(shape: &Shape, words: &[u32]) -> Vec<[u32; 8]> {
    let rows = 1usize << shape.log_rows;
    let mut beats = vec![];
    for group in words.chunks(8 * rows) {
        let columns: [Vec<u32>; 8] =
            std::array::from_fn(|c| extend(shape, &group.iter().skip(c).step_by(8).copied().collect::<Vec<_>>()));
        beats.extend((0..rows << shape.log_blowup).map(|row| std::array::from_fn(|c| columns[c][row])));
    }
    beats
}

/// Useful multiplies of one group of 8 columns: butterflies both ways and the scaling.
pub fn multiplies(log_rows: usize, log_blowup: usize) -> u64 {
    let (n, rows) = (log_rows as u64, 1u64 << log_rows);
    8 * (n * rows / 2 * (1 + (1 << log_blowup)) + rows)
}
