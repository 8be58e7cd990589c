//! How a job can go wrong, and the comparison that finds it.

use crate::SimError;
use galena_hdl::block::Order;

/// Why a job is not right.
#[derive(Debug, thiserror::Error)]
pub enum Mismatch {
    /// A beat is not the one expected.
    #[error("beat {index} of {stream} is not the {by}'s: expected {expected:08x?}, found {found:08x?}")]
    Beat {
        /// Prefix of the stream.
        stream: String,
        /// Its place; among the sorted beats where any order is right.
        index: usize,
        /// Its words as they should be; none if there should be no such beat.
        expected: Vec<u32>,
        /// Its words as they came; none if it did not come.
        found: Vec<u32>,
        /// Who says so: `model` or `reference`.
        by: &'static str,
    },
    /// The job did not end.
    #[error("the job was not over after {clock} clocks; beats that had come: {}", list(moved))]
    Stuck {
        /// Clocks since the streams could move.
        clock: u64,
        /// Of each output stream its prefix and the beats that came.
        moved: Vec<(String, usize)>,
    },
    /// Something came out that nothing was put in for.
    #[error("expected nothing more from {stream}, found {found:08x?}")]
    Extra {
        /// Prefix of the stream.
        stream: String,
        /// The words that came.
        found: Vec<u32>,
    },
    /// An output that is no stream is not right after the job.
    #[error("after the job expected {port} = {expected:08x?}, found {found:08x?}")]
    After {
        /// Its name.
        port: String,
        /// Its words as they should be.
        expected: Vec<u32>,
        /// Its words.
        found: Vec<u32>,
    },
    /// The job does not fit the circuit: a mistake in its block.
    #[error("the job does not fit the circuit: {what}")]
    Job {
        /// What was expected and found.
        what: String,
    },
    /// The simulation failed.
    #[error(transparent)]
    Sim(#[from] SimError),
}

fn list(moved: &[(String, usize)]) -> String {
    moved.iter().map(|(name, beats)| format!("{name} {beats}")).collect::<Vec<_>>().join(", ")
}

/// Compares the beats (of `width` words) of a stream with those expected.
pub(super) fn compare(
    order: Order,
    stream: &str,
    width: usize,
    expected: &[u32],
    found: &[u32],
    by: &'static str,
) -> Result<(), Mismatch> {
    if expected == found {
        return Ok(());
    }
    let beats = |words: &[u32]| -> Vec<Vec<u32>> {
        let mut beats: Vec<_> = words.chunks(width.max(1)).map(<[u32]>::to_vec).collect();
        if order == Order::Any {
            beats.sort();
        }
        beats
    };
    let (expected, found) = (beats(expected), beats(found));
    let beat = |side: &[Vec<u32>], index: usize| side.get(index).cloned().unwrap_or_default();
    match (0..expected.len().max(found.len())).find(|&k| expected.get(k) != found.get(k)) {
        None => Ok(()),
        Some(index) => Err(Mismatch::Beat {
            stream: stream.into(),
            index,
            expected: beat(&expected, index),
            found: beat(&found, index),
            by,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_bit_one_beat_more_or_less_and_order_are_seen() {
        let right = [1, 2, 3, 4, 5, 6];
        let check = |order, found: &[u32]| compare(order, "m_", 2, &right, found, "model");
        assert!(check(Order::Listed, &right).is_ok());
        let moved = [3, 4, 1, 2, 5, 6];
        assert!(matches!(check(Order::Listed, &moved), Err(Mismatch::Beat { index: 0, .. })));
        assert!(check(Order::Any, &moved).is_ok());
        for order in [Order::Listed, Order::Any] {
            for bit in 0..6 * 32 {
                let mut wrong = right;
                wrong[bit / 32] ^= 1 << (bit % 32);
                assert!(check(order, &wrong).is_err(), "{order:?} {bit}");
            }
            assert!(matches!(check(order, &right[..4]), Err(Mismatch::Beat { index: 2, .. })));
            assert!(check(order, &[right.as_slice(), &[7, 8]].concat()).is_err());
        }
    }
}
