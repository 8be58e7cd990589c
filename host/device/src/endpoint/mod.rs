//! The device's end of the link in software: frames in, frames out, every error status. It computes on the CPU.
//!
//! Written from `ABI.md`, not from the circuit: a second opinion on the protocol, a device to serve where there is no
//! board, and the place where tests break frames in ways a circuit would not.

mod link;

use crate::link::{append_frame, crc};
use crate::{Device, Job, SoftwareDevice, field};
use galena_target::frame::{
    CHUNK_WORDS, CHUNKS_MAX, COMMAND_WORDS, FrameType, GROUP_COLUMNS, HEADER_WORDS, MAGIC, PAYLOAD_MAX, STATUS_WORDS,
    StatusCode, Tag,
};
use galena_target::register::register_map;
use galena_target::{Config, FIELD_PRIME, Kernel, Register, Shape};
use std::collections::VecDeque;

pub use link::EndpointLink;

/// Changes the payload of a frame before its CRCs are made; false drops the frame.
pub type Tamper = Box<dyn FnMut(FrameType, &mut Vec<u32>) -> bool + Send>;

/// A device that computes in software and speaks frames.
pub struct Endpoint {
    device: SoftwareDevice,
    map: [u32; galena_target::register::REGISTER_WORDS],
    out: VecDeque<u32>,
    sequence: u16,
    window: Vec<u32>,
    job: Option<Receiving>,
    tamper: Option<Tamper>,
}

/// A job whose frames are arriving.
struct Receiving {
    kernel: u8,
    shape: Option<Shape>,
    shift: u32,
    data: Vec<u32>,
    expected: usize,
    frame: u16,
    /// Payload length of the frame under way, once its header is in.
    length: Option<usize>,
}

/// An error status in the making: code, frame, offset, word.
type Refusal = (StatusCode, u16, usize, u32);

impl Endpoint {
    /// A device of this config.
    pub fn new(config: &Config) -> Self {
        Self {
            device: SoftwareDevice::with_limits(&config.name, config.limits()),
            map: register_map(config),
            out: VecDeque::new(),
            sequence: 0,
            window: vec![],
            job: None,
            tamper: None,
        }
    }

    /// Lets `tamper` at every frame sent from here on.
    pub fn tamper(&mut self, tamper: Option<Tamper>) {
        self.tamper = tamper;
    }

    /// The register map, to be changed at will: what this device says about itself.
    pub fn registers(&mut self) -> &mut [u32; galena_target::register::REGISTER_WORDS] {
        &mut self.map
    }

    /// Takes the next word, if it has one.
    pub fn pop(&mut self) -> Option<u32> {
        self.out.pop_front()
    }

    /// Words waiting to be taken.
    pub fn pending(&self) -> usize {
        self.out.len()
    }

    /// The clock ran for as long as a job may starve.
    pub fn starve(&mut self) {
        if let Some(job) = self.job.take() {
            self.window.clear();
            self.refuse(job.kernel, (StatusCode::Starved, job.frame, 0, 0));
        }
    }

    /// Gives it a word.
    pub fn push(&mut self, word: u32) {
        self.window.push(word);
        match self.job.take() {
            None => self.search(),
            Some(job) => self.receive(job, word),
        }
    }

    /// Looks for the header of a command, word by word.
    fn search(&mut self) {
        if self.window.len() < HEADER_WORDS {
            return;
        }
        let [magic, kind, length, check] = std::array::from_fn(|i| self.window[i]);
        let [kernel, frame, low, high] = kind.to_le_bytes();
        let command = frame == FrameType::Command as u8 && [low, high] == [0, 0];
        if magic != MAGIC || check != crc(&[magic, kind, length]) || !command || length as usize > PAYLOAD_MAX {
            self.window.remove(0);
            return;
        }
        self.window.clear();
        self.sequence = 0;
        let known = Kernel::from_code(kernel).is_some();
        let refusal = if !known {
            Some((StatusCode::UnknownKernel, 0, 0, u32::from(kernel)))
        } else if length as usize != COMMAND_WORDS {
            Some((StatusCode::Length, 0, 0, length))
        } else {
            None
        };
        match refusal {
            Some(refusal) => self.refuse(kernel, refusal),
            None => {
                let length = Some(COMMAND_WORDS);
                let data = vec![];
                self.job = Some(Receiving { kernel, shape: None, shift: 0, data, expected: 0, frame: 0, length });
            }
        }
    }

    /// A word in the middle of a job.
    fn receive(&mut self, mut job: Receiving, word: u32) {
        let result = match job.length {
            None if self.window.len() < HEADER_WORDS => Ok(false),
            None => self.data_header(&mut job),
            Some(length) if self.window.len() <= length => canonical(&job, self.window.len() - 1, word),
            Some(length) => self.payload(&mut job, length),
        };
        match result {
            Ok(false) => self.job = Some(job),
            Ok(true) => self.compute(&job),
            Err(refusal) => {
                self.window.clear();
                self.refuse(job.kernel, refusal);
            }
        }
    }

    fn data_header(&mut self, job: &mut Receiving) -> Result<bool, Refusal> {
        let [magic, kind, length, check] = std::array::from_fn(|i| self.window[i]);
        self.window.clear();
        let [kernel, frame, low, high] = kind.to_le_bytes();
        if magic != MAGIC || check != crc(&[magic, kind, length]) {
            return Err((StatusCode::Header, job.frame, 0, magic));
        }
        if kernel != job.kernel || frame != FrameType::Data as u8 || u16::from_le_bytes([low, high]) != job.frame {
            return Err((StatusCode::Sequence, job.frame, 0, kind));
        }
        let left = job.expected - job.data.len();
        if length as usize != left.min(PAYLOAD_MAX) {
            return Err((StatusCode::Length, job.frame, 0, length));
        }
        job.length = Some(length as usize);
        Ok(false)
    }

