//! A drawing as SVG: one column a clock, streams one below the other, what is left out between two windows said in words. Light and dark.

use super::{Drawing, Row, Shown};
use crate::figure::count;
use std::fmt::Write;

const MARGIN: f64 = 14.0;
/// The names on the left, a clock, a gap.
const NAMES: f64 = 132.0;
const CLOCK: f64 = 30.0;
const GAP: f64 = 50.0;
/// The title with the numbers of the clocks below it, a group's name, a row, the wave in it, the legend.
const HEAD: f64 = 60.0;
const GROUP: f64 = 22.0;
const ROW: f64 = 21.0;
const WAVE: f64 = 15.0;
const FOOT: f64 = 24.0;
/// Half of the width of a slope.
const SLOPE: f64 = 2.0;
/// Columns at least between the numbers of two clocks.
const NUMBERS: usize = 2;
/// Characters that a clock has room for.
const DIGITS: usize = 4;

/// What does not depend on light and dark.
const SHAPES: &str = "\
text{font:11px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace}\
.t{font:600 13px system-ui,'Segoe UI',Helvetica,Arial,sans-serif}\
.g{font:600 11.5px system-ui,'Segoe UI',Helvetica,Arial,sans-serif}\
.q{font:11px system-ui,'Segoe UI',Helvetica,Arial,sans-serif}\
.w{fill:none;stroke-width:1.4;stroke-linejoin:round}\
.b,.m{stroke-width:1.2}\
.l{stroke-width:1}\
.i{stroke-width:1;opacity:.45}\
.d{stroke-width:1.2;stroke-dasharray:2 3}\
.r{stroke:#c2571a;stroke-width:1.4;stroke-dasharray:4 3}";

/// What is coloured: light, dark, and the rules with an `@` for the colour. No variables: many viewers of SVG know none and would draw all in black.
#[rustfmt::skip] // a row a line
const COLOURS: [[&str; 3]; 7] = [
    ["#fff",    "#12161c", ".p,.b{fill:@}"],
    ["#1b1f24", "#e6e9ee", "text{fill:@}"],
    ["#5a6572", "#9aa5b1", ".q,.n{fill:@}.i{stroke:@}"],
    ["#e3e7ec", "#2a313b", ".l{stroke:@}"],
    ["#2f5fa8", "#7fb0f5", ".g{fill:@}.w,.b,.m,.d{stroke:@}"],
    ["#dbe7f8", "#23395c", ".f,.m{fill:@}"],
    ["#f3f4f6", "#1b212a", ".a{fill:@}"],
];

fn style() -> String {
    let colours = |dark: usize| COLOURS.map(|row| row[2].replace('@', row[dark])).concat();
    format!("{SHAPES}{}@media(prefers-color-scheme:dark){{{}}}", colours(0), colours(1))
}

/// Where the columns are.
struct Columns {
    /// Left edge and clock number of every column.
    at: Vec<(f64, u64)>,
    /// Left edge of every gap, the first column behind it, and the clocks left out.
    gaps: Vec<(f64, usize, u64)>,
    right: f64,
}

