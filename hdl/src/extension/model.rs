//! The product in plain integers, in the circuit's order of work.

use super::{DEGREE, NON_RESIDUE};
use crate::field::{add, mul};

/// An element: coefficient 0 first, words in Montgomery form.
pub type Element = [u32; DEGREE];

/// a b + c.
pub fn multiply_add(a: &Element, b: &Element, c: &Element) -> Element {
    let (mut sum, mut rotated) = (*c, *b);
    for &coefficient in a {
        for (total, &word) in sum.iter_mut().zip(&rotated) {
            *total = add(*total, mul(coefficient, word));
        }
        rotated.rotate_right(1);
        // X^5 is a small number: a few additions.
        rotated[0] = (1..NON_RESIDUE).fold(rotated[0], |total, _| add(total, rotated[0]));
    }
    sum
}
