//! Checks that the records of a segment tell one consistent story: the rules of `record.rs`, in plain integers, as the buses would see them.

use std::collections::BTreeMap;

use galena_vm::isa::{Decoded, Family, Format, Opcode};
use galena_vm::record::*;
use galena_vm::{Program, Segment};

/// Register or memory, and the address.
type Place = (bool, u32);

/// All accesses, by time.
#[derive(Default)]
struct Accesses(BTreeMap<u32, (bool, Access)>);

impl Accesses {
    fn add(&mut self, register: bool, ts: u32, access: &Access) {
        assert!(ts < TS_LIMIT);
        assert!(self.0.insert(ts, (register, *access)).is_none(), "two accesses at {ts}");
    }

    fn read(&mut self, register: bool, ts: u32, access: &Access) {
        assert_eq!(access.prev, access.value, "a read at {ts} changes the value");
        self.add(register, ts, access);
    }
}

/// Adds the accesses of a step, and checks that those it does not make are zero.
fn add_step(accesses: &mut Accesses, step: &Step, trap: Option<TrapKind>) {
    let Decoded { opcode, rd, rs1, rs2, .. } = step.decoded;
    let format = opcode.instruction().map_or(Format::System, |row| row.format);
    let store = opcode.family() == Family::Store;
    let memory = (store || opcode.family() == Family::Load) && trap.is_none();
    let reads_rs1 = matches!(format, Format::R | Format::I | Format::Shift | Format::S | Format::B);
    let reads_rs2 = matches!(format, Format::R | Format::S | Format::B);
    let writes =
        matches!(format, Format::R | Format::I | Format::Shift | Format::U | Format::J) && rd != 0 && trap.is_none();
    for (made, slot, register, access) in
        [(reads_rs1, SLOT_RS1, rs1, &step.rs1), (reads_rs2, SLOT_RS2, rs2, &step.rs2), (writes, SLOT_RD, rd, &step.rd)]
    {
        if !made {
            assert_eq!(*access, Access::default(), "{step:?}");
            continue;
        }
        assert_eq!(access.addr, u32::from(register));
        if slot == SLOT_RD {
            accesses.add(true, step.ts + slot, access)
        } else {
            accesses.read(true, step.ts + slot, access)
        }
    }
    if !memory {
        assert_eq!(step.mem, Access::default(), "{step:?}");
        return;
    }
    assert_eq!(step.mem.addr, step.rs1.value.wrapping_add(step.decoded.imm) & !3);
    if store {
        accesses.add(false, step.ts + SLOT_MEM, &step.mem)
    } else {
        accesses.read(false, step.ts + SLOT_MEM, &step.mem)
    }
}

fn add_ecall(accesses: &mut Accesses, ecall: &EcallRecord) {
    for (slot, (register, access)) in (0..).zip([(17, &ecall.a7), (10, &ecall.a0), (11, &ecall.a1), (12, &ecall.a2)]) {
        assert_eq!(access.addr, register);
        accesses.read(true, ecall.ts + slot, access);
    }
    if ecall.call == Call::Exit {
        assert_eq!(ecall.result, Access::default());
    } else {
        assert_eq!(ecall.result.addr, 10);
        accesses.add(true, ecall.ts + 4, &ecall.result);
    }
}

/// Adds the transfers of one ecall and returns the time after them.
fn add_transfers<'a>(
    accesses: &mut Accesses,
    ecall: &EcallRecord,
    transfers: &mut impl Iterator<Item = &'a TransferRecord>,
) -> u32 {
    let mut ts = ecall.ts + TS_STEP_ECALL;
    let bytes = if matches!(ecall.call, Call::Read | Call::Write) { ecall.result.value } else { 0 };
    for k in 0..bytes {
        let transfer = transfers.next().expect("one record per byte");
        let addr = ecall.a1.value + k;
        assert_eq!((transfer.call, u32::from(transfer.fd)), (ecall.call, ecall.a0.value));
        assert_eq!((transfer.ts, transfer.addr, transfer.remaining), (ts, addr, bytes - k));
        assert_eq!((transfer.next_pc, transfer.mem.addr), (ecall.pc + 4, addr & !3));
        let shift = 8 * (addr & 3);
        assert_eq!((transfer.mem.value >> shift) as u8, transfer.byte);
        if ecall.call == Call::Write {
            accesses.read(false, ts, &transfer.mem);
        } else {
            assert_eq!((transfer.mem.prev ^ transfer.mem.value) & !(0xff << shift), 0, "only one byte changes");
            accesses.add(false, ts, &transfer.mem);
        }
        ts += TS_STEP;
    }
    ts
}

