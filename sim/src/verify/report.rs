//! The report of a run, as Markdown: one table a technique, blocks by points, with figures, and the command that repeats it.

use super::{COMMAND, Outcome, Plan, Technique, Verdict};
use std::fmt::Write;

/// What the head of a report says of the run.
#[derive(Clone, Debug, Default)]
pub struct Heading {
    /// Commit of the sources, with `dirty` if they differed; empty if unknown.
    pub version: String,
    /// Tools and their versions.
    pub tools: String,
    /// Wall time of everything.
    pub seconds: f64,
}

/// The report of what these techniques found.
pub fn report(heading: &Heading, plan: &Plan, found: &[(&Technique, Vec<Outcome>)]) -> String {
    let all = || found.iter().flat_map(|(_, outcomes)| outcomes);
    let count = |of: fn(&Verdict) -> bool| all().filter(|o| of(&o.verdict)).count();
    let mut s = String::from("# Verification of the circuits\n\n");
    s += "Generated: do not edit. What each technique does is in `sim/src/verify`; results are Verilator's unless a technique says otherwise,\n";
    s += "clocks are simulated clocks.\n\n| | |\n|---|---|\n";
    let only: Vec<&str> = found.iter().map(|(t, _)| t.name).collect();
    let rows = [
        ("tier", plan.tier.name().to_string()),
        ("seed", plan.seed.to_string()),
        ("techniques", only.join(", ")),
        ("blocks", plan.blocks.len().to_string()),
        ("passed", count(|v| *v == Verdict::Passed).to_string()),
        ("failed", count(|v| matches!(v, Verdict::Failed(_))).to_string()),
        ("skipped", count(|v| matches!(v, Verdict::Skipped(_))).to_string()),
        ("version", heading.version.clone()),
        ("tools", heading.tools.clone()),
        ("wall time", format!("{:.0} s", heading.seconds)),
    ];
    for (name, value) in rows.iter().filter(|(_, value)| !value.is_empty()) {
        let _ = writeln!(s, "| {name} | {} |", cell(value));
    }
    let blocks = match plan.whole() {
        true => String::new(),
        false => format!(" --block {}", plan.blocks.iter().map(|b| b.name).collect::<Vec<_>>().join(",")),
    };
    let _ = writeln!(
        s,
        "\nTo repeat it:\n\n```sh\n{COMMAND} --tier {} --only {}{blocks} --seed {}\n```",
        plan.tier.name(),
        only.join(","),
        plan.seed
    );
    for (technique, outcomes) in found {
        s += &section(technique, outcomes);
    }
    s
}

/// The table of a technique: a column for each figure that any of its outcomes has.
fn section(technique: &Technique, outcomes: &[Outcome]) -> String {
    let mut columns: Vec<&str> = vec![];
    for (name, _) in outcomes.iter().flat_map(|o| &o.figures) {
        if !columns.contains(name) {
            columns.push(name);
        }
    }
    let mut s = format!("\n## {}\n\n{}.\n\n", technique.name, technique.doc);
    let head = ["block", "point", "case", "verdict"].into_iter().chain(columns.iter().copied()).chain(["s"]);
    let head: Vec<&str> = head.collect();
    let _ = writeln!(s, "| {} |\n|{}", head.join(" | "), "---|".repeat(head.len()));
    for o in outcomes {
        let verdict = match &o.verdict {
            Verdict::Passed => "passed".to_string(),
            Verdict::Failed(_) => "**failed**".to_string(),
            Verdict::Skipped(why) => format!("skipped: {why}"),
        };
        let figures = columns.iter().map(|c| o.figures.iter().find(|(name, _)| name == c).map_or("", |(_, v)| v));
        let cells = [o.block.as_str(), &o.point, &o.case, &verdict].into_iter().chain(figures);
        let cells: Vec<String> = cells.map(cell).collect();
        let _ = writeln!(s, "| {} | {:.1} |", cells.join(" | "), o.seconds);
    }
    for o in outcomes {
        if let Verdict::Failed(why) = &o.verdict {
            let _ = writeln!(s, "\n**{} {}, {}**: {}\n\n    {}", o.block, o.point, o.case, cell(why), o.rerun);
        }
    }
    s
}

/// A text that cannot break out of a table's cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace(['\n', '\r'], " ")
}

#[cfg(test)]
mod tests {
    use super::super::{TECHNIQUES, Tier};
    use super::*;

    #[test]
    fn figures_are_columns_and_failures_have_their_line() {
        let plan = Plan::all(Tier::Quick, 5);
        let outcome = |case: &str, verdict, figures| Outcome {
            block: "fifo".into(),
            point: "w8-d4".into(),
            case: case.into(),
            verdict,
            figures,
            seconds: 0.25,
            rerun: plan.rerun("equality", Some("fifo")),
        };
        let outcomes = vec![
            outcome("jobs", Verdict::Passed, vec![("jobs", "3".into())]),
            outcome("control", Verdict::Failed("a | b\nc".into()), vec![("flips", "1".into())]),
            outcome("other", Verdict::Skipped("no tool".into()), vec![]),
        ];
        let text = report(&Heading::default(), &plan, &[(&TECHNIQUES[0], outcomes)]);
        for line in [
            "| block | point | case | verdict | jobs | flips | s |",
            "| fifo | w8-d4 | jobs | passed | 3 |  | 0.2 |",
            "| fifo | w8-d4 | control | **failed** |  | 1 | 0.2 |",
            "| fifo | w8-d4 | other | skipped: no tool |  |  | 0.2 |",
            "**fifo w8-d4, control**: a \\| b c",
            &format!("    {COMMAND} --tier quick --only equality --block fifo --seed 5"),
            "| failed | 1 |",
        ] {
            assert!(text.lines().any(|l| l == line), "`{line}` in:\n{text}");
        }
    }
}