    /// The CRC of a payload is in: true when that was the job's last frame.
    fn payload(&mut self, job: &mut Receiving, length: usize) -> Result<bool, Refusal> {
        let payload = std::mem::take(&mut self.window);
        let found = payload[length];
        if crc(&payload[..length]) != found {
            return Err((StatusCode::PayloadCrc, job.frame, length, found));
        }
        if let (0, Some(words)) = (job.frame, payload.first_chunk::<COMMAND_WORDS>()) {
            self.command(job, words)?;
        } else {
            job.data.extend_from_slice(&payload[..length]);
        }
        (job.frame, job.length) = (job.frame.wrapping_add(1), None);
        Ok(job.data.len() == job.expected)
    }

    fn command(&self, job: &mut Receiving, words: &[u32; COMMAND_WORDS]) -> Result<(), Refusal> {
        let kernel = Kernel::from_code(job.kernel).ok_or((StatusCode::UnknownKernel, 0, 0, job.kernel.into()))?;
        let shape = Shape::from_command(kernel, words);
        if kernel != Kernel::Identify {
            self.device.info().limits.check(&shape).map_err(|_| (StatusCode::Limits, 0, 0, words[0]))?;
        }
        if words[3] as usize != shape.data_words() {
            return Err((StatusCode::Length, 0, 3, words[3]));
        }
        // s from s^0/2^n and s^1/2^n.
        job.shift = field::mul(words[9], field::inverse(words[8]));
        (job.shape, job.expected) = (Some(shape), shape.data_words());
        Ok(())
    }

    fn compute(&mut self, job: &Receiving) {
        self.map[Register::Jobs.index()] += 1;
        let Some(shape) = job.shape else { return };
        if shape.kernel == Kernel::Identify {
            self.send(job.kernel, FrameType::Registers, self.map.to_vec());
            return self.send(job.kernel, FrameType::Status, vec![0; STATUS_WORDS]);
        }
        let matrix = ungroup(&job.data, &shape);
        let job_in = Job {
            kernel: shape.kernel,
            log_rows: shape.log_rows,
            log_blowup: shape.log_blowup,
            shift: job.shift,
            matrix: &matrix,
            columns: shape.columns,
            levels: shape.levels,
            return_rows: shape.return_rows,
            return_digests: shape.return_digests,
            first_level: shape.first_level,
            keep_rows: shape.keep_rows,
            keep_digests: shape.keep_digests,
        };
        let Ok(output) = self.device.run(&job_in) else {
            return self.refuse(job.kernel, (StatusCode::Limits, 0, 0, 0));
        };
        let mut chunks = vec![];
        if shape.rows_return() {
            for group in 0..shape.groups() {
                for (row, words) in output.rows.chunks(shape.columns).enumerate() {
                    let tag = Tag { digest: false, group: group as u16, index: row as u32 };
                    chunks.push(tag.word());
                    let own = words.iter().skip(group * GROUP_COLUMNS).take(GROUP_COLUMNS);
                    chunks.extend(own.copied().chain(std::iter::repeat(0)).take(GROUP_COLUMNS));
                }
            }
        }
        for (level, layer) in shape.digest_levels().zip(&output.layers) {
            for (index, digest) in layer.iter().enumerate() {
                chunks.push(Tag { digest: true, group: level as u16, index: index as u32 }.word());
                chunks.extend(digest);
            }
        }
        for payload in chunks.chunks(CHUNKS_MAX * CHUNK_WORDS) {
            self.send(job.kernel, FrameType::Chunks, payload.to_vec());
        }
        self.send(job.kernel, FrameType::Status, vec![0; STATUS_WORDS]);
    }

    fn refuse(&mut self, kernel: u8, (code, frame, offset, found): Refusal) {
        self.map[Register::Errors.index()] += 1;
        let mut payload = vec![0; STATUS_WORDS];
        payload[..4].copy_from_slice(&[code as u32, frame.into(), offset as u32, found]);
        self.send(kernel, FrameType::Status, payload);
    }

    fn send(&mut self, kernel: u8, frame: FrameType, mut payload: Vec<u32>) {
        if self.tamper.as_mut().is_none_or(|tamper| tamper(frame, &mut payload)) {
            let mut words = vec![];
            append_frame(&mut words, kernel, frame, self.sequence, payload);
            self.out.extend(words);
        }
        self.sequence = self.sequence.wrapping_add(1);
    }
}

/// The word at `offset` of the payload under way is canonical where it must be: seeds of a command, all of the data.
fn canonical(job: &Receiving, offset: usize, word: u32) -> Result<bool, Refusal> {
    let field_word = job.frame > 0 || offset == 4 || offset >= 8;
    match field_word && word >= FIELD_PRIME {
        true => Err((StatusCode::NonCanonical, job.frame, offset, word)),
        false => Ok(false),
    }
}

/// Groups of 8 columns back to a row-major matrix.
fn ungroup(data: &[u32], shape: &Shape) -> Vec<u32> {
    let rows = 1 << shape.log_rows;
    let mut matrix = vec![0; shape.columns * rows];
    for (row, out) in matrix.chunks_mut(shape.columns).enumerate() {
        for (column, word) in out.iter_mut().enumerate() {
            let (group, lane) = (column / GROUP_COLUMNS, column % GROUP_COLUMNS);
            *word = data[(group * rows + row) * GROUP_COLUMNS + lane];
        }
    }
    matrix
}
