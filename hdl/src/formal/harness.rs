//! From a [`Proof`] to the files and the script that yosys turns into a problem for a solver.

use super::{Control, Probe, Proof};
use crate::netlist::{Direction, Module};
use crate::{EmitError, VerilogFile, emit};

/// The files of `hdl/formal`.
const CHECKERS: &[(&str, &str)] = &[
    ("add.sv", include_str!("../../formal/add.sv")),
    ("block_ring.sv", include_str!("../../formal/block_ring.sv")),
    ("delay.sv", include_str!("../../formal/delay.sv")),
    ("diagonal.sv", include_str!("../../formal/diagonal.sv")),
    ("extension.sv", include_str!("../../formal/extension.sv")),
    ("fetch.sv", include_str!("../../formal/fetch.sv")),
    ("fifo.sv", include_str!("../../formal/fifo.sv")),
    ("free_mul.sv", include_str!("../../formal/free_mul.sv")),
    ("free_multiplier.sv", include_str!("../../formal/free_multiplier.sv")),
    ("free_product.sv", include_str!("../../formal/free_product.sv")),
    ("free_reduce.sv", include_str!("../../formal/free_reduce.sv")),
    ("gather.sv", include_str!("../../formal/gather.sv")),
    ("keep.sv", include_str!("../../formal/keep.sv")),
    ("montgomery.sv", include_str!("../../formal/montgomery.sv")),
    ("one_word.v", include_str!("../../formal/one_word.v")),
    ("packets.sv", include_str!("../../formal/packets.sv")),
    ("product.sv", include_str!("../../formal/product.sv")),
    ("progress.sv", include_str!("../../formal/progress.sv")),
    ("queue.sv", include_str!("../../formal/queue.sv")),
    ("reduce.sv", include_str!("../../formal/reduce.sv")),
    ("register.sv", include_str!("../../formal/register.sv")),
    ("release.sv", include_str!("../../formal/release.sv")),
    ("ring.sv", include_str!("../../formal/ring.sv")),
    ("rules.sv", include_str!("../../formal/rules.sv")),
    ("scatter.sv", include_str!("../../formal/scatter.sv")),
    ("scoreboard.sv", include_str!("../../formal/scoreboard.sv")),
    ("store.sv", include_str!("../../formal/store.sv")),
    ("words.sv", include_str!("../../formal/words.sv")),
];

/// The memory that remembers one word: a map for yosys, no file of the circuit.
const ONE_WORD: &str = "one_word.v";

/// Why a proof has no files.
#[derive(Debug, thiserror::Error)]
pub enum FormalError {
    /// The circuit cannot be printed.
    #[error(transparent)]
    Emit(#[from] EmitError),
    /// A checker is not in `hdl/formal`.
    #[error("the proof `{proof}` names `{file}`, expected a file of hdl/formal that hdl/src/formal/harness.rs lists")]
    Checker {
        /// The proof.
        proof: &'static str,
        /// The file.
        file: &'static str,
    },
    /// The change of a control does not find its place.
    #[error(
        "the control of the proof `{proof}` expected `{from}` once in {file}, found it {found} times; adapt hdl/src/formal/table.rs"
    )]
    Control {
        /// The proof.
        proof: &'static str,
        /// The file.
        file: &'static str,
        /// The text.
        from: &'static str,
        /// How often it is there.
        found: usize,
    },
}

impl Proof {
    /// The circuit, the checker and the module `proof` around both; with `control` the circuit is the wrong one.
    pub fn files(&self, control: bool) -> Result<Vec<VerilogFile>, FormalError> {
        let mut files = emit(&self.harness())?;
        if control {
            let Control { file, from, to } = &self.control;
            let text = files.iter_mut().find(|f| f.name == *file).map(|f| &mut f.text);
            match text.as_ref().map_or(0, |t| t.matches(from).count()) {
                1 => text.into_iter().for_each(|t| *t = t.replacen(from, to, 1)),
                found => return Err(FormalError::Control { proof: self.name, file, from, found }),
            }
        }
        let mut checkers = self.checkers.to_vec();
        for (module, by) in self.abstracted {
            files.retain(|f| f.name != format!("{module}.v"));
            checkers.push(by);
        }
        if !self.one_word.is_empty() {
            checkers.push(ONE_WORD);
        }
        for name in checkers {
            let found = CHECKERS.iter().find(|(n, _)| *n == name);
            let (_, text) = found.ok_or(FormalError::Checker { proof: self.name, file: name })?;
            files.push(VerilogFile { name: name.into(), text: text.to_string() });
        }
        Ok(files)
    }

    /// The script that reads `names` and writes `proof.smt2`.
    ///
    /// Memories become registers, so that a checker can see their words, or remember one word; a signal that a checker sees must exist. What has no
    /// value (a word beyond a memory) is free in every clock.
    pub fn script(&self, names: &[String]) -> String {
        let defines: String = self.defines.iter().map(|d| format!(" -D{d}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).filter(|n| *n != ONE_WORD).collect();
        // A memory that is not there, and one that the map refuses, are errors.
        let mapped = |m: &&str| {
            format!(
                "select -assert-any */c:{m}\ntechmap -autoproc -map {ONE_WORD} */c:{m}\nselect -assert-none */c:{m}\n"
            )
        };
        let one_word: String = self.one_word.iter().map(mapped).collect();
        format!(
            "read_verilog -sv -formal -defer{defines} {}\nhierarchy -check -top proof\nproc\nopt_expr\nopt_clean\nmemory_collect\n{one_word}memory_map\n\
             flatten\nselect -assert-none w:* a:hierconn %i\n\
             setundef -undriven -anyseq\nopt -fast\nasync2sync\ndffunmap\nopt_clean\ncheck -assert\nwrite_smt2 -wires proof.smt2\n",
            names.join(" ")
        )
    }

    fn harness(&self) -> Module {
        let circuit = (self.circuit)();
        let probes = (self.probes)();
        let mut module = Module::new("proof", self.claim);
        let ports: Vec<String> = circuit.ports.iter().map(|p| p.name.clone()).collect();
        for port in circuit.ports.iter().filter(|p| p.direction == Direction::Input) {
            module = module.input(&port.name, port.width, "");
        }
        module = module.link("dut", circuit, &ports.join(" "), [("", ""); 0]);
        // A wire with this attribute becomes the signal of its name when the circuit is flattened into this module.
        let inside: String = (probes.iter().flat_map(|p| &p.signals).filter(|(path, _)| !path.is_empty()))
            .map(|(path, bits)| format!("(* hierconn *) wire [{}:0] \\dut.{path} ;\n", bits - 1))
            .collect();
        let parameters: Vec<String> = self.parameters.iter().map(|(name, value)| format!(".{name}({value})")).collect();
        let seen = |probe: &Probe| {
            let signal = |(path, bits): &(String, usize)| match path.is_empty() {
                true => format!("{bits}'d0"),
                false => format!("\\dut.{path} "),
            };
            let signals: Vec<String> = probe.signals.iter().rev().map(signal).collect();
            format!(".{}({{{}}})", probe.port, signals.join(", "))
        };
        let connections: Vec<String> =
            ports.iter().map(|p| format!(".{p}({p})")).chain(probes.iter().map(seen)).collect();
        let parameters = if parameters.is_empty() { String::new() } else { format!(" #({})", parameters.join(", ")) };
        module.body(format!("{inside}\n{}{parameters} check (\n    {}\n);", self.checker, connections.join(",\n    ")))
    }
}
