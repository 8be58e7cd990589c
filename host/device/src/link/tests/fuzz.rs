//! Received bytes of every kind: a typed error, or the right result; no panic, and no wait without end.

use super::*;
use galena_target::frame::{ANY_JOB, CHUNK_WORDS, FrameType, HEADER_WORDS, STATUS_WORDS, Tag};
use galena_target::register::register_map;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

const SEED: u64 = 0x6a1e_4a02;

/// Answers every command with a prepared answer, under the command's job number, changed as the mood is.
struct Moody {
    rng: ChaCha8Rng,
    payload: Vec<u32>,
    map: Vec<u32>,
    /// Whether it changes answers now, and whether it did so in a way that leaves the CRCs right.
    moody: bool,
    forged: bool,
    answer: Vec<u32>,
    exchanges: usize,
}

impl Moody {
    /// The right answer to the command of this job.
    fn right(&self, kernel: u8, job: u16) -> Vec<u32> {
        let mut words = vec![];
        let (frame, payload) = match kernel {
            0 => (FrameType::Registers, &self.map),
            _ => (FrameType::Chunks, &self.payload),
        };
        append_frame(&mut words, kernel, frame, (job, 0), payload.iter().copied());
        append_frame(&mut words, kernel, FrameType::Credit, (job, 1), [5]);
        append_frame(&mut words, kernel, FrameType::Status, (job, 2), [0; STATUS_WORDS]);
        words
    }

    fn change(&mut self, words: &mut Vec<u32>, job: u16) {
        if words.is_empty() || self.rng.random_bool(0.1) {
            let count = self.rng.random_range(0..300);
            words.splice(.., (0..count).map(|_| self.rng.random()));
        }
        for _ in 0..self.rng.random_range(0..4) {
            let at = self.rng.random_range(0..words.len().max(1));
            match (self.rng.random_range(0..8), words.get_mut(at)) {
                (0, Some(word)) => *word ^= 1 << self.rng.random_range(0..32),
                (1, Some(word)) => *word = self.rng.random(),
                (2, Some(_)) => drop(words.remove(at)),
                (3, Some(&mut word)) => words.insert(at, word),
                (4, _) => words.truncate(at),
                (5, Some(_)) => words.insert(at, 0),
                (6, Some(_)) => words.extend_from_within(at..),
                // A forged frame: any header fields, any length, right CRCs.
                (_, _) => {
                    self.forged = true;
                    let frame = FrameType::from_code(self.rng.random_range(0..8)).unwrap();
                    let numbers =
                        (if self.rng.random_bool(0.8) { job } else { self.rng.random() }, self.rng.random_range(0..3));
                    let length = *[0, 1, 9, 16, 18, 48, 576, 1024].get(self.rng.random_range(0..8)).unwrap();
                    let most = if self.rng.random() { u32::MAX } else { 80 };
                    let payload: Vec<u32> = (0..length).map(|_| self.rng.random_range(0..=most)).collect();
                    let mut forged = vec![];
                    append_frame(&mut forged, self.rng.random_range(0..8), frame, numbers, payload);
                    words.splice(at..at, forged);
                }
            }
        }
    }
}

impl Transport for Moody {
    fn exchange(&mut self, tx: &[u32], rx: &mut Vec<u32>, want: usize) -> Result<usize, TransportError> {
        self.exchanges += 1;
        for window in tx.windows(HEADER_WORDS) {
            if let Some(header) = window.first_chunk().and_then(Header::read)
                && header.frame_type() == Some(FrameType::Command)
            {
                let mut answer = self.right(header.kernel, header.job);
                if self.moody {
                    self.change(&mut answer, header.job);
                }
                self.answer.extend(answer);
            }
        }
        let some = want.min(self.answer.len());
        if some == 0 && tx.is_empty() {
            return Err(TransportError::Silent { waited: "a mood".into() });
        }
        rx.extend(self.answer.drain(..some));
        Ok(tx.len())
    }

    fn describe(&self) -> String {
        "a bad mood".into()
    }
}

#[test]
fn a_hundred_thousand_answers_of_every_kind() {
    let matrix = words(4);
    let job = Job::of(Kernel::Lde, 2, 1, &matrix);
    let want = crate::conformance::reference(&job);
    let mut payload = vec![];
    for (row, word) in want.rows.iter().enumerate() {
        payload.extend([Tag { digest: false, group: 0, index: row as u32 }.word(), *word, 0, 0, 0, 0, 0, 0, 0]);
    }
    assert_eq!(payload.len(), 4 * CHUNK_WORDS);
    let map = register_map(Config::named("tiny").unwrap()).to_vec();
    let rng = ChaCha8Rng::seed_from_u64(SEED);
    let moody = Moody { rng, payload, map, moody: false, forged: false, answer: vec![], exchanges: 0 };
    let mut device = LinkDevice::open("fuzz", moody).unwrap();
    let (mut accepted, mut refused) = (0, 0);
    for case in 0..100_000 {
        let transport = device.transport_mut();
        (transport.moody, transport.forged, transport.exchanges) = (true, false, 0);
        let result = device.run(&job);
        let transport = device.transport_mut();
        assert!(transport.exchanges < 5000, "seed {SEED:#x}, case {case}: no end");
        match result {
            Ok(output) if transport.forged || output.rows == want.rows => accepted += 1,
            Ok(_) => panic!("seed {SEED:#x}, case {case}: a wrong result without a forged frame"),
            Err(_) => refused += 1,
        }
        if case % 16 == 0 {
            transport.moody = false;
            transport.answer.clear();
            let next = device.run(&job).unwrap_or_else(|e| panic!("seed {SEED:#x}, after case {case}: {e}"));
            assert!(next.rows == want.rows);
        }
    }
    println!("{accepted} accepted, {refused} refused");
    assert!(accepted > 10_000 && refused > 50_000 && device.next_number() != ANY_JOB);
}
