//! Bars and dots, as SVG that takes its colours from the page.

use crate::board::grouped;
use std::fmt::Write;

/// Width of a drawing, in its own units.
const WIDTH: f64 = 640.0;

/// A bar of so much of so many, with its label and its share.
pub(super) fn bars(rows: &[(String, u64, u64)]) -> String {
    const ROW: f64 = 26.0;
    let (left, right) = (170.0, 190.0);
    let full = WIDTH - left - right;
    let mut svg = open(ROW * rows.len() as f64 + 4.0, "how much of the part is used");
    for (k, (label, used, available)) in rows.iter().enumerate() {
        let (y, share) = (ROW * k as f64 + 4.0, *used as f64 / (*available).max(1) as f64);
        let middle = y + 13.0;
        let _ = writeln!(
            svg,
            "<text x=\"{x}\" y=\"{middle}\" text-anchor=\"end\">{label}</text>\
             <rect class=\"all\" x=\"{left}\" y=\"{y}\" width=\"{full}\" height=\"18\"/>\
             <rect class=\"{class}\" x=\"{left}\" y=\"{y}\" width=\"{width:.1}\" height=\"18\"/>\
             <text x=\"{end}\" y=\"{middle}\">{used} of {available}, {percent:.1} %</text>",
            x = left - 8.0,
            class = if share > 1.0 { "over" } else { "used" },
            width = full * share.min(1.0),
            end = left + full + 8.0,
            percent = 100.0 * share,
            used = grouped(*used),
            available = grouped(*available),
        );
    }
    svg + "</svg>\n"
}

/// A dot for every seed over an axis in MHz, with a line at what is wanted and a mark at the median.
pub(super) fn dots(seeds: &[(u32, f64)], wanted: f64, median: f64) -> String {
    let values = || seeds.iter().map(|s| s.1).chain([wanted]);
    let step = 5.0;
    let least = (values().fold(f64::INFINITY, f64::min) / step).floor() * step;
    let most = ((values().fold(0.0, f64::max) / step).ceil() * step).max(least + step);
    let x = |mhz: f64| 30.0 + (WIDTH - 60.0) * (mhz - least) / (most - least);
    let height = 96.0;
    let mut svg = open(height, "the clock by seed");
    let _ = writeln!(svg, "<line class=\"axis\" x1=\"30\" y1=\"70\" x2=\"{}\" y2=\"70\"/>", WIDTH - 30.0);
    let ticks = ((most - least) / step).round() as usize;
    for tick in (0..=ticks).step_by(ticks.div_ceil(8).max(1)) {
        let mhz = least + step * tick as f64;
        let _ = writeln!(
            svg,
            "<line class=\"axis\" x1=\"{x:.1}\" y1=\"70\" x2=\"{x:.1}\" y2=\"75\"/><text x=\"{x:.1}\" y=\"90\" text-anchor=\"middle\">{mhz:.0}</text>",
            x = x(mhz)
        );
    }
    for (name, mhz, class) in [("wanted", wanted, "wanted"), ("median", median, "median")] {
        let _ = writeln!(
            svg,
            "<line class=\"{class}\" x1=\"{x:.1}\" y1=\"18\" x2=\"{x:.1}\" y2=\"70\"/><text class=\"{class}\" x=\"{x:.1}\" y=\"13\" text-anchor=\"middle\">{name}</text>",
            x = x(mhz)
        );
    }
    for (k, (seed, mhz)) in seeds.iter().enumerate() {
        // In three rows, so that equal ones are seen.
        let y = 30.0 + 14.0 * (k % 3) as f64;
        let _ = writeln!(
            svg,
            "<circle cx=\"{:.1}\" cy=\"{y}\" r=\"5\"><title>seed {seed}: {mhz:.2} MHz</title></circle>",
            x(*mhz)
        );
    }
    svg + "</svg>\n"
}

fn open(height: f64, title: &str) -> String {
    format!("<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{title}\">\n<title>{title}</title>\n")
}
