//! One model with all chosen mutants in it, asleep: an input `mutant` of the top module wakes one of them.

use super::mutant::Mutant;
use super::statement::{Source, read};
use crate::SimError;
use galena_hdl::VerilogFile;
use std::collections::BTreeMap;

/// Bits of the input `mutant`.
const BITS: u32 = 12;

/// The modules of the files, read. Fails aloud on text that the reader does not know.
pub(super) fn sources(files: &[VerilogFile]) -> Result<BTreeMap<String, Source>, SimError> {
    let verilog = || files.iter().filter(|f| f.name.ends_with(".v"));
    let refused = |e: super::expression::Unreadable| SimError::Mutant { reason: e.to_string() };
    let mut inputs = BTreeMap::new();
    for file in verilog() {
        let source = read(&file.name, &file.text, &BTreeMap::new()).map_err(refused)?;
        inputs.insert(source.name, source.inputs);
    }
    verilog().map(|f| Ok((f.name.clone(), read(&f.name, &f.text, &inputs).map_err(refused)?))).collect()
}

/// The files with the mutants in them; mutant k of the list answers to the number k + 1. With none awake the circuit is the original.
pub(super) fn instrument(files: &[VerilogFile], top: &str, mutants: &[Mutant]) -> Result<Vec<VerilogFile>, SimError> {
    if mutants.len() >= 1 << BITS {
        return Err(SimError::Mutant {
            reason: format!("expected fewer than {} mutants, found {}", 1 << BITS, mutants.len()),
        });
    }
    let mut out = files.to_vec();
    for file in out.iter_mut().filter(|f| f.name.ends_with(".v")) {
        let module = file.name.trim_end_matches(".v");
        let mut here: Vec<(usize, &Mutant)> =
            mutants.iter().enumerate().filter(|(_, m)| m.module == module).map(|(k, m)| (k + 1, m)).collect();
        // Outer places first; of two mutants of one place the first is the outer one.
        here.sort_by_key(|(k, m)| (m.span.start, usize::MAX - m.span.end, *k));
        let mut text = String::new();
        let end = weave(&file.text, 0, file.text.len(), &here, top, &mut text);
        debug_assert_eq!(end, here.len());
        if module == top {
            let port = format!("    input wire [{}:0] mutant,\n", BITS - 1);
            let Some(at) = text.find("    input wire ") else {
                return Err(SimError::Mutant { reason: format!("expected `input wire` in {}, found none", file.name) });
            };
            text.insert_str(at, &port);
        }
        file.text = text;
    }
    Ok(out)
}

/// Writes `text[from..to]` with the mutants that lie in it. Returns how many those were.
fn weave(text: &str, from: usize, to: usize, mutants: &[(usize, &Mutant)], top: &str, out: &mut String) -> usize {
    let (mut at, mut done) = (from, 0);
    while let Some(&(number, mutant)) = mutants.get(done).filter(|(_, m)| m.span.end <= to) {
        out.push_str(&text[at..mutant.span.start]);
        let awake = format!("({top}.mutant == {BITS}'d{number})");
        let (before, after) = match &mutant.new {
            Some(new) => (format!("({awake} ? ({new}) : "), ")"),
            None => (format!("begin if (!{awake}) "), " end"),
        };
        out.push_str(&before);
        done += 1 + weave(text, mutant.span.start, mutant.span.end, &mutants[done + 1..], top, out);
        out.push_str(after);
        at = mutant.span.end;
    }
    out.push_str(&text[at..to]);
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_mutants_are_woven_from_the_outside_in() {
        let text = "module m (\n    input wire a\n);\nx <= a + 1;\nendmodule\n";
        let at = |what: &str| text.find(what).map_or(0..0, |n| n..n + what.len());
        let mutant = |what: &str, new: Option<&str>| Mutant {
            module: "m".into(),
            line: 4,
            text: String::new(),
            sort: "",
            span: at(what),
            old: what.into(),
            new: new.map(Into::into),
        };
        let list = [mutant("1", Some("2")), mutant("x <= a + 1;", None), mutant("a + 1", Some("a - 1"))];
        let files = [VerilogFile { name: "m.v".into(), text: text.into() }];
        let out = instrument(&files, "m", &list).unwrap();
        let want = "begin if (!(m.mutant == 12'd2)) x <= ((m.mutant == 12'd3) ? (a - 1) : a + \
                    ((m.mutant == 12'd1) ? (2) : 1)); end";
        assert!(out[0].text.contains(want), "{}", out[0].text);
        assert!(out[0].text.starts_with("module m (\n    input wire [11:0] mutant,\n"));
    }
}
