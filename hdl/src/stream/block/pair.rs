//! Jobs of a serial line.

use super::harness::{BASE, TRIAL};
use crate::block::{Job, Size};
use galena_target::frame::{BREAK_CLOCKS, MAGIC};
use rand::Rng;
use rand_chacha::ChaCha8Rng;

/// Bins of the serial line.
pub(super) const BINS: &[&str] = &[
    "base rate",
    "another rate",
    "a rate that nobody confirms",
    "restart",
    "reset",
    "reset, and a rate confirmed in the last clock",
    "reset, and a rate confirmed a clock too late",
    "a magic word across two words",
    "edge bytes",
    "a byte without a stop bit",
    "a break",
];

/// One of so many random jobs disturbs the line.
const SELDOM: u32 = 5;

type Pins = Vec<Vec<(&'static str, Vec<u32>)>>;

/// Clocks for the line to become idle and a rate to be taken.
const IDLE: usize = 64;

/// How the line comes to its rate.
#[derive(Clone, Copy)]
enum Pace {
    Base,
    Confirmed(u32),
    Forgotten(u32),
    Restarted(u32),
    /// Reset while another is held.
    Reset(u32),
    /// After a reset: in the last clock of its trial.
    Just(u32),
    /// After a reset: a clock later.
    Late(u32),
}

/// A pulse on a pin, and then so many clocks.
fn pulse(pins: &mut Pins, name: &'static str, clocks: usize) {
    hold(pins, name, 1, clocks + 1);
}

/// A pin that is high for so many clocks, and low for so many, at least one.
fn hold(pins: &mut Pins, name: &'static str, high: usize, low: usize) {
    pins.push(vec![(name, vec![1])]);
    pins.extend(vec![vec![]; high - 1]);
    pins.push(vec![(name, vec![0])]);
    pins.extend(vec![vec![]; low.saturating_sub(1)]);
}

/// A reset while another rate is pending; then a rate, and the header that confirms it `late` clocks after the last in time.
fn reset_and_rate(pins: &mut Pins, divisor: u32, late: usize) {
    pins.push(vec![("set_divisor", vec![divisor + 1]), ("set", vec![1])]);
    pins.push(vec![("set", vec![0]), ("rst", vec![1])]);
    pins.push(vec![("rst", vec![0])]);
    // The sender looks up in the clock after reset and every BASE clocks from then on: this rate is taken in the clock after it is set, and
    // its trial begins. A trial that reset had not ended would be over too soon.
    const SET: usize = 4 * BASE as usize;
    const _: () = assert!(SET < TRIAL as usize);
    pins.extend(vec![vec![]; SET - 2]);
    pins.push(vec![("set_divisor", vec![divisor]), ("set", vec![1])]);
    pins.push(vec![("set", vec![0])]);
    pins.extend(vec![vec![]; TRIAL as usize - 1 + late]);
    pulse(pins, "header_seen", 2 * TRIAL as usize);
}

/// Holds the line low so that it is a byte of zeros without its stop bit, and not the beginning of another: the receiver sees the line two
/// clocks late, looks at it from the third clock on, and takes bit k half a bit and k bits later.
fn broken_byte(pins: &mut Pins, divisor: u32) {
    let divisor = divisor as usize;
    hold(pins, "low", 9 * divisor + divisor / 2 + 2, 12 * divisor);
}

/// Bytes that belong to no word, a zero that is almost a break, and a break: what the bytes began is dropped.
fn line_break(pins: &mut Pins, rng: &mut ChaCha8Rng, divisor: u32, search: bool) {
    let divisor = divisor as usize;
    let almost = !search && rng.random();
    let stray: Vec<u8> = match search {
        // A receiver that searches must forget them: its next byte may be the last of the magic word.
        true => MAGIC.to_le_bytes()[..3].to_vec(),
        // With what is left of the long zero, still no word.
        false => (0..rng.random_range(0..3)).map(|_| rng.random()).collect(),
    };
    for byte in stray {
        let bits = u32::from(byte) << 1 | 1 << 9;
        (0..10).for_each(|k| {
            pins.push(vec![("low", vec![1 - (bits >> k & 1)])]);
            pins.extend(vec![vec![]; divisor - 1]);
        });
    }
    if almost {
        hold(pins, "low", BREAK_CLOCKS as usize - 1, 12 * divisor);
    }
    hold(pins, "low", BREAK_CLOCKS as usize, 12 * divisor);
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
    let pace = match (size, rng.random_range(0..9)) {
        (Size::Whole, _) | (_, 0..=2) => Pace::Base,
        (_, 3) => Pace::Confirmed(other),
        (_, 4) => Pace::Forgotten(other),
        (_, 5) => Pace::Just(other),
        (_, 6) => Pace::Late(other),
        (_, 7) => Pace::Reset(other),
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
    if !matches!(pace, Pace::Just(_) | Pace::Late(_)) {
        pulse(&mut pins, "restart", IDLE);
        pulse(&mut pins, "header_seen", 0);
    }
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
        Pace::Reset(divisor) => {
            rate(&mut pins, divisor);
            pulse(&mut pins, "header_seen", IDLE);
            pulse(&mut pins, "rst", 0);
            BASE
        }
        Pace::Just(divisor) => {
            reset_and_rate(&mut pins, divisor, 0);
            divisor
        }
        Pace::Late(divisor) => {
            reset_and_rate(&mut pins, divisor, 1);
            BASE
        }
    };
    pulse(&mut pins, "forget", 0);
    let (mut broken, mut breaks) = (0, 0);
    if size == Size::Random && rng.random_ratio(1, SELDOM) {
        broken_byte(&mut pins, divisor);
        broken = 1;
        bins.push(BINS[9]);
        if rng.random() {
            line_break(&mut pins, rng, divisor, search);
            breaks = 1;
            if search {
                // With the bytes before the break it would be a magic word.
                words[0] = words[0] & !0xff | MAGIC >> 24;
            }
            bins.push(BINS[10]);
        }
    }
    bins.push(match pace {
        Pace::Base => BINS[0],
        Pace::Confirmed(_) => BINS[1],
        Pace::Forgotten(_) => BINS[2],
        Pace::Restarted(_) => BINS[3],
        Pace::Reset(_) => BINS[4],
        Pace::Just(_) => BINS[5],
        Pace::Late(_) => BINS[6],
    });
    bins.extend(search.then_some(BINS[8]));
    bins.extend((size == Size::Edge).then_some(BINS[7]));
    let model = framed(&words, search);
    let reference = cut(&words, search);
    let watched = |words: &[u32]| words.iter().flat_map(|&word| [word, divisor, broken, breaks]).collect();
    Job {
        what: format!(
            "{count} words at {divisor} clocks a bit{}{}",
            if search { ", searching" } else { "" },
            ["", ", after a broken byte", ", after a broken byte and a break"][broken as usize + breaks as usize]
        ),
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
