//! Runs formal proofs: yosys turns circuit and checker into a problem, yosys-smtbmc unrolls it, z3 decides it.
//!
//! A proof is four questions. The claim holds in the first clocks; it holds in a clock if it held in the k before (induction); every situation
//! that the checker wants to have seen can be reached; and the same checker refuses a circuit that is wrong, with a trace.

use crate::tools::{self, Scratch};
use crate::{SimError, cache};
use galena_hdl::formal::{FormalError, Proof};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Seconds that a solver may work on one question.
const SECONDS: u32 = 1200;

/// Why a claim is not proved.
#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    /// The proof has no files.
    #[error(transparent)]
    Files(#[from] FormalError),
    /// A tool is missing, or refused the files.
    #[error(transparent)]
    Tool(#[from] SimError),
    /// There is a counterexample.
    #[error("`{proof}` is refuted: {said}; the trace is {}", trace.display())]
    Refuted {
        /// Name of the proof.
        proof: &'static str,
        /// The assertion and its clock.
        said: String,
        /// A VCD file.
        trace: PathBuf,
    },
    /// Induction fails: the claim may hold, but not by what it says about the clocks before.
    #[error("`{proof}` is not inductive in {depth} clocks: {said}; the trace is {}: add what it lacks to the checker, or raise the depth", trace.display())]
    NotInductive {
        /// Name of the proof.
        proof: &'static str,
        /// Clocks looked back.
        depth: usize,
        /// The assertion and its clock.
        said: String,
        /// A VCD file, which may begin in a state that cannot be reached.
        trace: PathBuf,
    },
    /// A situation that should be possible is not: the assumptions forbid too much.
    #[error("`{proof}` never reaches a situation that it should within {bound} clocks: {said}")]
    Unreached {
        /// Name of the proof.
        proof: &'static str,
        /// Clocks searched.
        bound: usize,
        /// The cover statements.
        said: String,
    },
    /// The checker did not see that the circuit of the control is wrong.
    #[error("`{proof}` says nothing: the wrong circuit of its control passes for {bound} clocks")]
    Blind {
        /// Name of the proof.
        proof: &'static str,
        /// Clocks searched.
        bound: usize,
    },
    /// The solver gave up or ended without an answer.
    #[error("`{proof}` is undecided ({question}): {said}")]
    Undecided {
        /// Name of the proof.
        proof: &'static str,
        /// Which of the four questions.
        question: &'static str,
        /// The last lines.
        said: String,
    },
}

/// A claim that is proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proved {
    /// Clocks that the successful induction looked back.
    pub induction: usize,
    /// Situations reached.
    pub covers: usize,
    /// What the checker says of the wrong circuit: the assertion and its clock.
    pub control: String,
}

/// The answer of one run of yosys-smtbmc.
struct Answer {
    passed: bool,
    decided: bool,
    log: String,
}

impl Answer {
    /// The lines that hold `what`, without the clock of the tool.
    fn lines(&self, what: &[&str]) -> Vec<&str> {
        self.log.lines().filter(|l| what.iter().any(|w| l.contains(w))).map(after_clock).collect()
    }

    fn last(&self) -> String {
        let lines: Vec<&str> = self.log.lines().map(after_clock).filter(|l| !l.is_empty()).collect();
        lines[lines.len().saturating_sub(3)..].join("; ")
    }
}

/// `##   0:00:01  Status: PASSED` without the time.
fn after_clock(line: &str) -> &str {
    let rest = line.strip_prefix("##").map_or(line, str::trim_start);
    rest.split_once("  ").map_or(rest, |(_, said)| said).trim()
}

