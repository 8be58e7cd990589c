//! The algebra behind the proofs of the multiplier, by exhaustion at a small prime of the same form: 7681 = 15 * 2^9 + 1.
//!
//! The circuit's steps with 9 in the place of 27, R = 2^14 in that of 2^32: all pairs of operands, against `%`. And the product by halves.

const LOG: u32 = 9;
const P: i64 = (15 << LOG) + 1;
const R: i64 = 1 << (LOG + 5);

/// The reduction as `field_mul` does it.
fn reduce(t: i64) -> i64 {
    let low = t & ((1 << LOG) - 1);
    let t = (t >> LOG) - 15 * low;
    let r = (t >> 5) - ((15 * (t & 31)) << (LOG - 5));
    if r < 0 { r + P } else { r }
}

#[test]
fn the_reduction_is_right_for_all_operands() {
    for a in 0..P {
        for b in a..P {
            let y = reduce(a * b);
            assert!((0..P).contains(&y) && y * R % P == a * b % P, "{a} * {b}");
        }
    }
}

#[test]
fn the_witness_of_the_proof_is_one() {
    // m = T / p modulo R, by the inverse 1 - 15 * 2^LOG that the checker uses.
    for t in 0..P * P {
        let m = (t - ((15 * (t & 31)) << LOG)) & (R - 1);
        assert_eq!((t - m * P) % R, 0, "{t}");
        let y = reduce(t);
        assert!(t - m * P == y * R || t - m * P == (y - P) * R, "{t}");
    }
}

#[test]
fn halves_make_the_product() {
    // Halves of 4 and 3 bits in the place of 18 and 13: all operands.
    for a in 0..1i64 << 7 {
        for b in 0..1 << 7 {
            let (a0, a1, b0, b1) = (a & 15, a >> 4, b & 15, b >> 4);
            assert_eq!(a0 * b0 + ((a0 * b1 + a1 * b0) << 4) + ((a1 * b1) << 8), a * b);
        }
    }
}
