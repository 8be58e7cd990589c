//! The page of a board with a config, and the index of all pages.

use super::Subject;
use super::bound::Rates;
use super::plot::{bars, dots};
use crate::board::{Flow, grouped};
use crate::flow::Versions;
use std::collections::BTreeMap;
use std::fmt::Write;

const STYLE: &str = "
:root { color-scheme: light dark; --ink: #1c2733; --dim: #5b6b7b; --paper: #fff; --used: #2f7ea8; --all: #e3e9ee; --over: #c2452d; --mark: #b5651d; }
@media (prefers-color-scheme: dark) { :root { --ink: #e2e8ee; --dim: #93a3b3; --paper: #14191f; --used: #4aa3d1; --all: #2a343e; --over: #e06a50; --mark: #e0954a; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 56rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-top: 2rem; } a { color: var(--used); }
table { border-collapse: collapse; } td, th { text-align: left; padding: .15rem 1rem .15rem 0; vertical-align: top; } th { color: var(--dim); font-weight: normal; }
td { white-space: nowrap; } td.hash { white-space: normal; }
td.n { text-align: right; font-variant-numeric: tabular-nums; }
code, pre { font: 13px/1.5 ui-monospace, monospace; } pre { overflow-x: auto; background: var(--all); padding: .6rem; }
.wide { overflow-x: auto; } .hash { overflow-wrap: anywhere; }
.note { color: var(--dim); }
svg { width: 100%; height: auto; font-size: 13px; } svg text { fill: var(--ink); }
.all { fill: var(--all); } .used, circle { fill: var(--used); } circle { fill-opacity: .75; } .over { fill: var(--over); }
.axis { stroke: var(--dim); } .wanted { stroke: var(--over); stroke-width: 2; } text.wanted { fill: var(--over); stroke: none; }
.median { stroke: var(--mark); stroke-dasharray: 4 3; stroke-width: 2; } text.median { fill: var(--mark); stroke: none; }
";

/// What tools and files say, as text of a page.
fn text(raw: &str) -> String {
    raw.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn document(title: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n{body}</html>\n"
    )
}

/// The page of a subject.
pub fn page(subject: &Subject) -> String {
    let (board, config) = (subject.board, subject.config);
    let title = format!("{} · {}", board.name, config.name);
    let mut body = format!("<h1>{title}</h1>\n<p>{}; {}.</p>\n", text(&board.doc), text(&config.doc));
    body += &state(subject);
    body += "<h2>What it is</h2>\n<table>\n";
    let mut fact = |name: &str, value: String| {
        let _ = writeln!(body, "<tr><th>{name}</th><td class=\"hash\">{value}</td></tr>");
    };
    fact("board", format!("<a href=\"{}\">{}</a>", text(&board.url), text(&board.url)));
    fact("part", format!("{}, idcode {:#010x}", text(&board.part), board.idcode));
    fact("clock", format!("{:.2} MHz", f64::from(config.clock_hz) / 1e6));
    fact("link", config.link.name().to_string());
    fact("cores", board.cores(config).to_string());
    fact("multipliers of a core", format!("{} in the transform, {} in the hasher", config.lanes, config.multipliers));
    fact("rows", format!("up to 2^{}, blow-up up to {}", config.log_rows_max, 1 << config.log_blowup_max));
    fact("config hash", hex::encode(config.config_hash()));
    body += "</table>\n";
    body += &throughput(subject);
    body += &area(subject);
    body += &clock(subject);
    body += &repeat(subject);
    document(&title, &body)
}

/// How far it has come: the sentence that a reader looks for first.
fn state(subject: &Subject) -> String {
    let sentence = match (&subject.manifest, subject.board.family.flow()) {
        (Some(m), _) => format!(
            "Placed and routed: seed {}, {:.2} MHz possible where {:.2} MHz are asked for. SHA-256 of the bitstream <code>{}</code>.",
            m.seed, m.clock.fmax_mhz, m.clock.mhz, text(&m.sha256)
        ),
        (None, Flow::Open) => "No bitstream of it has been recorded: what follows of the clock is what the config asks for.".into(),
        (None, Flow::Vivado) => {
            "Vivado builds it, by a script that is written here. No Vivado has run it: clock and area on the part are not known.".into()
        }
    };
    format!("<p class=\"hash\"><b>{sentence}</b></p>\n<p class=\"note\">No board has run it.</p>\n")
}

/// Rates at the config's clock, and what bounds the whole.
fn throughput(subject: &Subject) -> String {
    let rates = Rates::of(subject.board, subject.config);
    let rows = [
        ("permutations a second", rates.permutations),
        ("butterflies a second", rates.butterflies),
        ("words a second on the line, each way", rates.words),
    ];
    let mut body = String::from("<h2>Throughput</h2>\n<table>\n");
    for (name, rate) in rows {
        let _ = writeln!(body, "<tr><th>{name}</th><td class=\"n\">{}</td></tr>", grouped(rate as u64));
    }
    let _ = writeln!(
        body,
        "</table>\n<p>{} <span class=\"note\">Of multipliers and clock, all of them busy; serial lines at the fastest rate up to 3 Mbaud that the clock makes. <code>galena board plan</code> computes whole proofs.</span></p>",
        rates.bound()
    );
    body
}

/// Bars of the part's resources: placed, or synthesised.
fn area(subject: &Subject) -> String {
    let sum = |cells: &BTreeMap<String, u64>, weights: &[(&str, u64)]| {
        weights.iter().map(|(name, k)| k * cells.get(*name).copied().unwrap_or(0)).sum::<u64>()
    };
    let (cells, how, luts): (_, _, &[(&str, u64)]) = match (&subject.manifest, &subject.sweep) {
        (Some(m), _) => (&m.cells, "Placed and routed.", &[("TRELLIS_COMB", 1)]),
        (None, Some(s)) => {
            let luts = &[("LUT4", 1), ("CCU2C", 2), ("TRELLIS_DPR16X4", 6)];
            (
                &s.cells,
                "Synthesised by yosys, not placed; a carry cell counts as two lookup tables, a distributed memory as six.",
                luts,
            )
        }
        (None, None) => return String::new(),
    };
    let has = &subject.board.resources;
    let rows = [
        ("lookup tables", sum(cells, luts), has.luts),
        ("registers", sum(cells, &[("TRELLIS_FF", 1)]), has.registers),
        ("multipliers 18 x 18", sum(cells, &[("MULT18X18D", 1)]), has.multipliers_18x18),
        ("block memories 18 kbit", sum(cells, &[("DP16KD", 1)]), has.block_rams_18k),
    ];
    let rows: Vec<_> = rows.into_iter().map(|(name, used, all)| (name.to_string(), used, u64::from(all))).collect();
    format!("<h2>Area</h2>\n{}<p class=\"note\">{how}</p>\n", bars(&rows))
}

/// The clock over seeds, and the slowest path.
fn clock(subject: &Subject) -> String {
    let Some((sweep, [least, median, most])) = subject.sweep.as_ref().and_then(|s| Some((s, s.spread()?))) else {
        return String::new();
    };
    let seeds: Vec<(u32, f64)> = sweep.seeds.iter().map(|(seed, mhz)| (*seed, *mhz)).collect();
    let slowest = sweep.slowest.iter().map(|line| text(line)).collect::<Vec<_>>().join("\n");
    format!(
        "<h2>Clock</h2>\n{}<p>Minimum {least:.2}, median {median:.2}, maximum {most:.2} MHz; {:.2} MHz are met by {:.0} % of {} seeds. \
         <span class=\"note\">Placed and routed, MHz; a dot is a seed.</span></p>\n<p>The slowest path of the slowest seed:</p>\n<pre>{slowest}</pre>\n",
        dots(&seeds, sweep.wanted_mhz, median),
        sweep.wanted_mhz,
        100.0 * sweep.met(),
        seeds.len()
    )
}

/// The commands that make all of it again, and the tools that made it.
fn repeat(subject: &Subject) -> String {
    let (board, config) = (&subject.board.name, &subject.config.name);
    let commands = match subject.board.family.flow() {
        Flow::Open => format!(
            "galena bitstream build --board {board} --config {config} --manifest\ngalena bitstream sweep --board {board} --config {config} --seeds 16 --record\ngalena board report"
        ),
        Flow::Vivado => format!("galena bitstream script --board {board} --config {config}\ngalena board report"),
    };
    let tools = subject.manifest.as_ref().map(|m| &m.tools).or(subject.sweep.as_ref().map(|s| &s.tools));
    let tools = tools.map_or(String::new(), |Versions { yosys, nextpnr, ecppack }| {
        format!("<p class=\"note\">{}; {}; {}.</p>\n", text(yosys), text(nextpnr), text(ecppack))
    });
    format!("<h2>Again</h2>\n<pre>{commands}</pre>\n{tools}<p><a href=\"index.html\">all boards</a></p>\n")
}

/// The index of the pages.
pub fn index(subjects: &[Subject]) -> String {
    let mut body = String::from(
        "<h1>Boards</h1>\n<p>A page for every board with every config that is meant for it. The clock is the config's; where a bitstream was recorded, \
         what place and route allows stands beside it.</p>\n<div class=\"wide\"><table>\n\
         <tr><th>board</th><th>config</th><th>part</th><th>clock, MHz</th><th>possible, MHz</th><th>seeds: min, median, max</th><th>permutations a second</th></tr>\n",
    );
    for subject in subjects {
        let possible = subject.manifest.as_ref().map_or("–".into(), |m| format!("{:.2}", m.clock.fmax_mhz));
        let spread = subject.sweep.as_ref().and_then(crate::flow::Sweep::spread);
        let spread =
            spread.map_or(String::new(), |[least, median, most]| format!("{least:.1}, {median:.1}, {most:.1}"));
        let _ = writeln!(
            body,
            "<tr><td><a href=\"{}\">{}</a></td><td>{}</td><td>{}</td><td class=\"n\">{:.0}</td><td class=\"n\">{possible}</td><td>{spread}</td><td class=\"n\">{}</td></tr>",
            subject.file(),
            subject.board.name,
            subject.config.name,
            text(&subject.board.part),
            f64::from(subject.config.clock_hz) / 1e6,
            grouped(Rates::of(subject.board, subject.config).permutations as u64),
        );
    }
    document("Boards", &(body + "</table></div>\n"))
}