/// Proves a claim, or says why not.
pub fn prove(proof: &Proof) -> Result<Proved, ProofError> {
    let name = proof.name;
    let right = Scratch::new("formal")?;
    problem(proof, false, &right)?;

    // Induction steps at most `depth` clocks: so many must hold to begin with.
    let (first, bound) = (proof.depth.to_string(), proof.bound.to_string());
    let base = solve(&right, &["-t", &first, "--dump-vcd", "trace.vcd"])?;
    decided(proof, "the first clocks", &base)?;
    if !base.passed {
        return Err(ProofError::Refuted { proof: name, said: refusal(&base), trace: keep(&right, name)? });
    }

    let depth = proof.depth.to_string();
    let step = solve(&right, &["-i", "-t", &depth, "--dump-vcd", "trace.vcd"])?;
    decided(proof, "induction", &step)?;
    if !step.passed {
        let (said, trace) = (refusal(&step), keep(&right, name)?);
        return Err(ProofError::NotInductive { proof: name, depth: proof.depth, said, trace });
    }
    let tried = step.lines(&["Trying induction in step"]).len();

    let cover = solve(&right, &["-c", "-t", &bound])?;
    decided(proof, "situations", &cover)?;
    let reached = cover.lines(&["Reached cover"]).len();
    if !cover.passed || reached == 0 {
        let said = cover.lines(&["Unreached cover"]).join("; ");
        return Err(ProofError::Unreached { proof: name, bound: proof.bound, said });
    }

    let wrong = Scratch::new("formal")?;
    problem(proof, true, &wrong)?;
    let control = solve(&wrong, &["-t", &bound, "--dump-vcd", "trace.vcd"])?;
    decided(proof, "the control", &control)?;
    let traced = wrong.read("trace.vcd").is_ok_and(|t| t.contains("$enddefinitions"));
    if control.passed || !traced {
        return Err(ProofError::Blind { proof: name, bound: proof.bound });
    }
    Ok(Proved { induction: tried, covers: reached, control: refusal(&control) })
}

fn decided(proof: &Proof, question: &'static str, answer: &Answer) -> Result<(), ProofError> {
    match answer.decided {
        true => Ok(()),
        false => Err(ProofError::Undecided { proof: proof.name, question, said: answer.last() }),
    }
}

/// The first assertion that failed: its file and place.
fn refusal(answer: &Answer) -> String {
    let lines = answer.lines(&["Assert failed"]);
    let place =
        |l: &&str| l.split(": ").nth(1).and_then(|at| at.split(' ').next()).map(|at| format!("assertion at {at}"));
    lines.first().and_then(place).unwrap_or_else(|| answer.last())
}

/// Writes `proof.smt2` into `dir`.
fn problem(proof: &Proof, control: bool, dir: &Scratch) -> Result<(), ProofError> {
    let files = proof.files(control)?;
    dir.write(&files)?;
    let names: Vec<String> = files.iter().map(|f| f.name.clone()).filter(|n| !n.ends_with(".hex")).collect();
    let script = dir.path().join("proof.ys");
    std::fs::write(&script, proof.script(&names)).map_err(|source| SimError::Cache {
        what: "write",
        path: script,
        source,
    })?;
    // Names relative to the working directory: the WebAssembly build has a /tmp of its own.
    let mut run = tools::command("yosys")?;
    run.current_dir(dir.path()).args(["-q", "proof.ys"]);
    let output = tools::output(run, "python3")?;
    match output.status.success() {
        true => Ok(()),
        false => Err(SimError::Refused { tool: "yosys", top: proof.name.into(), log: tools::log(&output) }.into()),
    }
}

/// Asks the solver about the problem in `dir`.
fn solve(dir: &Scratch, arguments: &[&str]) -> Result<Answer, ProofError> {
    let mut run: Command = tools::command("smtbmc")?;
    run.current_dir(dir.path()).args(["-s", "z3", "--unroll", "--noprogress", "--timeout", &SECONDS.to_string()]);
    run.args(arguments).arg("proof.smt2");
    let output = tools::output(run, "python3")?;
    let log = [&output.stdout[..], &output.stderr[..]].map(String::from_utf8_lossy).concat();
    let passed = log.contains("Status: PASSED");
    Ok(Answer { passed, decided: passed || log.contains("Status: FAILED") || log.contains("Status: failed"), log })
}

/// Keeps a trace for a person to look at.
fn keep(dir: &Scratch, name: &str) -> Result<PathBuf, SimError> {
    let (from, folder) = (dir.path().join("trace.vcd"), cache::folder().join("traces"));
    let to = folder.join(format!("{name}.vcd"));
    let copy = |to: &Path| std::fs::create_dir_all(&folder).and_then(|()| std::fs::copy(&from, to));
    copy(&to).map_err(|source| SimError::Cache { what: "write", path: to.clone(), source })?;
    Ok(to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_of_the_tool_lose_their_clock() {
        assert_eq!(after_clock("##   0:00:01  Status: PASSED"), "Status: PASSED");
        assert_eq!(after_clock("Status: PASSED"), "Status: PASSED");
    }
}
