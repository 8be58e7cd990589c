//! Jobs of a serial line.

use super::harness::{BASE, TRIAL};
use crate::block::{Job, Size};
use galena_target::frame::MAGIC;
use rand::Rng;
use rand_chacha::ChaCha8Rng;

/// Bins of the serial line.
pub(super) const BINS: &[&str] = &[
    "base rate",
    "another rate",
    "a rate that nobody confirms",
    "restart",
    "a magic word across two words",
    "edge bytes",
];

/// Clocks for the line to become idle and a rate to be taken.
const IDLE: usize = 64;

/// How the line comes to its rate.
#[derive(Clone, Copy)]
enum Pace {
    Base,
    Confirmed(u32),
    Forgotten(u32),
    Restarted(u32),
}

/// A pulse on a pin, and then so many clocks.
fn pulse(pins: &mut Vec<Vec<(&'static str, Vec<u32>)>>, name: &'static str, clocks: usize) {
    pins.push(vec![(name, vec![1])]);
    pins.push(vec![(name, vec![0])]);
    pins.extend((0..clocks).map(|_| vec![]));
}

/// Words at some rate; where the receiver searches, with a magic word that lies across two words.
pub(super) fn job(rng: &mut ChaCha8Rng, size: Size) -> Job {
    let count = match size {
        Size::Edge => 5,
        Size::Small => 2,
        Size::Random => rng.random_range(1..=24),
        Size::Whole => 200,
    };
    let other = rng.random_range(5..=20);
    let pace = match (size, rng.random_range(0..6)) {
        (Size::Whole, _) | (_, 0..=2) => Pace::Base,
        (_, 3) => Pace::Confirmed(other),
        (_, 4) => Pace::Forgotten(other),
        _ => Pace::Restarted(other),
    };
    let edges = [0, u32::MAX, 0x0101_0101, 0x8080_8080, 0x00ff_00ff, 0xff00_ff00];
    let mut words: Vec<u32> = (0..count)
        .map(|k| if size == Size::Edge { edges[(k + other as usize) % edges.len()] } else { rng.random() })
        .collect();
    let search = size == Size::Random && count > 2 && rng.random();
    if search {
        // The magic word begins at byte 1 to 3 of a word; at the end it lies at a boundary again, so that the next job finds one.
        let (at, shift) = (rng.random_range(0..count - 2), 8 * rng.random_range(1..4u32));
        words[at] = words[at] & ((1 << shift) - 1) | MAGIC << shift;
        words[at + 1] = words[at + 1] >> shift << shift | MAGIC >> (32 - shift);
        words[count - 1] = MAGIC;
    }
    let (mut pins, mut bins) = (vec![vec![]; IDLE], vec![]);
    pins.push(vec![("align", vec![search.into()])]);
    // Whatever the last job left: the base rate.
    pulse(&mut pins, "restart", IDLE);
    pulse(&mut pins, "header_seen", 0);
    let rate = |pins: &mut Vec<_>, divisor: u32| {
        pins.push(vec![("set_divisor", vec![divisor])]);
        pulse(pins, "set", IDLE / 2);
    };
    let divisor = match pace {
        Pace::Base => BASE,
        Pace::Confirmed(divisor) => {
            rate(&mut pins, divisor);
            pulse(&mut pins, "header_seen", 2 * TRIAL as usize);
            divisor
        }
        Pace::Forgotten(divisor) => {
            rate(&mut pins, divisor);
            pins.extend((0..2 * TRIAL).map(|_| vec![]));
            BASE
        }
        Pace::Restarted(divisor) => {
            rate(&mut pins, divisor);
            pulse(&mut pins, "header_seen", IDLE);
            pulse(&mut pins, "restart", IDLE);
            pulse(&mut pins, "header_seen", 0);
            BASE
        }
    };
    bins.push(match pace {
        Pace::Base => BINS[0],
        Pace::Confirmed(_) => BINS[1],
        Pace::Forgotten(_) => BINS[2],
        Pace::Restarted(_) => BINS[3],
    });
    bins.extend(search.then_some(BINS[4]));
    bins.extend((size == Size::Edge).then_some(BINS[5]));
    let model = framed(&words, search);
    let reference = cut(&words, search);
    let watched = |words: &[u32]| words.iter().flat_map(|&word| [word, divisor, 0]).collect();
    Job {
        what: format!("{count} words at {divisor} clocks a bit{}", if search { ", searching" } else { "" }),
        pins,
        inputs: vec![words.clone()],
        results: model.len() as u64,
        model: vec![watched(&model)],
        reference: vec![watched(&reference)],
        ideal: 40 * u64::from(divisor) * count as u64,
        bins,
        ..Job::default()
    }
}

/// The receiver's own way: a window of four bytes and a count.
fn framed(words: &[u32], search: bool) -> Vec<u32> {
    let (mut window, mut count, mut out) = (0u32, 0, vec![]);
    for byte in words.iter().flat_map(|word| word.to_le_bytes()) {
        window = window >> 8 | u32::from(byte) << 24;
        count += 1;
        if count == 4 || (search && window == MAGIC) {
            count = 0;
            out.push(window);
        }
    }
    out
}

/// The bytes cut into fours, beginning anew at each magic word: what came just before one and is no whole word is lost.
fn cut(words: &[u32], search: bool) -> Vec<u32> {
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    let magic = MAGIC.to_le_bytes();
    let (mut out, mut from) = (vec![], 0);
    while from < bytes.len() {
        let found = bytes[from..].windows(4).position(|w| search && w == magic).map_or(bytes.len(), |at| from + at);
        // A word that the magic word begins in is completed by its first bytes only if it is whole before its last byte.
        let end = if found == bytes.len() { found } else { found + 3 };
        out.extend(bytes[from..end].as_chunks::<4>().0.iter().map(|c| u32::from_le_bytes(*c)));
        if found < bytes.len() {
            out.push(MAGIC);
        }
        from = if found == bytes.len() { found } else { found + 4 };
    }
    out
}