/// The picture.
pub fn svg(drawing: &Drawing) -> String {
    let columns = columns(drawing);
    let groups = drawing.rows.iter().filter(|row| !row.group.is_empty()).count();
    let height = HEAD + ROW + groups as f64 * GROUP + drawing.rows.len() as f64 * ROW + FOOT;
    let width = columns.right + MARGIN;
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\">\n\
         <title>{}</title>\n<style>{}</style>\n<rect class=\"p\" width=\"{width}\" height=\"{height}\" rx=\"8\"/>\n",
        escape(&drawing.what),
        style()
    );
    let clocks = format!("{} clocks, first result in clock {}", count(drawing.clocks), count(drawing.result));
    words(&mut text, "t", MARGIN, 20.0, "start", &drawing.what);
    words(&mut text, "q", MARGIN, 36.0, "start", &clocks);
    let bottom = height - FOOT + 2.0;
    grid(&mut text, &columns, drawing, bottom);
    let mut y = HEAD;
    clock(&mut text, &columns, y);
    y += ROW;
    for row in &drawing.rows {
        if !row.group.is_empty() {
            words(&mut text, "g", MARGIN, y + 16.0, "start", &row.group);
            y += GROUP;
        }
        words(&mut text, "n", MARGIN + NAMES - 8.0, y + 14.0, "end", &named(row));
        let values: Vec<(&str, bool)> =
            row.values.split(' ').map(|v| v.strip_suffix('!').map_or((v, false), |v| (v, true))).collect();
        match row.shown {
            Shown::Bit => level(&mut text, &columns, y + 3.0, &values),
            Shown::Value | Shown::Payload => value(&mut text, &columns, y + 3.0, row, &values),
        }
        y += ROW;
    }
    let legend = "tinted: a beat moves (of a value that waits, in its last clock); hexadecimal, low digits";
    words(&mut text, "q", MARGIN, height - 9.0, "start", legend);
    text + "</svg>\n"
}

fn columns(drawing: &Drawing) -> Columns {
    let (mut at, mut gaps, mut x) = (vec![], vec![], MARGIN + NAMES);
    for (k, window) in drawing.windows.iter().enumerate() {
        if let Some(before) = k.checked_sub(1).and_then(|k| drawing.windows.get(k)) {
            gaps.push((x, at.len(), window.first - before.first - before.clocks));
            x += GAP;
        }
        for clock in 0..window.clocks {
            at.push((x, window.first + clock));
            x += CLOCK;
        }
    }
    Columns { at, gaps, right: x }
}

/// Lines at the clocks, their numbers, the gaps, and the first result.
fn grid(text: &mut String, columns: &Columns, drawing: &Drawing, bottom: f64) {
    for (x, gap) in columns.gaps.iter().map(|(x, _, gap)| (*x, *gap)) {
        let height = bottom - HEAD;
        let _ = writeln!(text, "<rect class=\"a\" x=\"{x}\" y=\"{HEAD}\" width=\"{GAP}\" height=\"{height}\"/>");
        let middle = x + GAP / 2.0;
        words(text, "q", middle, HEAD + 10.0, "middle", &format!("… {}", count(gap)));
        words(text, "q", middle, HEAD + 21.0, "middle", "clocks …");
    }
    for (k, &(x, clock)) in columns.at.iter().enumerate() {
        let _ = writeln!(text, "<path class=\"l\" d=\"M{x} {HEAD}V{bottom}\"/>");
        // The first of a window has its number, and every fifth that is not too near to it or to the gap behind it.
        let starts = |column: usize| column == 0 || columns.gaps.iter().any(|(_, at, _)| *at == column);
        let near = (k.saturating_sub(NUMBERS)..k).any(starts) || starts(k + 1);
        if starts(k) || clock.is_multiple_of(5) && !near {
            words(text, "q", x + CLOCK / 2.0, HEAD - 5.0, "middle", &count(clock));
        }
        if clock == drawing.result {
            let _ = writeln!(text, "<path class=\"r\" d=\"M{x} {HEAD}V{bottom}\"/>");
        }
    }
}

/// The clock itself.
fn clock(text: &mut String, columns: &Columns, y: f64) {
    words(text, "n", MARGIN + NAMES - 8.0, y + 14.0, "end", "clk");
    let (top, low) = (y + 3.0, y + 3.0 + WAVE);
    for run in runs(columns, |_, _| true) {
        let mut path = format!("M{} {low}", columns.at[run.0].0);
        for k in run.0..run.1 {
            let x = columns.at[k].0;
            let _ = write!(path, "H{}V{top}H{}V{low}", x + 0.5, x + CLOCK / 2.0);
        }
        let _ = writeln!(text, "<path class=\"w\" d=\"{path}H{}\"/>", columns.at[run.1 - 1].0 + CLOCK);
    }
}

