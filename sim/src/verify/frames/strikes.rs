//! What is done to the words of a job.

use crate::verify::Tier;
use crate::verify::host::{Task, cancel, frame, identify};
use galena_target::frame::{ANY_JOB, FrameType, HEADER_WORDS, crc32};
use rand::Rng;
use rand_chacha::ChaCha8Rng;

/// Words of a job after something was done to them.
pub(super) struct Strike {
    /// What was done.
    pub(super) what: String,
    /// What the host sends.
    pub(super) words: Vec<u32>,
    /// The host cannot know where the core is, whatever status came.
    pub(super) lost: bool,
}

fn strike(what: impl Into<String>, words: Vec<u32>, lost: bool) -> Strike {
    Strike { what: what.into(), words, lost }
}

/// Where the frames of a job begin and end.
fn places(words: &[u32]) -> Vec<(usize, usize)> {
    let (mut at, mut out) = (0, vec![]);
    while at < words.len() {
        let end = at + HEADER_WORDS + (words[at + 2] & 0xffff) as usize + 1;
        out.push((at, end));
        at = end;
    }
    out
}

/// Makes the header at `at` true again.
fn seal(words: &mut [u32], at: usize) {
    words[at + 3] = crc32(&words[at..at + 3]);
}

/// A frame with another payload, its header and CRC true.
fn with_payload(old: &[u32], payload: &[u32]) -> Vec<u32> {
    let mut head = old[..HEADER_WORDS].to_vec();
    head[2] = head[2] & 0xffff_0000 | payload.len() as u32;
    seal(&mut head, 0);
    [&head[..], payload, &[crc32(payload)]].concat()
}

/// The words with those from `at` to `end` replaced.
fn spliced(words: &[u32], at: usize, end: usize, new: &[u32]) -> Vec<u32> {
    [&words[..at], new, &words[end..]].concat()
}

/// One bit of one word; the long tier every bit of every word, the quick one bit of each.
pub(super) fn damaged(rng: &mut ChaCha8Rng, tier: Tier, task: &Task, _: &Task) -> Vec<Strike> {
    let mut out = vec![];
    for at in 0..task.words.len() {
        let bits = match tier {
            Tier::Quick => vec![rng.random_range(0..32)],
            Tier::Long => (0..32).collect(),
        };
        for bit in bits {
            let mut words = task.words.clone();
            words[at] ^= 1 << bit;
            out.push(strike(format!("bit {bit} of word {at} was flipped"), words, false));
        }
    }
    out
}

/// Words missing at the end of a frame, frames with a shorter payload, frames missing.
pub(super) fn cut(rng: &mut ChaCha8Rng, tier: Tier, task: &Task, _: &Task) -> Vec<Strike> {
    let mut out = vec![];
    for (number, &(at, end)) in places(&task.words).iter().enumerate() {
        let length = end - at;
        let all: Vec<usize> = match tier {
            Tier::Quick => [1, 2, 8, length].into_iter().chain((0..4).map(|_| rng.random_range(1..=length))).collect(),
            Tier::Long => (1..=length).step_by(if length > 200 { 7 } else { 1 }).chain([length]).collect(),
        };
        for missing in all {
            let what = format!("the last {missing} of {length} words of frame {number} were lost");
            out.push(strike(what, spliced(&task.words, end - missing, end, &[]), true));
        }
        let payload = &task.words[at + HEADER_WORDS..end - 1];
        for less in [1, 8, payload.len()] {
            let new = with_payload(&task.words[at..end], &payload[..payload.len() - less]);
            let what = format!("frame {number} had {less} words less, and said so");
            out.push(strike(what, spliced(&task.words, at, end, &new), false));
        }
    }
    out
}

/// Lengths that are too large, payloads that are too long, frames after the last.
pub(super) fn too_long(_: &mut ChaCha8Rng, _: Tier, task: &Task, _: &Task) -> Vec<Strike> {
    let mut out = vec![];
    let frames = places(&task.words);
    for (number, &(at, end)) in frames.iter().enumerate() {
        let payload = &task.words[at + HEADER_WORDS..end - 1];
        for more in [1, 8, 64] {
            let long = [payload, &vec![1; more][..]].concat();
            let new = with_payload(&task.words[at..end], &long);
            let what = format!("frame {number} had {more} words more, and said so");
            out.push(strike(what, spliced(&task.words, at, end, &new), true));
            let mut words = task.words.clone();
            words.splice(end - 1..end - 1, vec![1; more]);
            out.push(strike(format!("frame {number} had {more} words more, and did not say so"), words, true));
        }
        for length in
            [payload.len() as u32 + 1, 1024, 1025, 0x7fff, 0xffff].into_iter().filter(|&l| l != payload.len() as u32)
        {
            let mut words = task.words.clone();
            words[at + 2] = words[at + 2] & 0xffff_0000 | length;
            seal(&mut words, at);
            out.push(strike(format!("the header of frame {number} said {length} words"), words, true));
        }
    }
    if let Some(&(at, end)) = frames.last() {
        let mut more = task.words[at..end].to_vec();
        more[1] += 1 << 16;
        seal(&mut more, 0);
        out.push(strike("a data frame after the last", [&task.words[..], &more].concat(), true));
    }
    out
}

/// Frames of another job, and frames of no job, between the frames of this one and inside them; frames in another order.
pub(super) fn interleaved(rng: &mut ChaCha8Rng, tier: Tier, task: &Task, other: &Task) -> Vec<Strike> {
    let (words, frames) = (&task.words, places(&task.words));
    let foreign = places(&other.words);
    let part = |k: usize| other.words[foreign[k].0..foreign[k].1].to_vec();
    let guests = [
        ("another job's command", part(0)),
        ("another job's data", part(1)),
        ("a question", identify(task.job ^ 1)),
        ("a cancel of another job", cancel(task.job ^ 1)),
        ("a status", frame(task.job, 2, FrameType::Status, 0, &[0; 16])),
        ("a cancel of any job", cancel(ANY_JOB)),
        ("a reset", frame(task.job, 0, FrameType::Reset, 0, &[])),
        ("its own command again", words[frames[0].0..frames[0].1].to_vec()),
        ("half a command", part(0)[..14].to_vec()),
    ];
    let mut out = vec![];
    for (name, guest) in &guests {
        for (number, &(at, end)) in frames.iter().enumerate() {
            out.push(strike(format!("{name} before frame {number}"), spliced(words, at, at, guest), true));
            for _ in 0..tier.of(2, 60) {
                let place = rng.random_range(at + 1..end);
                out.push(strike(
                    format!("{name} in frame {number}, before word {place}"),
                    spliced(words, place, place, guest),
                    true,
                ));
            }
        }
        out.push(strike(format!("{name} after the last frame"), [&words[..], guest].concat(), true));
    }
    // Two jobs, frame by frame.
    let pairs = frames.iter().zip(&foreign);
    let both = pairs.flat_map(|(a, b)| [&words[a.0..a.1], &other.words[b.0..b.1]].concat()).collect();
    out.push(strike("the frames of two jobs in turn", both, true));
    for (a, b) in [(0, 1), (1, 2), (0, 2)] {
        let mut order: Vec<usize> = (0..frames.len()).collect();
        order.swap(a, b);
        let swapped = order.iter().flat_map(|&k| words[frames[k].0..frames[k].1].to_vec()).collect();
        out.push(strike(format!("frames {a} and {b} in the place of each other"), swapped, true));
    }
    out
}
