//! The figures as tables.

use crate::Failure;
use crate::aims::{AIMS, Verdict};
use galena_sim::datasheet::{Bench, BenchConfig, Cells, Page};
use galena_sim::figure::{count, percent};
use std::path::Path;

/// Around the generated part of a file.
const MARKS: [&str; 2] = ["<!-- bench-hdl: written by `make bench-hdl`, do not edit -->", "<!-- bench-hdl: end -->"];

/// Kernels in the short table, in its order.
const KERNELS: [&str; 5] = ["lde", "commit", "hash", "tree", "grind"];

/// Cells that are counted, and what their columns are called.
const ECP5: ([&str; 3], &str) = (["MULT18X18D", "DP16KD", "LUT4"], ">MULT18X18D / DP16KD / LUT4");
const ULTRASCALE: ([&str; 2], &str) = (["DSP48E2", "RAMB36E2"], ">DSP48E2 / RAMB36E2");

/// Some of the cells, in a table's cell.
fn cells(cells: &Option<Cells>, names: &[&str]) -> String {
    let of = |cells: &Cells| {
        let one = |name: &&str| count(cells.get(*name).copied().unwrap_or(0) as u64);
        names.iter().map(one).collect::<Vec<_>>().join(" / ")
    };
    cells.as_ref().map_or_else(String::new, of)
}

/// The page of all figures.
pub(crate) fn whole(figures: &Bench, verdicts: &[Verdict]) -> String {
    let tools: Vec<String> = figures.tools.iter().map(|(tool, version)| format!("{tool}: {version}")).collect();
    let mut page = Page::default();
    page.heading(1, "The hardware's figures");
    page.paragraph(&format!(
        "Written by `make bench-hdl`, from `bench-hdl.json` beside it; do not edit. Clocks are simulated, whole jobs, fill and drain included, on a host\n\
         that never stalls. Utilisation = useful multiplies / (multipliers x clocks). Areas are estimates of yosys, the sum of the modules, neither\n\
         placed nor routed. Tools: {}.",
        tools.join(", ")
    ));
    page.heading(2, "Aims");
    aims(&mut page, verdicts);
    page.heading(2, "Pipelines alone");
    page.paragraph(
        "*Following another* counts the second of two jobs from the last beat of the first. The smallest job says how long a result takes.",
    );
    points(&mut page, figures);
    page.heading(2, "Whole cores, over their links");
    page.paragraph(
        "Multipliers are those that the kernel can use: the transform's lanes, the hasher's, or both. Jobs over a serial line are small, and wait for it.",
    );
    configs(&mut page, figures);
    page.text()
}

/// What stands in the README.
pub(crate) fn readme(figures: &Bench, verdicts: &[Verdict]) -> String {
    let mut page = Page::default();
    page.paragraph(
        "Utilisation of whole jobs on whole cores, the link included; useful multiplies / (multipliers x clocks), simulated clocks. `lde` uses the\n\
         transform's lanes, `commit` these and the hasher's multipliers, the others the hasher's. [docs/bench-hdl.md](docs/bench-hdl.md) has the jobs,\n\
         every pipeline alone, and latencies.",
    );
    let row = |config: &BenchConfig| {
        let multipliers = format!("{} + {}", config.lanes, config.hasher_multipliers);
        let mut row = vec![format!("`{}`", config.config), multipliers];
        let job = |kernel: &str| config.jobs.iter().find(|job| job.kernel == kernel);
        row.extend(KERNELS.map(|kernel| job(kernel).map_or_else(String::new, |job| percent(job.utilisation))));
        row.extend([cells(&config.ecp5, &ECP5.0), cells(&config.ultrascale, &ULTRASCALE.0)]);
        row
    };
    let kernels = KERNELS.map(|kernel| format!(">{kernel}"));
    let names: Vec<&str> = ["config", ">lanes + hasher"]
        .into_iter()
        .chain(kernels.iter().map(String::as_str))
        .chain([ECP5.1, ULTRASCALE.1])
        .collect();
    page.table(&names, &figures.configs.iter().map(row).collect::<Vec<_>>());
    page.paragraph(
        "Areas are estimates of yosys for ECP5 and UltraScale+, the sum of the modules, not placed. What `uart` configs show is their serial line.",
    );
    aims(&mut page, verdicts);
    page.text()
}

fn points(page: &mut Page, figures: &Bench) {
    let names = [
        "pipeline",
        ">multipliers",
        "whole job",
        ">clocks",
        ">utilisation",
        ">following another",
        "smallest job",
        ">its clocks",
        ECP5.1,
        ULTRASCALE.1,
    ];
    let row = |p: &galena_sim::datasheet::BenchPoint| {
        vec![
            format!("{} {}", p.block, p.point),
            p.multipliers.to_string(),
            p.job.clone(),
            count(p.clocks),
            percent(p.utilisation),
            percent(p.utilisation_next),
            p.latency_job.clone(),
            count(p.latency),
            cells(&p.ecp5, &ECP5.0),
            cells(&p.ultrascale, &ULTRASCALE.0),
        ]
    };
    page.table(&names, &figures.points.iter().map(row).collect::<Vec<_>>());
}

fn configs(page: &mut Page, figures: &Bench) {
    let names = [
        "config",
        "link",
        "kernel",
        "job",
        ">multipliers",
        ">clocks",
        ">utilisation",
        ">waited for words",
        ">waited to send",
    ];
    let rows = figures.configs.iter().flat_map(|config| {
        config.jobs.iter().map(|job| {
            let numbers = [job.stalled_in, job.stalled_out].map(count);
            let mut row = [&config.config, &config.link, &job.kernel, &job.shape].map(String::clone).to_vec();
            row.extend([job.multipliers.to_string(), count(job.clocks), percent(job.utilisation)]);
            row.extend(numbers);
            row
        })
    });
    page.table(&names, &rows.collect::<Vec<_>>());
}

fn aims(page: &mut Page, verdicts: &[Verdict]) {
    let row = |aim: &'static crate::aims::Aim| {
        let these: Vec<&Verdict> = verdicts.iter().filter(|v| v.aim.name == aim.name).collect();
        let least = these.iter().map(|v| v.utilisation).min_by(f64::total_cmp)?;
        let why =
            |v: &&Verdict| format!("{} ({}): {}", v.subject, percent(v.utilisation), v.why.unwrap_or("NOT EXPLAINED"));
        let missed: Vec<String> = these.iter().filter(|v| !v.met()).map(why).collect();
        let met = these.len() - missed.len();
        let numbers = [percent(aim.least), these.len().to_string(), met.to_string(), percent(least)];
        Some([&[aim.name.to_owned()][..], &numbers, &[missed.join("; ")]].concat())
    };
    let names = ["aim", ">at least", ">jobs", ">reached", ">least found", "missed, and why"];
    page.table(&names, &AIMS.iter().filter_map(row).collect::<Vec<_>>());
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
