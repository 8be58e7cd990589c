//! How one engine of up to 32 multipliers is folded: from the width and the number of S-boxes to every width and depth of its parts.

use super::Parameters;

/// The folding of one engine: E S-boxes shared by many permutations in flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fold {
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

impl Fold {
    /// The folding of a permutation onto `sboxes` S-boxes: 1, 2, 4 or 8.
    pub(super) fn new(parameters: &Parameters, sboxes: usize) -> Self {
        let (width, internal_rounds) = (parameters.width, parameters.internal.len());
        let group = sboxes.max(4);
        // The sweep must keep up with the S-boxes with some room to spare: one context's sweeps take at most 7/8 of its S-box time.
        let keeps_up = |s: &usize| 8 * internal_rounds * (width / s) * sboxes <= 7 * parameters.sboxes();
        let sweep = (group..=width).step_by(group).filter(|s| width.is_multiple_of(*s)).find(keeps_up).unwrap_or(width);
        Self { width, sboxes, group, sweep, contexts: 16 * sboxes, internal_rounds }
    }

    /// The constants of this width.
    pub fn parameters(&self) -> Parameters {
        Parameters::of(self.width)
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
