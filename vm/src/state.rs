//! Registers and memory, in two forms: values alone for a fast run, values with timestamps and records for a proof.

use crate::execute::Segment;
use crate::isa::Family;
use crate::memory::Memory;
use crate::program::Program;
use crate::record::{Access, Boundary, EcallRecord, Halt, Step, TransferRecord, TrapRecord};

/// What the interpreter works on. Registers are below 32 and addresses below `ADDRESS_LIMIT`; x0 is never written.
pub(crate) trait State {
    /// Whether timestamps are kept, and must therefore stay below `TS_LIMIT`.
    const RECORDS: bool;

    fn read_register(&mut self, register: u8, ts: u32) -> Access;
    fn write_register(&mut self, register: u8, value: u32, ts: u32) -> Access;
    /// Reads the word that holds byte `addr`.
    fn read_word(&mut self, addr: u32, ts: u32) -> Access;
    /// Replaces the word that holds byte `addr` by a function of it.
    fn update_word(&mut self, addr: u32, ts: u32, new: impl FnOnce(u32) -> u32) -> Access;

    fn step(&mut self, family: Family, step: &Step);
    fn ecall(&mut self, ecall: &EcallRecord);
    fn transfer(&mut self, transfer: &TransferRecord);
    fn trap(&mut self, trap: &TrapRecord);
}

/// State of `run`: keeps nothing but values, so everything about records compiles to nothing.
pub(crate) struct Plain {
    registers: [u32; 32],
    memory: Memory<u32>,
}

impl Plain {
    pub(crate) fn new(program: &Program) -> Self {
        let mut memory = Memory::new();
        for &(addr, value) in &program.image {
            *memory.get_mut(addr) = value;
        }
        Self { registers: [0; 32], memory }
    }
}

impl State for Plain {
    const RECORDS: bool = false;

    #[inline(always)]
    fn read_register(&mut self, register: u8, _: u32) -> Access {
        Access { value: self.registers[register as usize % 32], ..Access::default() }
    }

    #[inline(always)]
    fn write_register(&mut self, register: u8, value: u32, _: u32) -> Access {
        self.registers[register as usize % 32] = value;
        Access::default()
    }

    #[inline(always)]
    fn read_word(&mut self, addr: u32, _: u32) -> Access {
        Access { value: self.memory.get(addr), ..Access::default() }
    }

    #[inline(always)]
    fn update_word(&mut self, addr: u32, _: u32, new: impl FnOnce(u32) -> u32) -> Access {
        let word = self.memory.get_mut(addr);
        *word = new(*word);
        Access::default()
    }

    #[inline(always)]
    fn step(&mut self, _: Family, _: &Step) {}
    #[inline(always)]
    fn ecall(&mut self, _: &EcallRecord) {}
    #[inline(always)]
    fn transfer(&mut self, _: &TransferRecord) {}
    #[inline(always)]
    fn trap(&mut self, _: &TrapRecord) {}
}

/// A value and when it was last accessed (0: never).
#[derive(Clone, Copy, Default)]
struct Cell {
    value: u32,
    ts: u32,
}

impl Cell {
    #[inline(always)]
    fn access(&mut self, addr: u32, value: u32, ts: u32) -> Access {
        let prev = std::mem::replace(self, Self { value, ts });
        Access { addr, prev: prev.value, prev_ts: prev.ts, value }
    }
}

/// State of `execute`: keeps a timestamp beside each value and collects the records.
pub(crate) struct Traced {
    registers: [Cell; 32],
    memory: Memory<Cell>,
    steps: [Vec<Step>; Family::COUNT],
    ecalls: Vec<EcallRecord>,
    transfers: Vec<TransferRecord>,
    trap: Option<TrapRecord>,
}

impl Traced {
    pub(crate) fn new(program: &Program) -> Self {
        let mut memory = Memory::<Cell>::new();
        for &(addr, value) in &program.image {
            memory.get_mut(addr).value = value;
        }
        Self {
            registers: [Cell::default(); 32],
            memory,
            steps: Default::default(),
            ecalls: Vec::new(),
            transfers: Vec::new(),
            trap: None,
        }
    }

    /// Closes the segment: the records, and first and last state of everything that was touched or loaded.
    pub(crate) fn finish(
        self,
        program: &Program,
        halt: Halt,
        cycles: u64,
        public_output: Vec<u8>,
        log: Vec<u8>,
    ) -> Segment {
        let boundaries = self.boundaries(&program.image);
        let Self { steps, ecalls, transfers, trap, .. } = self;
        Segment { steps, ecalls, transfers, trap, boundaries, halt, cycles, public_output, log }
    }

    fn boundaries(&self, image: &[(u32, u32)]) -> Vec<Boundary> {
        let registers = (0..).zip(&self.registers).filter(|(_, cell)| cell.ts != 0).map(|(addr, cell)| Boundary {
            register: true,
            addr,
            initial: 0,
            last: cell.value,
            last_ts: cell.ts,
        });
        // Both lists ascend, and every image word lies in a page that exists.
        let mut image = image.iter().copied().peekable();
        let memory = self.memory.words().filter_map(|(addr, cell)| {
            let initial = image.next_if(|&(loaded, _)| loaded == addr).map(|(_, value)| value);
            (initial.is_some() || cell.ts != 0).then_some(Boundary {
                register: false,
                addr,
                initial: initial.unwrap_or(0),
                last: cell.value,
                last_ts: cell.ts,
            })
        });
        registers.chain(memory).collect()
    }
}

impl State for Traced {
    const RECORDS: bool = true;

    #[inline(always)]
    fn read_register(&mut self, register: u8, ts: u32) -> Access {
        let cell = &mut self.registers[register as usize % 32];
        cell.access(u32::from(register), cell.value, ts)
    }

    #[inline(always)]
    fn write_register(&mut self, register: u8, value: u32, ts: u32) -> Access {
        self.registers[register as usize % 32].access(u32::from(register), value, ts)
    }

    #[inline(always)]
    fn read_word(&mut self, addr: u32, ts: u32) -> Access {
        let cell = self.memory.get_mut(addr);
        cell.access(addr & !3, cell.value, ts)
    }

    #[inline(always)]
    fn update_word(&mut self, addr: u32, ts: u32, new: impl FnOnce(u32) -> u32) -> Access {
        let cell = self.memory.get_mut(addr);
        cell.access(addr & !3, new(cell.value), ts)
    }

    #[inline(always)]
    fn step(&mut self, family: Family, step: &Step) {
        self.steps[family as usize].push(*step);
    }

    fn ecall(&mut self, ecall: &EcallRecord) {
        self.ecalls.push(*ecall);
    }

    fn transfer(&mut self, transfer: &TransferRecord) {
        self.transfers.push(*transfer);
    }

    fn trap(&mut self, trap: &TrapRecord) {
        self.trap = Some(*trap);
    }
}
