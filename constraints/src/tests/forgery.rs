//! Whole-trace forgeries. Each is adapted as far as a forger could: multiplicities of the tables are counted again after the change.

use galena_vm::Program;
use p3_field::PrimeCharacteristicRing;
use p3_matrix::Matrix;

use super::{Case, assert_sound, programs, prove, small};
use crate::check::{Fault, check};
use crate::chips::ChipKind;
use crate::config::Val;
use crate::profile::MIN_SECURITY_BITS;
use crate::tally::Tally;
use crate::verify::{Expected, VerifyError, verify};
use crate::witness::Witness;

/// Index of a column.
fn column(kind: ChipKind, name: &str) -> usize {
    let mut at = 0;
    for &(column, n) in kind.row().columns {
        for i in 0..n {
            if if n == 1 { column == name } else { format!("{column}{i}") == name } {
                return at;
            }
            at += 1;
        }
    }
    panic!("no column {name} in {}", kind.name());
}

fn index(witness: &Witness, kind: ChipKind) -> usize {
    witness.instances.iter().position(|i| i.air.kind() == kind).unwrap_or_else(|| panic!("no {}", kind.name()))
}

/// A cell of a chip's trace.
fn cell<'a>(witness: &'a mut Witness, kind: ChipKind, row: usize, name: &str) -> &'a mut Val {
    let index = index(witness, kind);
    let trace = &mut witness.instances[index].trace;
    &mut trace.values[row * trace.width + column(kind, name)]
}

fn get(witness: &Witness, kind: ChipKind, row: usize, name: &str) -> Val {
    let trace = &witness.instances[index(witness, kind)].trace;
    trace.values[row * trace.width + column(kind, name)]
}

/// Copies a row over another of the same chip.
fn copy_row(witness: &mut Witness, kind: ChipKind, from: usize, to: usize) {
    let index = index(witness, kind);
    let trace = &mut witness.instances[index].trace;
    let width = trace.width;
    trace.values.copy_within(from * width..(from + 1) * width, to * width);
}

/// Counts the tables' lookups again.
fn recount(program: &Program, witness: &mut Witness) {
    let tally = Tally::new(program);
    for instance in witness.instances.iter().filter(|i| i.air.kind().row().preprocessed_width == 0) {
        tally.add(&instance.air, &instance.trace, &instance.public_values);
    }
    for instance in &mut witness.instances {
        match instance.air.kind() {
            ChipKind::Program => instance.trace = tally.program(instance.trace.height()),
            ChipKind::Bytes => instance.trace = tally.bytes(),
            _ => {}
        }
    }
}

fn real_rows(witness: &Witness, kind: ChipKind) -> usize {
    let trace = &witness.instances[index(witness, kind)].trace;
    trace.rows().map(|row| row.into_iter().any(|x| x != Val::ZERO)).take_while(|&real| real).count()
}

/// Asserts that the honest witness is sound, that the forged one is not, and that the verifier agrees when asked.
#[track_caller]
fn rejected(name: &str, case: &Case, by_proof: bool, forge: impl FnOnce(&mut Witness)) -> Vec<Fault> {
    let (machine, mut witness) = (&case.machine, case.witness.clone());
    forge(&mut witness);
    recount(&case.program, &mut witness);
    let faults = check(&witness);
    assert!(!faults.is_empty(), "{name}: the forgery passes the checker");
    if by_proof {
        let receipt = prove(machine, &witness);
        let expected = Expected { program_id: machine.program_id(), exit_code: None, public_output: None };
        let refused = verify(&expected, &receipt, MIN_SECURITY_BITS);
        assert!(matches!(refused, Err(VerifyError::Proof(_))), "{name}: {refused:?}");
    }
    faults
}

/// Chips of instructions, and for each the columns of its result and of its next pc.
const RESULTS: &[(ChipKind, &[&str])] = &[
    (ChipKind::Alu, &["r0", "r3", "pc", "ts"]),
    (ChipKind::Compare, &["less", "pc", "ts"]),
    (ChipKind::Shift, &["r0", "r3", "pc", "ts"]),
    (ChipKind::Branch, &["taken", "next_pc", "pc", "ts"]),
    (ChipKind::Jump, &["link0", "odd", "a0", "pc", "ts"]),
    (ChipKind::Load, &["v0", "v3", "m0", "pc", "ts"]),
    (ChipKind::Store, &["n0", "n3", "m1", "pc", "ts"]),
    (ChipKind::Mul, &["r0", "r3", "pc", "ts"]),
    (ChipKind::Mulh, &["r0", "r3", "pc", "ts"]),
    (ChipKind::Divrem, &["out0", "q0", "r0", "pc", "ts"]),
    (ChipKind::System, &["r0", "moves", "pc", "ts", "a00"]),
    (ChipKind::Transfer, &["n0", "byte", "last", "next_pc", "ts", "addr", "remaining"]),
];

