//! Two sides that lost each other find each other again: the way back of `ABI.md`, and what may be in it.

use super::frame::Header;
use super::receive::{Payload, Reader};
use super::send::resynchronisation;
use super::{LinkDevice, Transport, TransportError, identity};
use crate::DeviceError;
use galena_target::Kernel;
use galena_target::frame::{FrameType, HEADER_WORDS, STATUS_WORDS, StatusCode};
use galena_target::register::REGISTER_WORDS;

/// Times that a device that says something, but not the answer, is asked.
const ATTEMPTS: usize = 3;

/// Words that may be on their way from a device beside those of an interrupted job: buffers of adapters and drivers.
const IN_BUFFERS: u64 = 1 << 16;

/// Words of the answer to `identify`: the registers frame and the status frame.
const ANSWER_WORDS: usize = 2 * (HEADER_WORDS + 1) + REGISTER_WORDS + STATUS_WORDS;

/// How asking for the register map ended.
enum Answer {
    Map(Box<[u32; REGISTER_WORDS]>),
    /// The device lives, but the question or its answer was lost.
    Again,
    /// Nothing came that could be an answer, and there is no more to wait for.
    Nothing,
}

/// What was thrown away while looking for the answer.
#[derive(Default)]
struct Skipped {
    words: u64,
    heartbeats: u64,
    /// An interrupted job ended by itself, so perhaps after the question had come in and been thrown away with its data.
    ended: bool,
}

impl<T: Transport> LinkDevice<T> {
    /// Brings both sides back to the beginning: ends whatever frame and job the device is in, asks for the registers, and
    /// throws away everything that comes before the answer.
    pub(super) fn resynchronise(&mut self) -> Result<[u32; REGISTER_WORDS], DeviceError> {
        self.lost = true;
        self.rx.clear();
        self.transport.searching(true);
        let mut skipped = Skipped::default();
        for attempt in 0..ATTEMPTS {
            match self.ask(&mut skipped, attempt > 0)? {
                Answer::Map(map) => {
                    self.transport.searching(false);
                    if self.info.config.is_some() {
                        identity::same(&self.info, &map)?;
                    }
                    self.lost = false;
                    return Ok(*map);
                }
                Answer::Again => {}
                Answer::Nothing => break,
            }
        }
        Err(DeviceError::Lost { skipped: skipped.words + self.rx.len() as u64 })
    }

    fn ask(&mut self, skipped: &mut Skipped, again: bool) -> Result<Answer, DeviceError> {
        let number = self.next_number();
        let tx = resynchronisation(number, self.transport.unit());
        let (most, mut sent, mut received) = (2 * self.outstanding + IN_BUFFERS, 0, 0);
        loop {
            let (found, more) = find(&self.rx, number, skipped);
            self.rx.drain(..more);
            if found {
                break;
            }
            if skipped.words > most || skipped.heartbeats > self.patience {
                return Ok(Answer::Nothing);
            }
            if std::mem::take(&mut skipped.ended) && !again && sent == tx.len() {
                return Ok(Answer::Again);
            }
            let want = ANSWER_WORDS.saturating_sub(self.rx.len()).max(1);
            match self.exchange(&tx, &mut sent, want)? {
                Some(words) => received += words,
                None => return Ok(if received > 0 { Answer::Again } else { Answer::Nothing }),
            }
        }
        // The answer has begun: from here every word must be right.
        let (mut reader, mut map) = (Reader::new(Kernel::Identify, number), None);
        for _ in 0..self.patience {
            match reader.next(&mut self.rx) {
                Ok(None) => {}
                Ok(Some(Payload::Registers(words))) => {
                    map = Some(Box::new(*words));
                    continue;
                }
                Ok(Some(Payload::Status(words))) => match map {
                    Some(map) if words[0] == StatusCode::Ok as u32 => return Ok(Answer::Map(map)),
                    _ => return Ok(Answer::Again),
                },
                Ok(Some(_)) => continue,
                Err(_) => return Ok(Answer::Again),
            }
            let want = reader.wanted().saturating_sub(self.rx.len()).max(1);
            if self.exchange(&tx, &mut sent, want)?.is_none() {
                return Ok(Answer::Again);
            }
        }
        Ok(Answer::Nothing)
    }

    /// Moves words both ways; returns how many came, or nothing if the link is silent.
    fn exchange(&mut self, tx: &[u32], sent: &mut usize, want: usize) -> Result<Option<usize>, DeviceError> {
        let before = self.rx.len();
        match self.transport.exchange(&tx[*sent..], &mut self.rx, want) {
            Ok(moved) => {
                *sent = (*sent + moved).min(tx.len());
                Ok(Some(self.rx.len().saturating_sub(before)))
            }
            Err(TransportError::Silent { .. }) => Ok(None),
            Err(e) => Err(e.in_job(Kernel::Identify, 0, *sent as u64, 0)),
        }
    }
}

/// Looks for the beginning of the answer to the `identify` of this number: whether it is there, and how many words before it
/// (or known not to be it) can be thrown away. Headers of other jobs are taken note of on the way.
fn find(rx: &[u32], number: u16, skipped: &mut Skipped) -> (bool, usize) {
    let mut at = 0;
    // One word more than a header: the code of a status.
    while let Some(window) = rx.get(at..at + HEADER_WORDS + 1) {
        let header = window.first_chunk().and_then(Header::read);
        match header.map(|header| (header, header.frame_type())) {
            Some((header, _)) if header.job == number && header.kernel == Kernel::Identify.code() => return (true, at),
            Some((_, Some(FrameType::Credit))) => skipped.heartbeats += 1,
            Some((_, Some(FrameType::Status))) => skipped.ended |= window[HEADER_WORDS] != StatusCode::Cancelled as u32,
            _ => {}
        }
        (at, skipped.words) = (at + 1, skipped.words + 1);
    }
    (false, at)
}
