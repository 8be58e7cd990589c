//! Which engines there are: from a width and a number of multipliers to a layout.

use super::fold::Fold;
use super::{Parameters, unrolled};

/// A number of multipliers or a width for which there is no engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShapeError {
    /// Not a width of [`Parameters`].
    #[error("a Poseidon2 engine of width {0} was asked for: use 16 or 24")]
    Width(usize),
    /// No layout of width 16 has so many.
    #[error(
        "a Poseidon2 engine of width 16 with {0} multipliers was asked for: use 4, 8, 16 or 32 (folded), 64, 96 or 128 (several \
         folded engines), or 141, 282 or 564 (unrolled)"
    )]
    Multipliers16(usize),
    /// No layout of width 24 has so many.
    #[error(
        "a Poseidon2 engine of width 24 with {0} multipliers was asked for: use 4, 8, 16 or 32 (folded), 64, 96 or 128 (several \
         folded engines), or 213, 426 or 852 (unrolled)"
    )]
    Multipliers24(usize),
}

/// How the multipliers of an engine are arranged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Few S-boxes, shared by many permutations in flight.
    Folded(Fold),
    /// Folded engines that take permutations in turn.
    Several {
        /// How many.
        engines: usize,
        /// Each of them.
        each: Fold,
    },
    /// Every S-box of the permutation laid out in one pipeline.
    Unrolled {
        /// Clocks from one permutation to the next: 1, 2 or 4. An S-box has 4 / interval multipliers.
        interval: usize,
    },
}

/// An engine: width and layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// State words W.
    pub width: usize,
    /// Words G of one beat of the streams; divides W.
    pub group: usize,
    /// Its arrangement.
    pub layout: Layout,
}

/// Multipliers of the largest folded engine; several of it make the next sizes.
const FOLDED_MAX: usize = 32;

impl Shape {
    /// The numbers of multipliers there are engines for, at a width of 16 or 24, in rising order.
    pub fn multipliers_of(width: usize) -> [usize; 10] {
        let sboxes = Parameters::of(width).sboxes();
        [4, 8, 16, FOLDED_MAX, 64, 96, 128, sboxes, 2 * sboxes, 4 * sboxes]
    }

    /// The engine of `multipliers` multipliers for states of `width` words.
    pub fn new(width: usize, multipliers: usize) -> Result<Self, ShapeError> {
        if ![16, 24].contains(&width) {
            return Err(ShapeError::Width(width));
        }
        let parameters = Parameters::of(width);
        let layout = match multipliers {
            4 | 8 | 16 | FOLDED_MAX => Layout::Folded(Fold::new(&parameters, multipliers / 4)),
            64 | 96 | 128 => {
                let each = Fold::new(&parameters, FOLDED_MAX / 4);
                Layout::Several { engines: multipliers / FOLDED_MAX, each }
            }
            k => match [4, 2, 1].into_iter().find(|interval| k * interval == 4 * parameters.sboxes()) {
                Some(interval) => Layout::Unrolled { interval },
                None if width == 16 => return Err(ShapeError::Multipliers16(k)),
                None => return Err(ShapeError::Multipliers24(k)),
            },
        };
        let group = match layout {
            Layout::Folded(fold) | Layout::Several { each: fold, .. } => fold.group,
            // At least eight words a beat, and enough for a state in every interval.
            Layout::Unrolled { interval } => (width / interval).max(8),
        };
        Ok(Self { width, group, layout })
    }

    /// The constants of this width.
    pub fn parameters(&self) -> Parameters {
        Parameters::of(self.width)
    }

    /// Multipliers K.
    pub fn multipliers(&self) -> usize {
        match self.layout {
            Layout::Folded(fold) => fold.multipliers(),
            Layout::Several { engines, each } => engines * each.multipliers(),
            Layout::Unrolled { interval } => 4 * self.parameters().sboxes() / interval,
        }
    }

    /// Beats of a state in the streams.
    pub fn groups(&self) -> usize {
        self.width / self.group
    }

    /// Permutations in flight at most.
    pub fn in_flight(&self) -> usize {
        match self.layout {
            Layout::Folded(fold) => fold.contexts,
            Layout::Several { engines, each } => engines * each.contexts,
            Layout::Unrolled { interval } => unrolled::places(self.width, interval),
        }
    }

    /// S-boxes that can be started in one clock; the port `work` counts up to it.
    pub fn work_max(&self) -> usize {
        match self.layout {
            Layout::Folded(fold) => fold.sboxes,
            Layout::Several { engines, each } => engines * each.sboxes,
            Layout::Unrolled { .. } => self.parameters().sboxes(),
        }
    }

    /// Suffix of the names of all modules of this shape.
    pub fn name(&self) -> String {
        format!("w{}_k{}", self.width, self.multipliers())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_engine_has_its_multipliers_and_others_are_refused_by_name() {
        for width in [16, 24] {
            for k in 0..1000 {
                match Shape::new(width, k) {
                    Ok(shape) => {
                        assert_eq!((shape.multipliers(), shape.width), (k, width));
                        assert!(Shape::multipliers_of(width).contains(&k) && width.is_multiple_of(shape.group));
                    }
                    Err(error) => {
                        assert!(!Shape::multipliers_of(width).contains(&k));
                        let listed = Shape::multipliers_of(width).map(|k| k.to_string());
                        assert!(listed.iter().all(|k| error.to_string().contains(k.as_str())), "{error}");
                    }
                }
            }
        }
        assert_eq!(Shape::new(8, 4), Err(ShapeError::Width(8)));
        assert_eq!(Shape::multipliers_of(16), galena_target::config::MULTIPLIERS, "a config may ask for just these");
    }
}