/// A level, tinted where a beat moves.
fn level(text: &mut String, columns: &Columns, y: f64, values: &[(&str, bool)]) {
    let height = |k: usize| if values.get(k).is_some_and(|v| v.0 == "1") { y } else { y + WAVE };
    for (k, (x, _)) in columns.at.iter().enumerate().filter(|(k, _)| values.get(*k).is_some_and(|v| v.1)) {
        let _ = writeln!(text, "<rect class=\"f\" x=\"{x}\" y=\"{}\" width=\"{CLOCK}\" height=\"{WAVE}\"/>", height(k));
    }
    for (first, end) in runs(columns, |_, _| true) {
        let mut path = format!("M{} {}", columns.at[first].0, height(first));
        for k in first + 1..end {
            let x = columns.at[k].0;
            if height(k) != height(k - 1) {
                let _ = write!(path, "H{}L{} {}", x - SLOPE, x + SLOPE, height(k));
            }
        }
        let _ = writeln!(text, "<path class=\"w\" d=\"{path}H{}\"/>", columns.at[end - 1].0 + CLOCK);
    }
    for &(x, at, _) in &columns.gaps {
        if at > 0 && height(at - 1) == height(at) {
            let _ = writeln!(text, "<path class=\"d\" d=\"M{x} {}H{}\"/>", height(at), x + GAP);
        }
    }
}

/// A value: a box as long as it stands, with its low digits; a line where it does not count.
fn value(text: &mut String, columns: &Columns, y: f64, row: &Row, values: &[(&str, bool)]) {
    let of = |k: usize| values.get(k).copied().unwrap_or(("-", false));
    let middle = y + WAVE / 2.0;
    // Beats that move are boxes of their own, even where the next is the same; a value that waits or rests is one.
    let same = |a: usize, b: usize| of(a).0 == of(b).0 && (row.shown == Shown::Value || !of(a).1);
    for (first, end) in runs(columns, same) {
        let (left, right) = (columns.at[first].0, columns.at[end - 1].0 + CLOCK);
        let (digits, moved) = (of(first).0, of(end - 1).1);
        if digits == "-" {
            let _ = writeln!(text, "<path class=\"i\" d=\"M{left} {middle}H{right}\"/>");
            continue;
        }
        let (l, r, bottom) = (left + SLOPE, right - SLOPE, y + WAVE);
        let class = if moved { "m" } else { "b" };
        let _ = writeln!(
            text,
            "<path class=\"{class}\" d=\"M{left} {middle}L{l} {y}H{r}L{right} {middle}L{r} {bottom}H{l}Z\"/>"
        );
        let room = if end - first > 1 { 2 * DIGITS } else { DIGITS };
        let low = &digits[digits.len().saturating_sub(room)..];
        words(text, "v", (left + right) / 2.0, y + 11.5, "middle", low);
    }
}

/// Stretches of columns without a gap in which each is `same` as the next.
fn runs(columns: &Columns, same: impl Fn(usize, usize) -> bool) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = vec![];
    for k in 0..columns.at.len() {
        let gap = columns.gaps.iter().any(|(_, at, _)| *at == k);
        match runs.last_mut() {
            Some(run) if !gap && same(k - 1, k) => run.1 = k + 1,
            _ => runs.push((k, k + 1)),
        }
    }
    runs
}

fn words(text: &mut String, class: &str, x: f64, y: f64, anchor: &str, what: &str) {
    let _ =
        writeln!(text, "<text class=\"{class}\" x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\">{}</text>", escape(what));
}

/// The name of a row, with its range where there is room for it.
fn named(row: &Row) -> String {
    const MOST: usize = 18;
    let full = if row.width > 1 { format!("{}[{}:0]", row.name, row.width - 1) } else { row.name.clone() };
    match [&full, &row.name].into_iter().find(|name| name.chars().count() <= MOST) {
        Some(name) => name.clone(),
        None => format!("{}…", row.name.chars().take(MOST - 1).collect::<String>()),
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
