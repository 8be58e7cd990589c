//! Formal: the claims of [`galena_hdl::formal::PROOFS`] about the emitted Verilog, each with the situations it must reach and a wrong circuit that it
//! must refuse.

use super::{Outcome, Plan, Technique, Tier, Verdict};
use crate::SimError;
use crate::formal::{ProofError, prove};
use galena_hdl::formal::{Proof, proofs};
use std::time::Instant;

pub(super) const TECHNIQUE: Technique = Technique {
    name: "formal",
    doc: "proofs by induction with yosys-smtbmc and z3, for every input and any number of clocks; `hdl/formal/README.md` has the arguments",
    run,
};

fn run(plan: &Plan) -> Vec<Outcome> {
    let asked = |p: &&'static Proof| plan.whole() || plan.blocks.iter().any(|b| b.name == p.block);
    let rows = proofs().filter(asked).filter(|p| p.quick || plan.tier == Tier::Long);
    rows.map(|proof| outcome(plan, proof)).collect()
}

fn outcome(plan: &Plan, proof: &Proof) -> Outcome {
    let start = Instant::now();
    let (verdict, mut figures) = match prove(proof) {
        Ok(proved) => {
            let figures = vec![
                ("induction", format!("{} clocks", proved.induction)),
                ("situations reached", proved.covers.to_string()),
                ("control refused", proved.control),
            ];
            (Verdict::Passed, figures)
        }
        // Environments from before there were proofs have no solver.
        Err(ProofError::Tool(missing @ SimError::ToolMissing(_))) => (Verdict::Skipped(missing.to_string()), vec![]),
        Err(error) => (Verdict::Failed(error.to_string()), vec![]),
    };
    figures.insert(0, ("claim", proof.claim.to_string()));
    Outcome {
        block: proof.block.into(),
        point: (proof.circuit)().name,
        case: proof.name.into(),
        verdict,
        figures,
        seconds: start.elapsed().as_secs_f64(),
        rerun: plan.rerun(TECHNIQUE.name, (!plan.whole()).then_some(proof.block)),
    }
}
