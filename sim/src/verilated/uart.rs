//! The host's end of a serial line, bit by bit inside the compiled shim: bytes, and words of four bytes on top of them.

use super::model::Model;
use super::stall::{Stall, StallPattern};
use super::stream::{End, Limits};
use crate::SimError;
use galena_target::frame::MAGIC;

/// `struct Uart` of `uart.cpp`, field by field.
#[repr(C)]
pub(super) struct RawUart {
    rx: u32,
    tx: u32,
    any: u32,
    on: u32,
    send_bit: u64,
    receive_bit: u64,
    send: *const u8,
    send_len: u64,
    send_done: u64,
    receive: *mut u8,
    receive_len: u64,
    receive_done: u64,
    frame_errors: u64,
    lost: u64,
    quiet: u64,
    stall: Stall,
    feed_time: i64,
    sample_time: i64,
    feed: [u32; 2],
    sample: [u32; 2],
}

/// How long a bit takes, in 1/65536 clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BitTime(u64);

impl BitTime {
    /// So many clocks.
    pub const fn clocks(divisor: u32) -> Self {
        Self((divisor as u64) << 16)
    }

    /// A rate in bits per second beside a clock in Hz; at least two clocks, and at most what a byte's arithmetic holds.
    pub fn of_rate(clock_hz: u32, baud: u32) -> Self {
        Self(((u64::from(clock_hz) << 16) / u64::from(baud.max(1))).clamp(2 << 16, 1 << 48))
    }

    /// Clocks that `bytes` take: ten bits each, rounded up.
    pub fn clocks_of(self, bytes: u64) -> u64 {
        (self.0 * 10 * bytes).div_ceil(1 << 16)
    }
}

/// Gathers bytes to words, low byte first. While `searching`, the four bytes of the magic word are a word wherever they appear.
#[derive(Clone, Debug, Default)]
pub struct Words {
    last: u32,
    bytes: u32,
    /// The reader does not know where a word begins.
    pub searching: bool,
}

impl Words {
    /// Looking for a boundary from the start.
    pub fn searching() -> Self {
        Self { searching: true, ..Self::default() }
    }

    /// Takes a byte; the word that it completes.
    pub fn push(&mut self, byte: u8) -> Option<u32> {
        self.last = self.last >> 8 | u32::from(byte) << 24;
        self.bytes += 1;
        let whole = self.bytes == 4 || (self.searching && self.last == MAGIC);
        whole.then(|| {
            self.bytes = 0;
            self.last
        })
    }

    /// Forgets the bytes of an unfinished word.
    pub fn clear(&mut self) {
        (self.last, self.bytes) = (0, 0);
    }
}

/// The host's end of the lines `rx` and `tx` of a model, 8N1.
pub struct UartLine {
    raw: RawUart,
    /// Bytes of a word that has begun and goes on in the next run.
    rest: Vec<u8>,
    words: Words,
}

// SAFETY: the two pointers are set at the beginning of each run, from slices that outlive it, and not used after it.
#[allow(unsafe_code)]
unsafe impl Send for UartLine {}

impl UartLine {
    /// A line with `divisor` clocks a bit both ways; the pauses go between bytes sent.
    pub fn new(model: &mut Model, divisor: u32, stalls: StallPattern) -> Result<Self, SimError> {
        let (rx, tx) = (model.port("rx")?, model.port("tx")?);
        model.set_u32(rx, 1);
        let BitTime(bit) = BitTime::clocks(divisor);
        let raw = RawUart {
            rx: rx.0,
            tx: tx.0,
            any: 0,
            on: 0,
            send_bit: bit,
            receive_bit: bit,
            send: std::ptr::null(),
            send_len: 0,
            send_done: 0,
            receive: std::ptr::null_mut(),
            receive_len: 0,
            receive_done: 0,
            frame_errors: 0,
            lost: 0,
            quiet: 0,
            stall: stalls.into(),
            feed_time: 0,
            sample_time: 0,
            feed: [0; 2],
            sample: [0; 2],
        };
        Ok(Self { raw, rest: vec![], words: Words::default() })
    }

    /// Changes the bit times to the design and from it; a byte under way goes on at the new one.
    pub fn set_bit_times(&mut self, send: BitTime, receive: BitTime) {
        (self.raw.send_bit, self.raw.receive_bit) = (send.0, receive.0);
    }

