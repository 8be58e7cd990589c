//! Reads the counters that a Verilated model writes (`coverage.dat`).
//!
//! A line is `C '<key><value>...' <count>`, keys behind byte 1 and values behind byte 2: `f` the file, `l` the line, `page` the sort
//! (`v_toggle/module`), `o` the comment (of a toggle, the bit: `head[3]`; of a bit of a memory, `memory[12][3]`: those are passed over).

use galena_hdl::VerilogFile;
use std::collections::BTreeMap;

/// What a counter counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sort {
    /// Passes through a piece of code: a block of statements, a branch.
    Line,
    /// Changes of a bit.
    Toggle,
}

/// A counter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Counter {
    pub(super) sort: Sort,
    /// The module: name of the file.
    pub(super) module: String,
    pub(super) line: usize,
    /// Of a toggle the bit, of a line what sort of branch it is.
    pub(super) what: String,
    /// Place in the line, and the parameters of the module: tells counters apart that agree in the rest.
    pub(super) place: String,
}

/// Counters and how often they counted.
pub(super) type Counts = BTreeMap<Counter, u64>;

/// Adds the counters of a file to those at hand.
pub(super) fn add(text: &str, counts: &mut Counts) -> Result<(), String> {
    for line in text.lines().filter(|l| l.starts_with("C '")) {
        let wrong = || format!("expected a coverage counter, found `{}`", line.escape_default());
        let (keys, count) = line[3..].rsplit_once("' ").ok_or_else(wrong)?;
        let mut fields: BTreeMap<&str, &str> = BTreeMap::new();
        for part in keys.split('\x01').filter(|p| !p.is_empty()) {
            let (key, value) = part.split_once('\x02').ok_or_else(wrong)?;
            fields.insert(key, value);
        }
        let of = |key: &str| fields.get(key).copied().unwrap_or("");
        // A word of a memory: what it holds is seen where it is read.
        if of("o").matches('[').count() > 1 {
            continue;
        }
        let (sort, parameters) = of("page").split_once('/').ok_or_else(wrong)?;
        let sort = match sort {
            "v_toggle" => Sort::Toggle,
            "v_line" | "v_branch" => Sort::Line,
            _ => continue,
        };
        let file = of("f").rsplit('/').next().unwrap_or("");
        let counter = Counter {
            sort,
            module: file.trim_end_matches(".v").to_string(),
            line: of("l").parse().map_err(|_| wrong())?,
            what: of("o").to_string(),
            place: format!("{parameters} {}", of("n")),
        };
        *counts.entry(counter).or_default() += count.trim().parse::<u64>().map_err(|_| wrong())?;
    }
    Ok(())
}

/// The text of a counter's line.
pub(super) fn line<'a>(counter: &Counter, files: &'a [VerilogFile]) -> &'a str {
    let file = files.iter().find(|f| f.name.strip_suffix(".v") == Some(&counter.module));
    file.and_then(|f| f.text.lines().nth(counter.line.checked_sub(1)?)).map_or("", str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_read_and_added_up() {
        let dat = "# SystemC::Coverage-3\n\
            C '\x01f\x02a/b/m.v\x01l\x0212\x01n\x025\x01page\x02v_toggle/m\x01o\x02head[3]\x01h\x02TOP' 4\n\
            C '\x01f\x02m.v\x01l\x0220\x01n\x029\x01page\x02v_branch/m\x01o\x02else\x01h\x02TOP' 0\n\
            C '\x01f\x02m.v\x01l\x0221\x01page\x02v_toggle/m\x01o\x02memory[1][3]\x01h\x02TOP' 0\n\
            C '\x01f\x02m.v\x01l\x0220\x01page\x02v_user/m\x01o\x02x\x01h\x02TOP' 0\n";
        let mut counts = Counts::new();
        add(dat, &mut counts).unwrap();
        add(dat, &mut counts).unwrap();
        let found: Vec<_> =
            counts.iter().map(|(c, n)| (c.sort, c.module.as_str(), c.line, c.what.as_str(), *n)).collect();
        assert_eq!(found, [(Sort::Line, "m", 20, "else", 0), (Sort::Toggle, "m", 12, "head[3]", 8)]);
        assert!(add("C 'x' 1", &mut counts).is_err());
        assert!(add("C '\x01page\x02v_line/m\x01l\x02z' 1", &mut counts).is_err());
    }
}
