//! Where a program spends its cycles: by function and by chip.

use std::collections::BTreeMap;
use std::io::Write;

use crate::execute::{ExecuteError, Limits, Run};
use crate::interpreter::{Host, interpret};
use crate::isa::Family;
use crate::program::Program;
use crate::record::{Access, EcallRecord, Step, TransferRecord, TrapKind, TrapRecord};
use crate::state::{Plain, State};

/// Cycles of one function, those of the functions it calls not included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionCycles {
    /// Its symbol; empty for all code that has none.
    pub name: String,
    /// Where it begins; 0 for code without symbols.
    pub addr: u32,
    /// Instructions executed in it.
    pub cycles: u64,
}

/// Where a program spent its cycles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Functions in which anything was executed, the most expensive first, then by address. They add up to the cycles of the run.
    pub functions: Vec<FunctionCycles>,
    /// Instructions by the chip that proves them, indexed by `Family`; `ecall`s are in `System`.
    pub families: [u64; Family::COUNT],
}

/// Like [`crate::run`], and counts; a little more than half as fast.
///
/// # Errors
/// As [`crate::run`].
pub fn profile(
    program: &Program,
    input: &[u8],
    limits: &Limits,
    output: &mut dyn Write,
    log: &mut dyn Write,
) -> Result<(Run, Profile), ExecuteError> {
    let plain = Plain::new(program);
    let mut state = Counted { program, plain, visits: vec![0; program.code.len()], families: [0; Family::COUNT] };
    let mut run = interpret(program, &mut state, Host::new(input, output, log), limits)?;
    run.halt.ts = 0;
    let mut functions = BTreeMap::new();
    for (code, visits) in program.code.iter().zip(&state.visits).filter(|(_, visits)| **visits != 0) {
        let (addr, name) = program.symbol_at(code.pc).map_or((0, ""), |symbol| (symbol.addr, symbol.name.as_str()));
        *functions.entry((addr, name)).or_insert(0) += visits;
    }
    let mut functions: Vec<_> = functions
        .into_iter()
        .map(|((addr, name), cycles)| FunctionCycles { name: name.to_owned(), addr, cycles })
        .collect();
    functions.sort_by_key(|function| std::cmp::Reverse(function.cycles)); // stable: by address otherwise
    Ok((run, Profile { functions, families: state.families }))
}

/// A plain state that counts how often each instruction was executed.
struct Counted<'a> {
    program: &'a Program,
    plain: Plain,
    visits: Vec<u64>,
    families: [u64; Family::COUNT],
}

impl Counted<'_> {
    fn count(&mut self, family: Family, pc: u32) {
        self.families[family as usize] += 1;
        if let Some(visits) = self.program.index_of(pc).and_then(|index| self.visits.get_mut(index)) {
            *visits += 1;
        }
    }
}

impl State for Counted<'_> {
    const RECORDS: bool = false;

    #[inline(always)]
    fn read_register(&mut self, register: u8, ts: u32) -> Access {
        self.plain.read_register(register, ts)
    }

    #[inline(always)]
    fn write_register(&mut self, register: u8, value: u32, ts: u32) -> Access {
        self.plain.write_register(register, value, ts)
    }

    #[inline(always)]
    fn read_word(&mut self, addr: u32, ts: u32) -> Access {
        self.plain.read_word(addr, ts)
    }

    #[inline(always)]
    fn update_word(&mut self, addr: u32, ts: u32, new: impl FnOnce(u32) -> u32) -> Access {
        self.plain.update_word(addr, ts, new)
    }

    fn step(&mut self, family: Family, step: &Step) {
        self.count(family, step.pc);
    }

    fn ecall(&mut self, ecall: &EcallRecord) {
        self.count(Family::System, ecall.pc);
    }

    fn transfer(&mut self, _: &TransferRecord) {}

    fn trap(&mut self, trap: &TrapRecord) {
        if trap.kind != TrapKind::NoCode {
            self.count(Family::Trap, trap.step.pc);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::execute::execute;

    #[test]
    fn profiles_add_up() {
        let program = Program::from_elf(include_bytes!("../samples/sha256/sha256.elf")).expect("a program");
        let limits = Limits { max_cycles: 1 << 20 };
        let mut output = Vec::new();
        let (run, profile) = profile(&program, b"abc", &limits, &mut output, &mut std::io::sink()).expect("it ends");
        let segment = execute(&program, b"abc", &limits).expect("it ends");
        assert_eq!((run.cycles, &output), (segment.cycles, &segment.public_output));
        assert_eq!(profile.functions.iter().map(|function| function.cycles).sum::<u64>(), run.cycles);
        assert_eq!(profile.functions[0].name, "compress");
        for family in Family::ALL {
            let ecalls = if family == Family::System { segment.ecalls.len() } else { 0 };
            assert_eq!(profile.families[family as usize], (segment.family(family).len() + ecalls) as u64, "{family:?}");
        }
    }
}