#[test]
fn a_wrong_result_or_next_pc_is_rejected_in_every_chip() {
    let case = small();
    let honest = &case.witness;
    assert_sound(honest);
    for &(kind, columns) in RESULTS {
        for row in 0..real_rows(honest, kind).min(3) {
            for name in columns {
                rejected(&format!("{} {name}", kind.name()), case, false, |w| *cell(w, kind, row, name) += Val::ONE);
            }
        }
    }
}

#[test]
fn a_proof_of_a_wrong_result_is_rejected_in_every_chip() {
    let case = small();
    for &(kind, columns) in RESULTS {
        rejected(kind.name(), case, true, |w| *cell(w, kind, 0, columns[0]) += Val::ONE);
    }
}

/// Columns that count messages.
#[rustfmt::skip]
const COUNTS: &[&str] = &[
    "real", "writes", "first", "last", "moves", "exit", "imm", "constant", "image", "add", "lb", "sb", "slt", "sll", "beq", "div", "mulh",
    "read", "input", "output",
];

#[test]
fn an_active_padding_row_is_rejected_in_every_chip() {
    let case = small();
    let honest = &case.witness;
    let others = [ChipKind::Boundary, ChipKind::Connector, ChipKind::Output];
    for kind in RESULTS.iter().map(|&(kind, _)| kind).chain(others) {
        let rows = real_rows(honest, kind);
        let height = honest.instances[index(honest, kind)].trace.height();
        if rows < height {
            rejected(&format!("{} repeated in padding", kind.name()), case, false, |w| copy_row(w, kind, 0, rows));
        }
        // One flag alone, in the last row.
        for &(name, _) in kind.row().columns.iter().filter(|(_, n)| *n == 1) {
            let mut forged = case.witness.clone();
            let padding = height - 1;
            if rows == height || name.starts_with("gap") || name.starts_with("since") {
                continue;
            }
            *cell(&mut forged, kind, padding, name) = Val::ONE;
            recount(&case.program, &mut forged);
            // Inert: nothing is said, or a constraint or bus fails.
            let silent = get(&forged, kind, padding, name) == Val::ONE && check(&forged).is_empty();
            assert!(!silent || !COUNTS.contains(&name), "{} {name} is active in padding", kind.name());
        }
    }
}

#[test]
fn a_stale_or_future_access_is_rejected_in_every_chip() {
    let case = small();
    let honest = &case.witness;
    for &(kind, _) in RESULTS {
        for &(name, _) in kind.row().columns.iter().filter(|(name, _)| name.starts_with("since")) {
            for row in 0..real_rows(honest, kind).min(3) {
                for step in [Val::ONE, Val::NEG_ONE, Val::new(1 << 24), -Val::new(1 << 24), Val::new(1 << 16)] {
                    let mut forged = case.witness.clone();
                    *cell(&mut forged, kind, row, name) += step;
                    recount(&case.program, &mut forged);
                    let inactive = get(honest, kind, row, name) == Val::ZERO && check(&forged).is_empty();
                    assert!(inactive || !check(&forged).is_empty(), "{} {name}", kind.name());
                }
            }
        }
    }
}

/// The load reads what the word was before `read` wrote it; the boundary takes the newer value as if nobody had read it.
#[test]
fn a_load_of_an_older_value_is_rejected() {
    let case = small();
    let faults = rejected("stale load", case, true, |w| {
        for (i, byte) in b"abcd".iter().enumerate() {
            *cell(w, ChipKind::Load, 0, &format!("m{i}")) = Val::from_u8(*byte);
            *cell(w, ChipKind::Load, 0, &format!("v{i}")) = Val::from_u8(*byte);
        }
        *cell(w, ChipKind::Load, 0, "since2") = Val::ZERO;
    });
    assert!(
        faults
            .iter()
            .all(|fault| matches!(fault, Fault::Bus { bus, .. } if bus == "memory" || bus == "u16" || bus == "pair"))
    );
}

#[test]
fn the_end_cannot_be_dropped_or_doubled() {
    let case = small();
    let honest = &case.witness;
    let last = real_rows(honest, ChipKind::System) - 1;
    assert_eq!(get(honest, ChipKind::System, last, "exit"), Val::ONE);
    rejected("halt dropped", case, true, |w| {
        let index = index(w, ChipKind::System);
        let trace = &mut w.instances[index].trace;
        let width = trace.width;
        trace.values[last * width..(last + 1) * width].fill(Val::ZERO);
    });
    rejected("halt without start", case, false, |w| *cell(w, ChipKind::Connector, 0, "first") = Val::ZERO);
    rejected("two starts", case, false, |w| copy_row(w, ChipKind::Connector, 0, 1));
    rejected("another end", case, false, |w| *cell(w, ChipKind::Connector, 0, "ts") += Val::new(4));
    rejected("exit code", case, true, |w| {
        w.exit_code = 4;
        let index = index(w, ChipKind::Connector);
        w.instances[index].public_values[1] = Val::new(4);
    });
}

