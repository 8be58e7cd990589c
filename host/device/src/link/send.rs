//! The frames of a job, made one at a time: the command, then the data.

use crate::{Job, field};
use galena_target::frame::{COMMAND_WORDS, FrameType, HEADER_WORDS, MAGIC, PAYLOAD_MAX, kind_word};
use galena_target::{Kernel, Shape};

/// Makes the frames of one job in order.
pub(crate) struct Sender<'a> {
    kernel: Kernel,
    command: [u32; COMMAND_WORDS],
    job: Option<&'a Job<'a>>,
    /// Data words in all, and made.
    words: usize,
    done: usize,
    frames: usize,
}

impl<'a> Sender<'a> {
    /// The frames of a job whose shape was checked.
    pub(crate) fn new(job: &'a Job<'a>, shape: &Shape) -> Self {
        let (step, powers) = match job.kernel.row().transforms {
            true => field::shift_powers(job.shift, job.log_rows),
            false => (0, [0; 16]),
        };
        let command = shape.command(step, &powers);
        Self { kernel: job.kernel, command, job: Some(job), words: shape.data_words(), done: 0, frames: 0 }
    }

    /// The one frame of `identify`.
    pub(crate) fn identify() -> Self {
        let (kernel, command) = (Kernel::Identify, [0; COMMAND_WORDS]);
        Self { kernel, command, job: None, words: 0, done: 0, frames: 0 }
    }

    /// Appends the next frame; false when there is none.
    pub(crate) fn frame(&mut self, out: &mut Vec<u32>) -> bool {
        let sequence = self.frames as u16; // modulo 2^16, as the protocol counts
        if self.frames == 0 {
            append(out, self.kernel.code(), FrameType::Command, sequence, self.command);
        } else {
            let range = self.done..self.words.min(self.done + PAYLOAD_MAX);
            let Some(job) = self.job.filter(|_| !range.is_empty()) else { return false };
            self.done = range.end;
            append(out, self.kernel.code(), FrameType::Data, sequence, range.map(|at| job.link_word(at)));
        }
        self.frames += 1;
        true
    }
}

/// Appends a frame with this payload of at most [`PAYLOAD_MAX`] words.
pub(crate) fn append(
    out: &mut Vec<u32>,
    kernel: u8,
    frame: FrameType,
    sequence: u16,
    payload: impl IntoIterator<Item = u32>,
) {
    let start = out.len();
    out.extend([MAGIC, kind_word(kernel, frame, sequence), 0, 0]);
    out.extend(payload);
    let header = start + HEADER_WORDS;
    out[start + 2] = (out.len() - header) as u32;
    out[start + 3] = crc(&out[start..start + 3]);
    let sum = crc(&out[header..]);
    out.push(sum);
}

/// CRC-32 of words, low byte first; the same function as `galena_target::frame::crc32`, at the speed of the machine.
pub(crate) fn crc(words: &[u32]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    let mut bytes = [0; 256];
    for some in words.chunks(64) {
        for (to, word) in bytes.chunks_exact_mut(4).zip(some) {
            to.copy_from_slice(&word.to_le_bytes());
        }
        hasher.update(&bytes[..4 * some.len()]);
    }
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;
    use galena_target::frame::crc32;

    #[test]
    fn the_fast_crc_is_the_table_s() {
        for n in [0, 1, 3, 63, 64, 65, 200] {
            let words: Vec<u32> = (0..n).map(|i: u32| i.wrapping_mul(0x9e37_79b9)).collect();
            assert_eq!(crc(&words), crc32(&words));
        }
    }

    #[test]
    fn a_job_is_cut_into_frames_of_1024_words_in_group_order() {
        let matrix: Vec<u32> = (0..11 << 7).collect();
        let job = Job {
            kernel: Kernel::Commit,
            log_rows: 7,
            log_blowup: 1,
            shift: field::ONE,
            matrix: &matrix,
            columns: 11,
            levels: 0,
            return_rows: true,
            return_digests: true,
            first_level: 0,
            keep_rows: None,
            keep_digests: None,
        };
        let mut sender = Sender::new(&job, &job.shape());
        let mut frames = vec![];
        loop {
            let mut frame = vec![];
            if !sender.frame(&mut frame) {
                break;
            }
            frames.push(frame);
        }
        let lengths: Vec<usize> = frames.iter().map(|f| f.len() - HEADER_WORDS - 1).collect();
        assert_eq!(lengths, [24, 1024, 1024]);
        assert_eq!(frames[2][1], 2 | 1 << 8 | 2 << 16);
        assert_eq!(frames[0][4..8], [7 | 1 << 8 | 3 << 16, 11, 0, 2048]);
        assert_eq!(frames[1][4..14], [0, 1, 2, 3, 4, 5, 6, 7, 11, 12]);
        assert_eq!(frames[2][4..14], [8, 9, 10, 0, 0, 0, 0, 0, 19, 20]);
        for frame in frames {
            assert_eq!(crc32(&frame[..3]), frame[3]);
            assert_eq!(crc32(&frame[4..frame.len() - 1]), frame[frame.len() - 1]);
        }
    }
}
