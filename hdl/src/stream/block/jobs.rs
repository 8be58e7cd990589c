//! Jobs of the streams.

use crate::block::{Job, Size, beat};
use crate::stream::index_bits;
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use std::collections::{HashMap, VecDeque};

/// Bins of a stream with places for some beats.
pub(super) const BINS: &[&str] = &["all zeros", "all ones", "few beats", "many more beats than places"];

/// Bins of what has no places to fill.
pub(super) const CONTENT: &[&str] = &["all zeros", "all ones"];

/// Bins of a memory.
pub(super) const RAM_BINS: &[&str] =
    &["all zeros", "all ones", "first word", "last word", "read after write", "write while reading", "pause"];

/// Bins of the CRC.
pub(super) const CRC_BINS: &[&str] = &["all zeros", "all ones", "clear while valid", "clear alone", "pause"];

/// Beats of a whole job.
const WHOLE: usize = 8192;

/// The words of a port value of this width: at the edges zeros, ones, one bit high or low; else random.
fn word(rng: &mut ChaCha8Rng, size: Size, width: usize, place: usize) -> Vec<u32> {
    let edge = size == Size::Edge || rng.random_range(0..16) == 0;
    let kind = if size == Size::Edge { place % 4 } else { rng.random_range(0..4) };
    let mut words: Vec<u32> = (0..width.div_ceil(32))
        .map(|k| match (edge, kind) {
            (false, _) => rng.random(),
            (_, 0) => 0,
            (_, 1) => u32::MAX,
            (_, 2) => u32::from(k == 0),
            _ => {
                if k == (width - 1) / 32 {
                    1 << ((width - 1) % 32)
                } else {
                    0
                }
            }
        })
        .collect();
    if let Some(last) = words.last_mut().filter(|_| !width.is_multiple_of(32)) {
        *last &= (1 << (width % 32)) - 1;
    }
    words
}

/// How many beats a job has in a circuit with so many places.
fn beats(rng: &mut ChaCha8Rng, size: Size, places: usize) -> usize {
    match size {
        Size::Edge => 4 + rng.random_range(0..=places.min(64)),
        Size::Small => rng.random_range(8..=16),
        Size::Random => rng.random_range(1..=4 * places + 100),
        Size::Whole => WHOLE,
    }
}

/// The bins of a job with these beats in a circuit with so many places.
fn bins(size: Size, count: usize, places: usize) -> Vec<&'static str> {
    let mut bins = if size == Size::Edge { CONTENT.to_vec() } else { vec![] };
    if size == Size::Small {
        bins.push(BINS[2]);
    }
    if count > 2 * places {
        bins.push(BINS[3]);
    }
    bins
}

fn many(rng: &mut ChaCha8Rng, size: Size, width: usize, count: usize) -> Vec<Vec<u32>> {
    (0..count).map(|k| word(rng, size, width, k)).collect()
}

/// What goes in comes out.
pub(super) fn same(rng: &mut ChaCha8Rng, size: Size, width: usize, places: usize) -> Job {
    let count = beats(rng, size, places);
    let input = many(rng, size, width, count);
    let words = input.concat();
    // The reference is a queue that is never asked for more than it holds.
    let mut queue = VecDeque::new();
    let mut reference = vec![];
    for beat in input {
        queue.push_back(beat);
        if queue.len() > places {
            reference.extend(queue.pop_front().unwrap_or_default());
        }
    }
    reference.extend(queue.into_iter().flatten());
    Job {
        what: format!("{count} beats"),
        inputs: vec![words.clone()],
        model: vec![words],
        reference: vec![reference],
        results: count as u64,
        bins: bins(size, count, places),
        ..Job::default()
    }
}

/// The bits of a port value, low first.
fn bits(words: &[u32], width: usize) -> Vec<bool> {
    (0..width).map(|k| words[k / 32] >> (k % 32) & 1 == 1).collect()
}

/// A port value from its bits.
fn packed(bits: &[bool]) -> Vec<u32> {
    bits.chunks(32).map(|own| own.iter().enumerate().fold(0, |word, (k, &bit)| word | u32::from(bit) << k)).collect()
}