/// Checks a segment against the program.
pub(crate) fn check(program: &Program, segment: &Segment) {
    let mut accesses = Accesses::default();
    // The path: by time, where an instruction is, and where and when the next one is.
    let mut path: BTreeMap<u32, (u32, u32, u32)> = BTreeMap::new();
    for (family, steps) in Family::ALL.into_iter().zip(&segment.steps) {
        assert_eq!(segment.family(family), steps.as_slice());
        for step in steps {
            assert_eq!(step.decoded.opcode.family(), family);
            let code = program.code[program.index_of(step.pc).expect("code")];
            assert_eq!(code.decoded, step.decoded);
            add_step(&mut accesses, step, None);
            assert!(path.insert(step.ts, (step.pc, step.ts + TS_STEP, step.next_pc)).is_none());
        }
    }
    assert!(segment.steps[Family::Trap as usize].is_empty());
    let mut transfers = segment.transfers.iter();
    for ecall in &segment.ecalls {
        let code = program.code[program.index_of(ecall.pc).expect("code")];
        assert_eq!((code.decoded.opcode, code.decoded.imm), (Opcode::Ecall, program.initial_break));
        add_ecall(&mut accesses, ecall);
        let next_ts = add_transfers(&mut accesses, ecall, &mut transfers);
        assert!(path.insert(ecall.ts, (ecall.pc, next_ts, ecall.pc + 4)).is_none());
    }
    assert_eq!(transfers.next(), None);
    if let Some(TrapRecord { kind, step }) = segment.trap {
        assert_eq!(program.index_of(step.pc).is_none(), kind == TrapKind::NoCode);
        add_step(&mut accesses, &step, Some(kind));
        assert!(path.insert(step.ts, (step.pc, 0, 0)).is_none());
    }

    check_path(program, segment, &path);
    check_memory(program, segment, &accesses);
    for (fd, bytes) in [(1, &segment.public_output), (2, &segment.log)] {
        let written = segment.transfers.iter().filter(|transfer| transfer.fd == fd).map(|transfer| transfer.byte);
        assert!(written.eq(bytes.iter().copied()));
    }
}

/// From the entry at `FIRST_TS` to the halt, each instruction where and when the one before it says, and no others.
fn check_path(program: &Program, segment: &Segment, path: &BTreeMap<u32, (u32, u32, u32)>) {
    let mut expected = (FIRST_TS, program.entry);
    let mut last = None;
    for (&ts, &(pc, next_ts, next_pc)) in path {
        assert_eq!((ts, pc), expected);
        expected = (next_ts, next_pc);
        last = Some((ts, pc));
    }
    assert_eq!(last, Some((segment.halt.ts, segment.halt.pc)));
    let no_code = segment.halt.trap == Some(TrapKind::NoCode);
    assert_eq!(segment.cycles + u64::from(no_code), path.len() as u64);
    assert_eq!(segment.halt.trap, segment.trap.map(|trap| trap.kind));
    match segment.halt.trap {
        Some(kind) => assert_eq!(segment.halt.exit_code, kind.exit_code()),
        None => assert_eq!(segment.halt.exit_code, segment.ecalls.last().expect("the exit").a0.value as u8),
    }
}

/// Every access finds what the one before it left, and the boundaries hold the first and the last.
fn check_memory(program: &Program, segment: &Segment, accesses: &Accesses) {
    let mut state: BTreeMap<Place, (u32, u32)> =
        program.image.iter().map(|&(addr, value)| ((false, addr), (value, 0))).collect();
    let initial: BTreeMap<u32, u32> = program.image.iter().copied().collect();
    for (&ts, (register, access)) in &accesses.0 {
        let place = state.entry((*register, access.addr)).or_insert((0, 0));
        assert_eq!(*place, (access.prev, access.prev_ts), "at {ts}");
        assert!(access.prev_ts < ts);
        assert!(if *register { access.addr < 32 } else { access.addr < ADDRESS_LIMIT && access.addr % 4 == 0 });
        assert!(!*register || access.addr != 0 || access.value == 0, "x0 is zero");
        *place = (access.value, ts);
    }
    let order = |boundary: &Boundary| (!boundary.register, boundary.addr);
    assert!(segment.boundaries.is_sorted_by(|a, b| order(a) < order(b)), "registers first, each once");
    assert_eq!(segment.boundaries.len(), state.len());
    for boundary in &segment.boundaries {
        let image = if boundary.register { 0 } else { initial.get(&boundary.addr).copied().unwrap_or(0) };
        assert_eq!(boundary.initial, image);
        assert_eq!(state.get(&(boundary.register, boundary.addr)), Some(&(boundary.last, boundary.last_ts)));
    }
}
