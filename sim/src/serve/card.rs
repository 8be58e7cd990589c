//! The card behind the XDMA files: Verilated, or the protocol's model with packets and registers of its own.

use super::board::Pace;
use crate::SimError;
use crate::xdma::Card;
use galena_device::endpoint::Endpoint;
use galena_device::link::Header;
use galena_target::Config;
use galena_target::frame::{FrameType, HEADER_WORDS};
use galena_target::xdma::{SHELL_REGISTERS, ShellRegister, map_address};
use std::collections::VecDeque;

/// A card, as the engines of its driver see it.
pub(super) enum CardBoard {
    /// The AXI ports of the Verilated core.
    Verilated(Box<Card>),
    /// The endpoint with its words in packets.
    Model(Box<ModelCard>),
}

impl CardBoard {
    /// The model of the config.
    pub(super) fn model(config: &Config) -> Self {
        Self::Model(Box::new(ModelCard {
            endpoint: Endpoint::new(config),
            queue: VecDeque::new(),
            frame: vec![],
            packet: vec![],
            packets: VecDeque::new(),
            packet_words: config.packet_words(),
            scratch: 0,
            clocks: 0,
            pace: Pace::new(),
        }))
    }

    /// Clocks the card.
    pub(super) fn run(&mut self, clocks: u64) -> Result<(), SimError> {
        match self {
            Self::Verilated(card) => card.run(clocks),
            Self::Model(card) => {
                card.run(clocks);
                Ok(())
            }
        }
    }

    /// Bytes that have been given to the card and that it has not taken.
    pub(super) fn queued(&self) -> usize {
        match self {
            Self::Verilated(card) => card.queued() * 4 * card.lanes(),
            Self::Model(card) => 4 * card.queue.len(),
        }
    }

    /// Gives the card bytes of a transfer; they move as it is clocked.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<usize, SimError> {
        match self {
            Self::Verilated(card) => card.write(bytes),
            Self::Model(card) => {
                let word = |part: &[u8]| part.iter().rev().fold(0, |word, &byte| word << 8 | u32::from(byte));
                card.queue.extend(bytes.chunks(4).map(word));
                Ok(bytes.len())
            }
        }
    }

    /// Appends a packet, if one is complete.
    pub(super) fn read(&mut self, out: &mut Vec<u8>) -> Result<bool, SimError> {
        match self {
            Self::Verilated(card) => card.read(out),
            Self::Model(card) => {
                let packet = card.packets.pop_front();
                out.extend(packet.iter().flatten().flat_map(|word| word.to_le_bytes()));
                Ok(packet.is_some())
            }
        }
    }

    /// A register of the user BAR.
    pub(super) fn bar_read(&mut self, address: u64) -> Result<u32, SimError> {
        match self {
            Self::Verilated(card) => card.bar_read(address),
            Self::Model(card) => Ok(card.bar_read(address)),
        }
    }

    /// Writes a register of the user BAR.
    pub(super) fn bar_write(&mut self, address: u64, value: u32) -> Result<(), SimError> {
        match self {
            Self::Verilated(card) => card.bar_write(address, value),
            Self::Model(card) => {
                card.bar_write(address, value);
                Ok(())
            }
        }
    }

    /// Clocks so far.
    pub(super) fn clocks(&self) -> u64 {
        match self {
            Self::Verilated(card) => card.cycles(),
            Self::Model(card) => card.clocks,
        }
    }
}

/// The endpoint behind packets and registers.
pub(super) struct ModelCard {
    endpoint: Endpoint,
    /// Words that the endpoint's store had no room for yet.
    queue: VecDeque<u32>,
    /// The frame to the host that is under way.
    frame: Vec<u32>,
    packet: Vec<u32>,
    packets: VecDeque<Vec<u32>>,
    packet_words: usize,
    scratch: u32,
    clocks: u64,
    pace: Pace,
}

impl ModelCard {
    fn run(&mut self, clocks: u64) {
        let mut moved = false;
        // Two packets are what a card's memory for them holds.
        while self.packets.len() < 2 {
            if let Some(word) = self.endpoint.pop() {
                self.pack(word);
            } else if self.endpoint.room() > 0
                && let Some(word) = self.queue.pop_front()
            {
                self.endpoint.push(word);
            } else {
                break;
            }
            moved = true;
        }
        let waited = self.pace.passed();
        self.clocks += if moved { clocks } else { waited };
        if !moved {
            self.endpoint.pass(waited);
        }
    }

    /// A word to the host: a packet ends with a `credit` or `status`, or when it is full.
    fn pack(&mut self, word: u32) {
        self.packet.push(word);
        self.frame.push(word);
        let header = self.frame.first_chunk::<HEADER_WORDS>().and_then(Header::read);
        let whole = header.as_ref().is_some_and(|header| self.frame.len() >= header.frame_words());
        let last =
            whole && header.is_some_and(|h| matches!(h.frame_type(), Some(FrameType::Credit | FrameType::Status)));
        if whole || (self.frame.len() == 1 && word == 0) {
            self.frame.clear();
        }
        if last || self.packet.len() == self.packet_words {
            self.packets.push_back(std::mem::take(&mut self.packet));
        }
    }

    fn bar_read(&self, address: u64) -> u32 {
        let map = self.endpoint.map();
        let shell = SHELL_REGISTERS.iter().find(|(register, _)| register.address() == address);
        match shell {
            Some((ShellRegister::Packets, _)) => self.packets.len() as u32,
            Some((ShellRegister::Space, _)) => self.endpoint.room() as u32,
            Some((ShellRegister::Scratch, _)) => self.scratch,
            Some((ShellRegister::Control, _)) => 0,
            None => (0..map.len()).find(|&word| map_address(word) == address).map_or(0, |word| map[word]),
        }
    }

    fn bar_write(&mut self, address: u64, value: u32) {
        if address == ShellRegister::Scratch.address() {
            self.scratch = value;
        } else if address == ShellRegister::Control.address() && value == 1 {
            self.endpoint.reset();
            self.queue.clear();
            self.frame.clear();
            self.packet.clear();
            self.packets.clear();
        }
    }
}
