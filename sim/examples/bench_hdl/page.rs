//! The figures as tables.

use crate::Failure;
use crate::aims::Verdict;
use crate::figures::{Cells, ConfigFigures, Figures};
use std::fmt::Write;
use std::path::Path;

/// Around the generated part of a file.
const MARKS: [&str; 2] = ["<!-- bench-hdl: written by `make bench-hdl`, do not edit -->", "<!-- bench-hdl: end -->"];

/// Kernels in the short table, in its order.
const KERNELS: [&str; 5] = ["lde", "commit", "hash", "tree", "grind"];

const ECP5: [&str; 3] = ["MULT18X18D", "DP16KD", "LUT4"];
const ULTRASCALE: [&str; 2] = ["DSP48E2", "RAMB36E2"];

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
        let one = |name: &&str| count(cells.get(*name).copied().unwrap_or(0) as u64);
        names.iter().map(one).collect::<Vec<_>>().join(" / ")
    };
    cells.map_or_else(String::new, of)
}

/// The page of all figures.
pub(crate) fn whole(figures: &Figures, verdicts: &[Verdict]) -> String {
    let tools: Vec<String> = figures.tools.iter().map(|(tool, version)| format!("{tool}: {version}")).collect();
    format!(
        "# The hardware's figures\n\n\
         Written by `make bench-hdl`, from `bench-hdl.json` beside it; do not edit. Clocks are simulated ({}), whole jobs, fill and drain included, on a host that\n\
         never stalls. Utilisation = useful multiplies / (multipliers x clocks). Areas are estimates of yosys, the sum of the modules, neither placed nor routed.\n\n\
         ## Aims\n\n{}\n## Pipelines alone\n\n\
         *Following another* counts the second of two jobs from the last beat of the first. The smallest job says how long a result takes.\n\n{}\n\
         ## Whole cores, over their links\n\n\
         Multipliers are those that the kernel can use: the transform's lanes, the hasher's, or both. Jobs over a serial line are small, and wait for it.\n\n{}",
        tools.join(", "),
        aims(verdicts),
        points(figures),
        configs(figures)
    )
}

/// What stands in the README.
pub(crate) fn readme(figures: &Figures, verdicts: &[Verdict]) -> String {
    let mut text = format!(
        "Utilisation of whole jobs on whole cores, the link included; useful multiplies / (multipliers x clocks), simulated clocks. `{}` use the transform's\n\
         lanes, the others the hasher's multipliers, `commit` both. [docs/bench-hdl.md](docs/bench-hdl.md) has the jobs, every pipeline alone, and latencies.\n\n",
        KERNELS[..1].join("`, `")
    );
    text += "| config | lanes + hasher |";
    KERNELS.iter().for_each(|k| text += &format!(" {k} |"));
    text += " MULT18X18D / DP16KD / LUT4 | DSP48E2 / RAMB36E2 |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|\n";
    for config in &figures.configs {
        let _ = write!(text, "| `{}` | {} + {} |", config.config, config.lanes, config.hasher_multipliers);
        for kernel in KERNELS {
            text += &format!(" {} |", of_kernel(config, kernel));
        }
        let (ecp5, ultrascale) = (config.ecp5.as_ref(), config.ultrascale.as_ref());
        let _ = writeln!(text, " {} | {} |", cells(ecp5, &ECP5), cells(ultrascale, &ULTRASCALE));
    }
    text += "\nAreas are estimates of yosys for ECP5 and UltraScale+, the sum of the modules, not placed. What `uart` configs show is their serial line.\n\n";
    text + &aims(verdicts)
}

fn of_kernel(config: &ConfigFigures, kernel: &str) -> String {
    let job = config.jobs.iter().find(|job| job.kernel == kernel);
    job.map_or_else(String::new, |job| percent(job.utilisation))
}

fn points(figures: &Figures) -> String {
    let mut text = String::from(
        "| pipeline | multipliers | whole job | clocks | utilisation | following another | smallest job | clocks | MULT18X18D / DP16KD / LUT4 | DSP48E2 / RAMB36E2 |\n\
         |---|---:|---|---:|---:|---:|---|---:|---:|---:|\n",
    );
    for p in &figures.points {
        let _ = writeln!(
            text,
            "| {} {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            p.block,
            p.point,
            p.multipliers,
            p.job,
            count(p.clocks),
            percent(p.utilisation),
            percent(p.utilisation_next),
            p.latency_job,
            count(p.latency),
            cells(p.ecp5.as_ref(), &ECP5),
            cells(p.ultrascale.as_ref(), &ULTRASCALE),
        );
    }
    text
}

fn configs(figures: &Figures) -> String {
    let mut text = String::from(
        "| config | link | kernel | job | multipliers | clocks | utilisation | waited for words | waited to send |\n\
         |---|---|---|---|---:|---:|---:|---:|---:|\n",
    );
    for config in &figures.configs {
        for job in &config.jobs {
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} | {} | {} | {} | {} | {} |",
                config.config,
                config.link,
                job.kernel,
                job.shape,
                job.multipliers,
                count(job.clocks),
                percent(job.utilisation),
                count(job.stalled_in),
                count(job.stalled_out),
            );
        }
    }
    text
}

fn aims(verdicts: &[Verdict]) -> String {
    let mut text = String::from(
        "| aim | at least | jobs | reached | least found | missed, and why |\n|---|---:|---:|---:|---:|---|\n",
    );
    let mut rest = verdicts;
    while let Some(first) = rest.first() {
        let here = rest.iter().take_while(|v| v.aim.name == first.aim.name).count();
        let (these, others) = rest.split_at(here);
        rest = others;
        let why =
            |v: &Verdict| format!("{} ({}): {}", v.subject, percent(v.utilisation), v.why.unwrap_or("NOT EXPLAINED"));
        let missed: Vec<String> = these.iter().filter(|v| !v.met()).map(why).collect();
        let least = these.iter().map(|v| v.utilisation).fold(f64::INFINITY, f64::min);
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} |",
            first.aim.name,
            percent(first.aim.least),
            these.len(),
            these.len() - missed.len(),
            percent(least),
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
