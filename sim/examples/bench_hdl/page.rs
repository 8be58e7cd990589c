//! The figures as tables.

use crate::Failure;
use crate::aims::Verdict;
use crate::figures::{Cells, Figures};
use std::fmt::Write;
use std::path::Path;

/// Around the generated part of a file.
const MARKS: [&str; 2] = ["<!-- bench-hdl: written by `make bench-hdl`, do not edit -->", "<!-- bench-hdl: end -->"];

fn percent(x: f64) -> String {
    format!("{:.1} %", 100.0 * x)
}

/// 1234567 as 1,234,567.
fn count(n: u64) -> String {
    let digits = n.to_string();
    let groups = digits.as_bytes().rchunks(3).rev().map(|g| String::from_utf8_lossy(g).into_owned());
    groups.collect::<Vec<_>>().join(",")
}

fn cells(cells: Option<&Cells>, names: &[&str]) -> String {
    let of = |cells: &Cells| {
        let one = |name: &&str| cells.get(*name).copied().unwrap_or(0) as u64;
        names.iter().map(|n| count(one(n))).collect::<Vec<_>>().join(" / ")
    };
    cells.map_or_else(String::new, of)
}

const ECP5: [&str; 3] = ["MULT18X18D", "DP16KD", "LUT4"];
const ULTRASCALE: [&str; 1] = ["DSP48E2"];

/// What is printed.
pub(crate) fn whole(figures: &Figures, verdicts: &[Verdict<'_>]) -> String {
    let mut text = points(figures) + "\n" + &configs(figures) + "\n";
    text += "| aim | at least | points | met | missed |\n|---|---:|---:|---:|---|\n";
    text += &aims(verdicts);
    text
}

/// What stands in the README.
pub(crate) fn readme(figures: &Figures, verdicts: &[Verdict<'_>]) -> String {
    whole(figures, verdicts)
}

fn points(figures: &Figures) -> String {
    let mut text = String::from(
        "| pipeline | multipliers | whole job | clocks | utilisation | following another | smallest job, clocks | MULT18X18D / DP16KD / LUT4 | DSP48E2 |\n\
         |---|---:|---|---:|---:|---:|---:|---:|---:|\n",
    );
    for p in &figures.points {
        let _ = writeln!(
            text,
            "| {} {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            p.block,
            p.point,
            p.multipliers,
            p.job,
            count(p.clocks),
            percent(p.utilisation),
            percent(p.utilisation_next),
            count(p.latency),
            cells(p.ecp5.as_ref(), &ECP5),
            cells(p.ultrascale.as_ref(), &ULTRASCALE),
        );
    }
    text
}

fn configs(figures: &Figures) -> String {
    let mut text = String::from(
        "| config | lanes + hasher | kernel | job | clocks | utilisation | waited for the host | MULT18X18D / DP16KD / LUT4 |\n\
         |---|---:|---|---|---:|---:|---:|---:|\n",
    );
    for config in &figures.configs {
        for job in &config.jobs {
            let _ = writeln!(
                text,
                "| {} | {} + {} | {} | {} | {} | {} | {} | {} |",
                config.config,
                config.lanes,
                config.hasher_multipliers,
                job.kernel,
                job.shape,
                count(job.clocks),
                percent(job.utilisation),
                count(job.stalled_in + job.stalled_out),
                cells(config.ecp5.as_ref(), &ECP5),
            );
        }
    }
    text
}

fn aims(verdicts: &[Verdict<'_>]) -> String {
    let mut text = String::new();
    let mut rest = verdicts;
    while let Some(first) = rest.first() {
        let here = rest.iter().take_while(|v| v.aim.name == first.aim.name).count();
        let (these, others) = rest.split_at(here);
        rest = others;
        let why = |v: &Verdict<'_>| {
            format!("{} ({}): {}", v.point.point, percent(v.point.utilisation), v.why.unwrap_or("NOT EXPLAINED"))
        };
        let missed: Vec<String> = these.iter().filter(|v| !v.met).map(why).collect();
        let met = these.len() - missed.len();
        let _ = writeln!(
            text,
            "| {} | {} | {} | {met} | {} |",
            first.aim.name,
            percent(first.aim.least),
            these.len(),
            missed.join("; ")
        );
    }
    text
}

/// Puts the text between the marks of a file.
pub(crate) fn replace(path: &Path, text: &str) -> Result<(), Failure> {
    let old = std::fs::read_to_string(path).map_err(|e| format!("cannot read {}: {e}", path.display()))?;
    let places = MARKS.map(|mark| old.find(mark));
    let [Some(begin), Some(end)] = places else {
        return Err(format!("expected the lines `{}` and `{}` in {}", MARKS[0], MARKS[1], path.display()).into());
    };
    let new = format!("{}{}\n{text}{}", &old[..begin], MARKS[0], &old[end..]);
    if new != old {
        std::fs::write(path, new).map_err(|e| format!("cannot write {}: {e}", path.display()))?;
    }
    Ok(())
}