/// Port value `low` below `high`, as the circuits shift them: words, not bits.
fn joined(low: &[u32], width: usize, high: &[u32], high_width: usize) -> Vec<u32> {
    let mut words = low.to_vec();
    words.resize((width + high_width).div_ceil(32), 0);
    for (k, &word) in high.iter().enumerate() {
        let (at, shift) = (width / 32 + k, width % 32);
        words[at] |= word << shift;
        if shift > 0 && at + 1 < words.len() {
            words[at + 1] |= word >> (32 - shift);
        }
    }
    words
}

/// `parts` beats of `width` bits become one.
pub(super) fn gathered(rng: &mut ChaCha8Rng, size: Size, width: usize, parts: usize) -> Job {
    let count = beats(rng, size, 2);
    let input = many(rng, size, width, count * parts);
    let wide = |own: &[Vec<u32>]| {
        let join = |(words, at): (Vec<u32>, usize), part: &Vec<u32>| (joined(&words, at, part, width), at + width);
        own.iter().fold((vec![], 0), join).0
    };
    let stream: Vec<bool> = input.iter().flat_map(|words| bits(words, width)).collect();
    Job {
        what: format!("{count} beats of {parts} words"),
        model: vec![input.chunks(parts).flat_map(wide).collect()],
        reference: vec![stream.chunks(parts * width).flat_map(packed).collect()],
        inputs: vec![input.concat()],
        results: count as u64,
        bins: bins(size, count, 2),
        ..Job::default()
    }
}

/// One beat becomes `parts` of `width` bits, the last of them marked.
pub(super) fn scattered(rng: &mut ChaCha8Rng, size: Size, width: usize, parts: usize) -> Job {
    let count = beats(rng, size, 2);
    let input = many(rng, size, width * parts, count);
    let mut model = vec![];
    for wide in &input {
        for part in 0..parts {
            let word = |k: usize| u64::from(wide.get((part * width) / 32 + k).copied().unwrap_or(0));
            let take = |k: usize, bits: usize| {
                let value = (word(k) | word(k + 1) << 32) >> (part * width % 32);
                (value & ((1u64 << bits) - 1)) as u32
            };
            model.extend((0..width.div_ceil(32)).map(|k| take(k, (width - 32 * k).min(32))));
            model.push(u32::from(part + 1 == parts));
        }
    }
    let stream: Vec<bool> = input.iter().flat_map(|words| bits(words, width * parts)).collect();
    let mark = |(k, own): (usize, &[bool])| [packed(own), vec![u32::from((k + 1).is_multiple_of(parts))]].concat();
    Job {
        what: format!("{count} beats of {parts} words"),
        model: vec![model],
        reference: vec![stream.chunks(width).enumerate().flat_map(mark).collect()],
        inputs: vec![input.concat()],
        results: (count * parts) as u64,
        bins: bins(size, count, 2),
        ..Job::default()
    }
}

/// What goes in comes out, and the level was right all the time.
pub(super) fn stored(rng: &mut ChaCha8Rng, size: Size, window: usize) -> Job {
    let plain = same(rng, size, 32, window);
    let watched = |words: &Vec<u32>| words.iter().flat_map(|&word| [word, 0]).collect();
    Job {
        model: plain.model.iter().map(watched).collect(),
        reference: plain.reference.iter().map(watched).collect(),
        ..plain
    }
}

/// What went in so many clocks ago. The first beats fill a delay that may have begun anywhere.
pub(super) fn delayed(rng: &mut ChaCha8Rng, size: Size, width: usize, clocks: usize) -> Job {
    let fill = clocks.next_power_of_two() + clocks;
    let count = beats(rng, size, clocks);
    let input = many(rng, size, width, fill + count);
    // The model is the ring of the circuit.
    let mut ring = vec![vec![]; clocks];
    let held = input.iter().cycle().take(fill + count + clocks).enumerate();
    let model: Vec<Vec<u32>> = held.map(|(k, beat)| std::mem::replace(&mut ring[k % clocks], beat.clone())).collect();
    Job {
        what: format!("{count} beats"),
        model: vec![model[fill + clocks..].concat()],
        reference: vec![input[fill..].concat()],
        inputs: vec![input.concat()],
        results: count as u64,
        bins: if size == Size::Edge { CONTENT.to_vec() } else { vec![] },
        ..Job::default()
    }
}