    /// Whether the host looks for a word boundary: see [`Words`].
    pub fn searching(&mut self, searching: bool) {
        self.words.searching = searching;
    }

    /// Sends bytes and receives into `receive`, until that is full (if it has any room), or, with `any`, until all bytes are taken, or until a
    /// limit is reached. Returns how many bytes were taken and received. A byte is taken when its start bit begins.
    pub fn run_bytes(
        &mut self,
        model: &mut Model,
        send: &[u8],
        receive: &mut [u8],
        any: bool,
        limits: Limits,
    ) -> Result<(usize, usize, End), SimError> {
        let raw = &mut self.raw;
        raw.any = any.into();
        (raw.send, raw.send_len, raw.send_done) = (send.as_ptr(), send.len() as u64, 0);
        (raw.receive, raw.receive_len, raw.receive_done) = (receive.as_mut_ptr(), receive.len() as u64, 0);
        let code = model.uart_raw(raw, limits);
        let end = model.end(code)?;
        Ok((self.raw.send_done as usize, self.raw.receive_done as usize, end))
    }

    /// The same with words: a word is taken when its first byte begins, and its other bytes are sent whatever comes after.
    pub fn run(
        &mut self,
        model: &mut Model,
        words: &[u32],
        receive: &mut [u32],
        any: bool,
        mut limits: Limits,
    ) -> Result<(usize, usize, End), SimError> {
        let old = self.rest.len();
        let mut bytes = std::mem::take(&mut self.rest);
        bytes.extend(words.iter().flat_map(|word| word.to_le_bytes()));
        let (mut sent, mut received, mut end) = (0, 0, End::Cycles);
        let mut buffer = vec![];
        // Once, unless the boundary of the words moves meanwhile.
        while limits.cycles > 0 {
            buffer.clear();
            buffer.resize((4 * (receive.len() - received)).saturating_sub(self.words.bytes as usize), 0);
            let before = model.cycles();
            let any = any && !words.is_empty();
            let (taken, count, why) = self.run_bytes(model, &bytes[sent..], &mut buffer, any, limits)?;
            limits.cycles -= (model.cycles() - before).min(limits.cycles);
            (sent, end) = (sent + taken, why);
            for word in buffer[..count].iter().filter_map(|&byte| self.words.push(byte)) {
                receive[received] = word;
                received += 1;
            }
            if end != End::Done || received == receive.len() || (any && sent == bytes.len()) {
                break;
            }
        }
        let taken = sent.saturating_sub(old).div_ceil(4);
        bytes.truncate(old + 4 * taken);
        bytes.drain(..sent);
        self.rest = bytes;
        Ok((taken, received, end))
    }

    /// Bytes received with a stop bit that was low.
    pub fn frame_errors(&self) -> u64 {
        self.raw.frame_errors
    }

    /// Clocks since a byte last began or ended on either line, over all runs.
    pub fn quiet(&self) -> u64 {
        self.raw.quiet
    }

    /// Whether a byte is on one of the lines.
    pub fn busy(&self) -> bool {
        self.raw.on != 0 || self.raw.feed[1] != 0 || self.raw.feed_time > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bit_times_follow_the_clock() {
        assert_eq!(BitTime::of_rate(96_000_000, 3_000_000), BitTime::clocks(32));
        assert_eq!(BitTime::of_rate(48_000_000, 1_000_000), BitTime::clocks(48));
        assert_eq!(BitTime::of_rate(48_000_000, 115_200).clocks_of(1), 4167);
        assert_eq!(BitTime::of_rate(1_000_000, u32::MAX), BitTime::clocks(2));
    }

    #[test]
    fn a_magic_word_is_found_at_any_byte_while_searching() {
        for lost in 1..4 {
            let line = [vec![0xaa; 8 - lost], MAGIC.to_le_bytes().to_vec(), 7u32.to_le_bytes().to_vec()].concat();
            let of = |searching| {
                let mut words = Words { searching, ..Words::default() };
                line.iter().filter_map(|&byte| words.push(byte)).collect::<Vec<_>>()
            };
            assert_eq!(of(true)[of(true).len() - 2..], [MAGIC, 7], "{lost} bytes lost");
            assert!(!of(false).contains(&MAGIC));
        }
    }
}
