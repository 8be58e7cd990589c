//! The save file for GTKWave: signals in groups with their radix, the job in the window, its start and its first result marked.

use super::{Recording, Scope, Signal, Wave, WaveError};
use std::fmt::Write;

/// Flags of a trace, as GTKWave's save files have them.
mod flag {
    pub(super) const HEX: u32 = 0x22;
    pub(super) const DECIMAL: u32 = 0x24;
    pub(super) const BIT: u32 = 0x28;
    pub(super) const BLANK: u32 = 0x200;
    pub(super) const OPEN: u32 = 0x80_0200;
    pub(super) const OPEN_END: u32 = 0x100_0200;
    pub(super) const CLOSED: u32 = 0xc0_0200;
    pub(super) const CLOSED_END: u32 = 0x140_1200;
}

/// Pixels of the window, and of that part of it in which the job is to fit.
const WINDOW: (u32, u32) = (1600, 950);
const WAVES: f64 = 1000.0;

/// Pixels of a step of GTKWave's zoom.
const FRAME: f64 = 200.0;

/// The text of the save file. Every signal in it is in the waves; one that they lack (wider than they take, or optimised away) is left out.
pub fn save_file(wave: &Wave) -> Result<String, WaveError> {
    let recording = Recording::open(&wave.fst)?;
    let times = [wave.start, wave.result].map(|clock| 2 * clock);
    let shown = (2 * (wave.end - wave.start)) as f64 * 1.05;
    let zoom = -(FRAME * shown / WAVES).log2();
    let file = wave.fst.file_name().unwrap_or_default().to_string_lossy();
    let mut text = format!(
        "[*] {}\n[*] two time units are a clock; marker A is the start of the job, B its first result\n",
        wave.what
    );
    let _ = write!(
        text,
        "[dumpfile] \"{file}\"\n[savefile] \"{}.gtkw\"\n[timestart] {}\n[size] {} {}\n[pos] -1 -1\n*{zoom:.6} {} {} {}{}\n[markername] AJob\n[markername] BResult\n",
        wave.name,
        times[0].saturating_sub(shown as u64 / 40),
        WINDOW.0,
        WINDOW.1,
        times[1],
        times[0],
        times[1],
        " -1".repeat(24),
    );
    text += "[sst_width] 90\n[signals_width] 430\n[sst_expanded] 0\n[sst_vpaned_height] 300\n";
    let mut flags = 0;
    for scope in &wave.scopes {
        group(&mut text, &mut flags, scope, wave.depth, &recording);
    }
    Ok(text)
}

/// A scope: its streams in an open group if it is near enough to the top, all else in a closed one.
fn group(text: &mut String, flags: &mut u32, scope: &Scope, depth: usize, recording: &Recording) {
    let title = match (scope.depth, depth) {
        (0, 0) => "ports".to_owned(),
        (0, _) => "link".to_owned(),
        _ => format!("{} ({})", scope.name, scope.module),
    };
    let (near, streams) = (scope.depth <= depth, !scope.channels.is_empty());
    let mut clusters: Vec<Vec<&Signal>> =
        scope.channels.iter().map(|c| [&c.valid, &c.ready].into_iter().chain(&c.payload).collect()).collect();
    let others: Vec<&Signal> = scope.others.iter().collect();
    if scope.depth == 0 || !near || !streams {
        // The top's clock and reset come first.
        let at = if scope.depth == 0 { 0 } else { clusters.len() };
        clusters.insert(at, others);
        put(text, flags, &title, &clusters, near, recording);
    } else {
        put(text, flags, &title, &clusters, true, recording);
        put(text, flags, &format!("{}, its other signals", scope.name), &[others], false, recording);
    }
}

fn put(text: &mut String, flags: &mut u32, title: &str, clusters: &[Vec<&Signal>], open: bool, recording: &Recording) {
    let found = |signals: &Vec<&Signal>| -> Vec<(u32, String)> {
        signals.iter().filter_map(|s| Some((radix(s), recording.full_name(&s.path)?))).collect()
    };
    let clusters: Vec<_> = clusters.iter().map(found).filter(|signals| !signals.is_empty()).collect();
    if clusters.is_empty() {
        return;
    }
    let mut line = |flag: u32, name: &str| {
        if *flags != flag {
            let _ = writeln!(text, "@{flag:x}");
            *flags = flag;
        }
        let _ = writeln!(text, "{name}");
    };
    line(if open { flag::OPEN } else { flag::CLOSED }, &format!("-{title}"));
    for (k, signals) in clusters.iter().enumerate() {
        if k > 0 {
            line(flag::BLANK, "-");
        }
        signals.iter().for_each(|(flag, name)| line(*flag, name));
    }
    line(if open { flag::OPEN_END } else { flag::CLOSED_END }, &format!("-{title}"));
}

/// How a value is read best: a bit, field elements and words of data in hexadecimal, counts and places in decimal.
fn radix(signal: &Signal) -> u32 {
    match signal.width {
        1 => flag::BIT,
        width if width.is_multiple_of(31) || width > 64 || signal.name.ends_with("data") => flag::HEX,
        _ => flag::DECIMAL,
    }
}
