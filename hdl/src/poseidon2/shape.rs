//! How an engine is folded: from the width and the number of multipliers to every width and depth of its parts.

use super::Parameters;

/// A number of multipliers or a width for which there is no engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShapeError {
    /// Not a width of [`Parameters`].
    #[error("a Poseidon2 engine of width {0} was asked for: use 16 or 24")]
    Width(usize),
    /// Not a multiple that folds.
    #[error("a Poseidon2 engine with {0} multipliers was asked for: use 4, 8, 16 or 32")]
    Multipliers(usize),
}

/// The folding of one engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// State words W.
    pub width: usize,
    /// S-boxes E; each has four multipliers.
    pub sboxes: usize,
    /// Words G of one beat of the streams, of the linear layer and of its memories.
    pub group: usize,
    /// Words S of one beat of the internal sweep: a multiple of G.
    pub sweep: usize,
    /// Permutations in flight, a power of two.
    pub contexts: usize,
    /// Internal rounds.
    pub internal_rounds: usize,
}

impl Shape {
    /// The shape of an engine of `multipliers` multipliers for states of `width` words.
    pub fn new(width: usize, multipliers: usize) -> Result<Self, ShapeError> {
        let parameters = match width {
            16 => Parameters::width_16(),
            24 => Parameters::width_24(),
            _ => return Err(ShapeError::Width(width)),
        };
        let sboxes = match multipliers {
            4 | 8 | 16 | 32 => multipliers / 4,
            _ => return Err(ShapeError::Multipliers(multipliers)),
        };
        let group = sboxes.max(4);
        let internal_rounds = parameters.internal.len();
        // The sweep must keep up with the S-boxes with some room to spare: one context's sweeps take at most 7/8 of its S-box time.
        let keeps_up = |s: &usize| 8 * internal_rounds * (width / s) * sboxes <= 7 * parameters.sboxes();
        let sweep = (group..=width).step_by(group).filter(|s| width.is_multiple_of(*s)).find(keeps_up).unwrap_or(width);
        Ok(Self { width, sboxes, group, sweep, contexts: 16 * sboxes, internal_rounds })
    }

    /// The constants of this width.
    pub fn parameters(&self) -> Parameters {
        if self.width == 24 { Parameters::width_24() } else { Parameters::width_16() }
    }

    /// Permutations in flight at most.
    pub fn in_flight(&self) -> usize {
        self.contexts
    }

    /// Multipliers K.
    pub fn multipliers(&self) -> usize {
        4 * self.sboxes
    }

    /// Beats of a state in the streams and the linear layer.
    pub fn groups(&self) -> usize {
        self.width / self.group
    }

    /// S-box beats of an external round.
    pub fn beats(&self) -> usize {
        self.width / self.sboxes
    }

    /// Beats of one internal sweep.
    pub fn sweeps(&self) -> usize {
        self.width / self.sweep
    }

    /// Groups in one sweep beat: banks of the memories between the two.
    pub fn banks(&self) -> usize {
        self.sweep / self.group
    }

    /// Bits of a context number.
    pub fn context_bits(&self) -> usize {
        self.contexts.ilog2() as usize
    }

    /// Suffix of the names of all modules of this shape.
    pub fn name(&self) -> String {
        format!("w{}_k{}", self.width, self.multipliers())
    }
}
