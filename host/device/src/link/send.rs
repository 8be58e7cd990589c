//! What the host sends for a job: the command, then the data, a frame at a time, and the words that wait for the link.

use super::frame::{Header, append};
use crate::{Job, field};
use galena_target::frame::{ANY_JOB, COMMAND_WORDS, FrameType, HEADER_WORDS, PAYLOAD_MAX, RECOVERY_WORDS};
use galena_target::{Kernel, Shape};

/// Makes the frames of one job in order.
pub(crate) struct Sender<'a> {
    kernel: Kernel,
    number: u16,
    command: [u32; COMMAND_WORDS],
    job: Option<&'a Job<'a>>,
    /// Data words in all, and made.
    words: usize,
    made: usize,
    frames: usize,
}

impl<'a> Sender<'a> {
    /// The frames of a job whose shape was checked.
    pub(crate) fn new(job: &'a Job<'a>, shape: &Shape, number: u16) -> Self {
        let (step, powers) = match job.kernel {
            kernel if kernel.row().transforms => field::shift_powers(job.shift, job.log_rows),
            // A search has no data: the state is in the command.
            Kernel::Grind => (0, job.matrix.first_chunk().copied().unwrap_or_default()),
            _ => (0, [0; 16]),
        };
        let command = shape.command(step, &powers);
        Self { kernel: job.kernel, number, command, job: Some(job), words: shape.data_words(), made: 0, frames: 0 }
    }

    /// The one frame of `identify`.
    pub(crate) fn identify(number: u16) -> Self {
        Self { kernel: Kernel::Identify, number, command: [0; COMMAND_WORDS], job: None, words: 0, made: 0, frames: 0 }
    }

    /// The one frame of `rate`.
    pub(crate) fn rate(divisor: u32, number: u16) -> Self {
        let mut sender = Self { kernel: Kernel::Rate, ..Self::identify(number) };
        sender.command[7] = divisor;
        sender
    }

    /// The kernel asked for.
    pub(crate) fn kernel(&self) -> Kernel {
        self.kernel
    }

    /// The job's number.
    pub(crate) fn number(&self) -> u16 {
        self.number
    }

    /// Words of data that have been made into frames, and all of them.
    pub(crate) fn progress(&self) -> (usize, usize) {
        (self.made, self.words)
    }

    /// Frames made.
    pub(crate) fn frames(&self) -> usize {
        self.frames
    }

    /// Appends the next frame; false when there is none.
    pub(crate) fn frame(&mut self, out: &mut Vec<u32>) -> bool {
        let numbers = (self.number, self.frames as u16); // modulo 2^16, as the protocol counts
        if self.frames == 0 {
            append(out, self.kernel.code(), FrameType::Command, numbers, self.command);
        } else {
            let range = self.made..self.words.min(self.made + PAYLOAD_MAX);
            let Some(job) = self.job.filter(|_| !range.is_empty()) else { return false };
            self.made = range.end;
            append(out, self.kernel.code(), FrameType::Data, numbers, range.map(|at| job.link_word(at)));
        }
        self.frames += 1;
        true
    }

    /// Appends the frame that ends the job, after which it has no others.
    fn cancel(&mut self, out: &mut Vec<u32>) {
        append(out, self.kernel.code(), FrameType::Cancel, (self.number, self.frames as u16), []);
        self.frames += 1;
        self.job = None;
    }
}

/// Words made and not yet taken by the link.
#[derive(Default)]
pub(crate) struct Outbox {
    words: Vec<u32>,
    taken: usize,
    /// Words that the frame under way still lacks on the link.
    left: usize,
}

impl Outbox {
    /// Makes frames until `ahead` words wait; after the last, filler up to a multiple of `unit`.
    pub(crate) fn fill(&mut self, sender: &mut Sender<'_>, ahead: usize, unit: usize) {
        if self.waiting() * 2 > ahead {
            return;
        }
        self.words.drain(..self.taken);
        self.taken = 0;
        while self.words.len() < ahead {
            if !sender.frame(&mut self.words) {
                self.words.resize(self.words.len().next_multiple_of(unit.max(1)), 0);
                return;
            }
        }
    }

    /// What may go now: at most `room` words, in multiples of `unit`.
    pub(crate) fn offer(&self, room: usize, unit: usize) -> &[u32] {
        let some = room.min(self.waiting());
        &self.words[self.taken..][..some - some % unit.max(1)]
    }

    /// The link has taken so many of the words offered.
    pub(crate) fn took(&mut self, count: usize) {
        let mut count = count.min(self.waiting());
        while count > 0 {
            if self.left == 0 {
                let words = &self.words[self.taken..];
                let length = words.first_chunk::<HEADER_WORDS>().map(|w| Header::of(w[1], w[2]).frame_words());
                // A frame begins with the magic; what does not is filler.
                self.left = if words.first() == Some(&0) { 1 } else { length.unwrap_or(1) };
            }
            let step = count.min(self.left);
            (self.taken, self.left, count) = (self.taken + step, self.left - step, count - step);
        }
    }

    /// Takes back what has not begun and ends the job instead, after the frame under way.
    pub(crate) fn cancel(&mut self, sender: &mut Sender<'_>, unit: usize) {
        self.words.truncate(self.taken + self.left);
        sender.cancel(&mut self.words);
        let waiting = self.waiting().next_multiple_of(unit.max(1));
        self.words.resize(self.taken + waiting, 0);
    }