/// Random reads and writes of a memory whose words were written first; never a read of the word that is being written.
pub(super) fn remembered(rng: &mut ChaCha8Rng, size: Size, width: usize, depth: usize) -> Job {
    let count = beats(rng, size, 8);
    // Of a large memory a job uses some words: both ends, and any.
    let mut used: Vec<usize> = [0, depth - 1].into_iter().chain((0..14).map(|_| rng.random_range(0..depth))).collect();
    if size == Size::Whole {
        used = (0..depth).collect();
    }
    let top = index_bits(depth);
    let (mut model, mut memory) = (vec![None; depth], HashMap::new());
    let (mut beats, mut expected, mut by_map) = (vec![], vec![], vec![]);
    let (mut out, mut out_by_map) = (vec![], vec![]);
    let mut bins = if size == Size::Edge { CONTENT.to_vec() } else { vec![] };
    let mut fresh = None;
    for k in 0..used.len() + 1 + count {
        let filling = k < used.len();
        let first = k == used.len();
        let write = filling || rng.random();
        let address = if filling { used[k] } else { used[rng.random_range(0..used.len())] };
        let data = word(rng, size, width, k);
        let from = match fresh {
            Some(fresh) if rng.random_range(0..4) == 0 => fresh,
            _ => used[rng.random_range(0..used.len())],
        };
        let read = !filling && (first || rng.random_range(0..4) > 0) && !(write && from == address);
        let read = read || first;
        let write = write && !(first && from == address);
        beats.extend(beat(&[
            (1, &[write.into()]),
            (top, &[address as u32]),
            (width, &data),
            (1, &[read.into()]),
            (top, &[from as u32]),
        ]));
        if read {
            out = model[from].clone().unwrap_or_default();
            out_by_map = memory.get(&from).cloned().unwrap_or_default();
            bins.extend([(0, RAM_BINS[2]), (depth - 1, RAM_BINS[3])].iter().filter(|b| b.0 == from).map(|b| b.1));
            bins.extend((fresh == Some(from)).then_some(RAM_BINS[4]));
            bins.extend(write.then_some(RAM_BINS[5]));
        } else if !filling && !write {
            bins.push(RAM_BINS[6]);
        }
        if !filling {
            expected.extend(out.clone());
            by_map.extend(out_by_map.clone());
        }
        fresh = None;
        if write {
            model[address] = Some(data.clone());
            memory.insert(address, data);
            fresh = Some(address);
        }
    }
    bins.sort_unstable();
    bins.dedup();
    Job {
        what: format!("{count} accesses to {} words", used.len()),
        inputs: vec![beats],
        model: vec![expected],
        reference: vec![by_map],
        results: count as u64,
        bins,
        ..Job::default()
    }
}

/// Words with pauses, begun anew now and then, by the bit-serial definition and by the crate that everyone uses.
pub(super) fn checked(rng: &mut ChaCha8Rng, size: Size) -> Job {
    let count = beats(rng, size, 8);
    let (mut beats, mut model, mut reference) = (vec![], vec![], vec![]);
    let (mut words, mut hash) = (vec![], crc32fast::Hasher::new());
    let mut bins = if size == Size::Edge { CONTENT.to_vec() } else { vec![] };
    let mut state = 0;
    for k in 0..count {
        let clear = k == 0 || rng.random_range(0..16) == 0;
        let valid = rng.random_range(0..8) > 0;
        let data = word(rng, size, 32, k)[0];
        beats.extend([clear.into(), valid.into(), data]);
        match (clear, valid) {
            (true, true) => bins.push(CRC_BINS[2]),
            (true, false) => bins.push(CRC_BINS[3]),
            (false, false) => bins.push(CRC_BINS[4]),
            (false, true) => {}
        }
        if clear {
            (state, hash) = (u32::MAX, crc32fast::Hasher::new());
            words.clear();
        } else if valid {
            state = crate::stream::crc::step(state, data);
            hash.update(&data.to_le_bytes());
            words.push(data);
        }
        model.push(!state);
        reference.push(hash.clone().finalize());
    }
    bins.sort_unstable();
    bins.dedup();
    Job {
        what: format!("{count} clocks, the last CRC over {} words", words.len()),
        inputs: vec![beats],
        model: vec![model],
        reference: vec![reference],
        results: count as u64,
        bins,
        ..Job::default()
    }
}
