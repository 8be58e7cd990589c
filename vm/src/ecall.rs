//! `ecall`: exit, read, write and brk with Linux numbers, results and errors.

use crate::execute::{ExecuteError, Limits};
use crate::interpreter::Host;
use crate::record::{ADDRESS_LIMIT, Access, Call, EcallRecord, TS_LIMIT, TS_STEP, TS_STEP_ECALL, TransferRecord};
use crate::state::State;

const A0: u8 = 10;
const A1: u8 = 11;
const A2: u8 = 12;
const A7: u8 = 17;

const READ: u32 = 63;
const WRITE: u32 = 64;
const EXIT: u32 = 93;
const EXIT_GROUP: u32 = 94;
const BRK: u32 = 214;

/// Most bytes handed to a writer at once.
const WRITE_CHUNK: u32 = 1 << 16;

const EBADF: u32 = -9_i32 as u32;
const EFAULT: u32 = -14_i32 as u32;
const ENOSYS: u32 = -38_i32 as u32;

/// What happens after the call.
pub(crate) enum Outcome {
    /// The next instruction starts at this timestamp.
    Continue { next_ts: u32 },
    /// The program has ended with this code.
    Exit(u8),
}

/// Executes the `ecall` at `pc`. It may move `allowed` bytes before the cycle limit.
pub(crate) fn call<S: State>(
    state: &mut S,
    host: &mut Host<'_>,
    (pc, ts): (u32, u32),
    initial_break: u32,
    (limits, allowed): (&Limits, u64),
) -> Result<Outcome, ExecuteError> {
    let a7 = state.read_register(A7, ts);
    let a0 = state.read_register(A0, ts + 1);
    let a1 = state.read_register(A1, ts + 2);
    let a2 = state.read_register(A2, ts + 3);
    let in_range = u64::from(a1.value) + u64::from(a2.value) <= u64::from(ADDRESS_LIMIT);
    let (call, value) = match (a7.value, a0.value) {
        (EXIT | EXIT_GROUP, _) => (Call::Exit, 0),
        (READ, 0) | (WRITE, 1 | 2) if !in_range => (Call::Fault, EFAULT),
        (READ, 0) => (Call::Read, u32::try_from(host.input.len()).map_or(a2.value, |left| left.min(a2.value))),
        (WRITE, 1 | 2) => (Call::Write, a2.value),
        (READ | WRITE, _) => (Call::Unknown, EBADF),
        (BRK, 0) => (Call::Brk, initial_break),
        (BRK, wanted) => (Call::Brk, wanted),
        _ => (Call::Unknown, ENOSYS),
    };
    let mut record = EcallRecord { pc, ts, call, a7, a0, a1, a2, result: Access::default() };
    if call == Call::Exit {
        state.ecall(&record);
        return Ok(Outcome::Exit(a0.value as u8));
    }
    record.result = state.write_register(A0, value, ts + 4);
    state.ecall(&record);

    let bytes = if matches!(call, Call::Read | Call::Write) { value } else { 0 };
    if u64::from(bytes) > allowed {
        return Err(ExecuteError::CycleLimit { limit: limits.max_cycles, pc });
    }
    let next_ts = u64::from(ts) + u64::from(TS_STEP_ECALL) + u64::from(TS_STEP) * u64::from(bytes);
    if S::RECORDS && next_ts > u64::from(TS_LIMIT) {
        return Err(ExecuteError::TimeLimit { ts: next_ts, pc });
    }
    let transfer =
        Transfer { fd: a0.value as u8, ts: ts + TS_STEP_ECALL, addr: a1.value, bytes, next_pc: pc.wrapping_add(4) };
    match call {
        Call::Read => transfer.read(state, host),
        Call::Write => transfer.write(state, host)?,
        _ => {}
    }
    Ok(Outcome::Continue { next_ts: next_ts as u32 })
}

/// The bytes that one call moves, `addr + bytes <= ADDRESS_LIMIT`.
struct Transfer {
    fd: u8,
    ts: u32,
    addr: u32,
    bytes: u32,
    next_pc: u32,
}

impl Transfer {
    /// Timestamp of byte `k`; zero where no time is kept, which might not fit.
    fn ts_of<S: State>(&self, k: u32) -> u32 {
        if S::RECORDS { self.ts + TS_STEP * k } else { 0 }
    }

    fn record(&self, call: Call, k: u32, ts: u32, byte: u8, mem: Access) -> TransferRecord {
        let (fd, next_pc) = (self.fd, self.next_pc);
        TransferRecord { call, fd, ts, addr: self.addr + k, remaining: self.bytes - k, byte, next_pc, mem }
    }

    fn read<S: State>(&self, state: &mut S, host: &mut Host<'_>) {
        let (now, later) = host.input.split_at(self.bytes as usize); // at most what is left, by the result of the call
        for (k, &byte) in (0..).zip(now) {
            let (addr, ts) = (self.addr + k, self.ts_of::<S>(k));
            let shift = 8 * (addr & 3);
            let mem = state.update_word(addr, ts, |old| old & !(0xff << shift) | u32::from(byte) << shift);
            state.transfer(&self.record(Call::Read, k, ts, byte, mem));
        }
        host.input = later;
        host.input_bytes += u64::from(self.bytes);
    }

    fn write<S: State>(&self, state: &mut S, host: &mut Host<'_>) -> Result<(), ExecuteError> {
        let mut buffer = Vec::with_capacity(self.bytes.min(WRITE_CHUNK) as usize);
        let public = self.fd == 1;
        for k in 0..self.bytes {
            let (addr, ts) = (self.addr + k, self.ts_of::<S>(k));
            let mem = state.read_word(addr, ts);
            let byte = (mem.value >> (8 * (addr & 3))) as u8;
            state.transfer(&self.record(Call::Write, k, ts, byte, mem));
            buffer.push(byte);
            if buffer.len() == WRITE_CHUNK as usize || k + 1 == self.bytes {
                let sink = if public { &mut *host.output } else { &mut *host.log };
                sink.write_all(&buffer)?;
                buffer.clear();
            }
        }
        let count = if public { &mut host.output_bytes } else { &mut host.log_bytes };
        *count += u64::from(self.bytes);
        Ok(())
    }
}