    /// Whether a frame has not been sent to its end, or not begun.
    pub(crate) fn in_frame(&self) -> bool {
        self.left > 0 || self.words[self.taken..].iter().any(|&word| word != 0)
    }

    fn waiting(&self) -> usize {
        self.words.len() - self.taken
    }
}

/// What brings a device back to the beginning, whatever it believes: filler that ends any frame, a cancel of any job, and
/// `identify` under this number.
pub(crate) fn resynchronisation(number: u16, unit: usize) -> Vec<u32> {
    let mut words = vec![0; RECOVERY_WORDS];
    append(&mut words, Kernel::Identify.code(), FrameType::Cancel, (ANY_JOB, 0), []);
    Sender::identify(number).frame(&mut words);
    words.resize(words.len().next_multiple_of(unit.max(1)), 0);
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use galena_target::Search;
    use galena_target::frame::crc32;

    fn frames(sender: &mut Sender<'_>) -> Vec<Vec<u32>> {
        let next = || {
            let mut frame = vec![];
            sender.frame(&mut frame).then_some(frame)
        };
        std::iter::from_fn(next).collect()
    }

    #[test]
    fn a_job_is_cut_into_frames_of_1024_words_in_group_order() {
        let matrix: Vec<u32> = (0..11 << 7).collect();
        let job = Job { log_blowup: 1, ..Job::of(Kernel::Commit, 7, 11, &matrix) };
        let frames = frames(&mut Sender::new(&job, &job.shape(), 0xbeef));
        let lengths: Vec<usize> = frames.iter().map(|f| f.len() - HEADER_WORDS - 1).collect();
        assert_eq!(lengths, [24, 1024, 1024]);
        assert_eq!(frames[2][1..3], [2 | 1 << 8 | 2 << 16, 0xbeef_0400]);
        assert_eq!(frames[0][4..8], [7 | 1 << 8 | 3 << 16, 11, 0, 2048]);
        assert_eq!(frames[1][4..14], [0, 1, 2, 3, 4, 5, 6, 7, 11, 12]);
        assert_eq!(frames[2][4..14], [8, 9, 10, 0, 0, 0, 0, 0, 19, 20]);
        for frame in frames {
            assert_eq!(crc32(&frame[..3]), frame[3]);
            assert_eq!(crc32(&frame[4..frame.len() - 1]), frame[frame.len() - 1]);
        }
    }

    #[test]
    fn addresses_are_sent_as_they_are() {
        let job = Job::of(Kernel::Read, 0, 3, &[5, 70_000, 1]);
        let frames = frames(&mut Sender::new(&job, &job.shape(), 1));
        assert_eq!(frames.len(), 2);
        assert_eq!(frames[0][4..8], [0, 3, 0, 3], "rows of a read come back unasked");
        assert_eq!(frames[1][4..7], [5, 70_000, 1]);
    }

    #[test]
    fn a_search_is_one_frame() {
        let state: Vec<u32> = (100..116).collect();
        let job = Job::grind(&state, 3, Search { bits: 16, first: 8, candidates: 9 });
        let frames = frames(&mut Sender::new(&job, &job.shape(), 1));
        assert_eq!(frames.len(), 1);
        assert_eq!(frames[0][4..12], [0, 3, 16, 0, 8, 9, 0, 0]);
        assert_eq!(frames[0][12..28], state);
    }

    /// Takes words in every odd way and checks that the stream is the frames, padded at the end only.
    #[test]
    fn the_outbox_keeps_order_and_units() {
        let matrix: Vec<u32> = (1..=9 << 8).collect();
        let job = Job::of(Kernel::Hash, 8, 9, &matrix);
        let plain = frames(&mut Sender::new(&job, &job.shape(), 1)).concat();
        for (unit, room) in [(1, 1), (1, 700), (4, 3000), (4, 31), (16, 100)] {
            let (mut sender, mut outbox, mut sent) = (Sender::new(&job, &job.shape(), 1), Outbox::default(), vec![]);
            loop {
                outbox.fill(&mut sender, 2048, unit);
                let offer = outbox.offer(room, unit);
                if offer.is_empty() {
                    break;
                }
                assert_eq!(offer.len() % unit, 0);
                sent.extend_from_slice(offer);
                outbox.took(offer.len());
            }
            assert_eq!(sent.len(), plain.len().next_multiple_of(unit));
            assert_eq!((&sent[..plain.len()], outbox.left), (&plain[..], 0));
        }
    }

    #[test]
    fn a_cancel_follows_the_frame_under_way() {
        let matrix = vec![1; 8 << 8];
        let job = Job::of(Kernel::Hash, 8, 8, &matrix);
        for (taken, ahead) in [(0, 0), (10, 29), (29, 29), (30, 29 + 1029), (1058, 1058), (1059, 2087)] {
            let (mut sender, mut outbox) = (Sender::new(&job, &job.shape(), 9), Outbox::default());
            outbox.fill(&mut sender, 4096, 1);
            outbox.took(taken);
            outbox.cancel(&mut sender, 4);
            let rest = &outbox.words[ahead..];
            let header = Header::read(rest.first_chunk().unwrap()).unwrap();
            assert_eq!((header.frame_type(), header.job, header.length), (Some(FrameType::Cancel), 9, 0));
            assert!(rest[4..].iter().all(|&word| word == 0) && (outbox.words.len() - taken) % 4 == 0);
            assert!(!sender.frame(&mut vec![]), "no data after a cancel");
        }
    }
}