#[test]
fn order_of_execution_is_bound() {
    let case = small();
    rejected("two instructions exchange their times", case, true, |w| {
        let (a, b) = (get(w, ChipKind::Alu, 4, "ts"), get(w, ChipKind::Alu, 5, "ts"));
        *cell(w, ChipKind::Alu, 4, "ts") = b;
        *cell(w, ChipKind::Alu, 5, "ts") = a;
    });
    rejected("an instruction is executed again", case, false, |w| {
        let rows = real_rows(w, ChipKind::Shift);
        copy_row(w, ChipKind::Shift, 0, rows);
    });
    rejected("an instruction is skipped", case, false, |w| {
        let index = index(w, ChipKind::Mul);
        w.instances[index].trace.values.fill(Val::ZERO);
    });
}

#[test]
fn a_cell_has_one_history() {
    let case = small();
    let honest = &case.witness;
    let rows = real_rows(honest, ChipKind::Boundary);
    rejected("a boundary row twice", case, true, |w| copy_row(w, ChipKind::Boundary, rows - 1, rows));
    // A second history of a register that begins with another value: everything about it would balance but for the order of keys.
    let faults = rejected("a register that begins again", case, false, |w| {
        copy_row(w, ChipKind::Boundary, rows - 1, rows);
        for name in ["last0", "last1", "last2", "last3", "last_ts"] {
            *cell(w, ChipKind::Boundary, rows, name) = Val::ZERO;
        }
    });
    assert!(faults.iter().any(|fault| matches!(fault, Fault::Constraint { chip: "boundary", .. })), "{faults:?}");
    rejected("a first value that is not zero", case, false, |w| {
        *cell(w, ChipKind::Boundary, rows - 1, "first0") = Val::ONE
    });
    rejected("an image word left out", case, false, |w| *cell(w, ChipKind::Boundary, 0, "image") = Val::ZERO);
    rejected("keys past the end", case, false, |w| *cell(w, ChipKind::Boundary, rows - 1, "key") = Val::new(1 << 29));
}

#[test]
fn x0_is_never_written() {
    let case = &Case::new(programs::arithmetic(), b"");
    let honest = &case.witness;
    let rows = real_rows(honest, ChipKind::Alu);
    let row =
        (0..rows).find(|&row| get(honest, ChipKind::Alu, row, "writes") == Val::ZERO).expect("a row that writes x0");
    let faults = rejected("x0 written", case, false, |w| *cell(w, ChipKind::Alu, row, "writes") = Val::ONE);
    assert!(faults.iter().any(|fault| matches!(fault, Fault::Bus { bus, .. } if bus == "program")), "{faults:?}");
}

#[test]
fn output_is_bound_in_content_length_and_order() {
    let case = small();
    let rewrite = |w: &mut Witness, output: &[u8]| {
        let index = index(w, ChipKind::Output);
        let height = w.instances[index].trace.height();
        w.instances[index].air = crate::chips::Chip::output(output, height);
        w.public_output = output.to_vec();
    };
    rejected("another byte", case, true, |w| {
        let mut output = w.public_output.clone();
        output[0] ^= 1;
        rewrite(w, &output);
        *cell(w, ChipKind::Output, 0, "byte") = Val::from_u8(output[0]);
    });
    rejected("a byte less", case, false, |w| {
        let output = w.public_output[..3].to_vec();
        rewrite(w, &output);
        let index = index(w, ChipKind::Output);
        let trace = &mut w.instances[index].trace;
        let width = trace.width;
        trace.values[3 * width..4 * width].fill(Val::ZERO);
    });
    let faults = rejected("two bytes exchanged", case, false, |w| {
        let mut output = w.public_output.clone();
        output.swap(1, 2);
        rewrite(w, &output);
        for name in ["byte", "ts"] {
            let (a, b) = (get(w, ChipKind::Output, 1, name), get(w, ChipKind::Output, 2, name));
            *cell(w, ChipKind::Output, 1, name) = b;
            *cell(w, ChipKind::Output, 2, name) = a;
        }
    });
    assert!(faults.iter().any(|fault| matches!(fault, Fault::Constraint { chip: "output", .. })), "{faults:?}");
}

#[test]
fn multiplicities_are_bound() {
    let case = small();
    let honest = &case.witness;
    for kind in [ChipKind::Program, ChipKind::Bytes, ChipKind::Image] {
        let (machine, mut forged) = (&case.machine, case.witness.clone());
        let index = index(honest, kind);
        forged.instances[index].trace.values[0] += Val::ONE;
        assert!(!check(&forged).is_empty(), "{}", kind.name());
        let expected = Expected { program_id: machine.program_id(), exit_code: None, public_output: None };
        assert!(verify(&expected, &prove(machine, &forged), MIN_SECURITY_BITS).is_err(), "{}", kind.name());
    }
    for count in [Val::NEG_ONE, Val::TWO] {
        rejected("a count that is no flag", case, false, |w| *cell(w, ChipKind::Alu, 0, "writes") = count);
        rejected("a row that counts twice", case, false, |w| *cell(w, ChipKind::Mul, 0, "real") = count);
    }
}
