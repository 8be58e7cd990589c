//! The style of the emitted Verilog, rule by rule, over every config, every block at every point, and the golden files.

use galena_hdl::block::BLOCKS;
use galena_hdl::golden::golden;
use galena_hdl::{VerilogFile, core, emit};
use galena_target::CONFIGS;
use std::collections::BTreeSet;

/// Columns of a line.
const LINE: usize = 120;

/// What may follow a `$`: functions of the language.
const SYSTEM: [&str; 4] = ["clog2", "signed", "unsigned", "readmemh"];

/// What a rule finds wrong in a file; nothing if it is kept.
type Rule = fn(&VerilogFile) -> Option<String>;

const RULES: [(&str, Rule); 8] = [
    ("the header says name and purpose, latency, throughput, and who printed it", header),
    ("`default_nettype` is none before the module and wire after it", nettype),
    ("one module a file, of the file's name", one_module),
    ("no `$` but of system functions", dollars),
    ("names of signals are lower case, of parameters upper case", names),
    ("s_ takes a stream, m_ drives one", prefixes),
    ("ports, parameters and their comments are aligned", alignment),
    ("lines fit, hold no tab, end in no space, and switch no lint off", lines),
];

fn code(line: &str) -> &str {
    line.split("//").next().unwrap_or("")
}

fn stem(file: &VerilogFile) -> &str {
    file.name.strip_suffix(".v").unwrap_or(&file.name)
}

fn header(file: &VerilogFile) -> Option<String> {
    let comment: Vec<&str> = file.text.lines().take_while(|l| l.starts_with("//")).collect();
    let purpose = comment.first().and_then(|l| l.strip_prefix(&format!("// {}: ", stem(file))));
    if purpose.is_none_or(str::is_empty) {
        return Some("no purpose: give it to `Module::new`".into());
    }
    for label in ["// Latency:    ", "// Throughput: ", "// Printed by galena-hdl"] {
        if !comment.iter().any(|l| l.strip_prefix(label).is_some_and(|rest| !rest.is_empty())) {
            return Some(format!("no line `{label}`: say it with `Module::timing`"));
        }
    }
    None
}

fn nettype(file: &VerilogFile) -> Option<String> {
    let before = file.text.split("\nmodule ").next().unwrap_or("");
    let kept =
        before.ends_with("\n`default_nettype none\n") && file.text.ends_with("\nendmodule\n\n`default_nettype wire\n");
    (!kept).then(|| "the lines around the module are others".into())
}

fn one_module(file: &VerilogFile) -> Option<String> {
    let starts: Vec<&str> = file.text.lines().filter_map(|l| l.strip_prefix("module ")).collect();
    let named = |s: &&str| s.split([' ', '(', ';']).next() == Some(stem(file));
    (starts.len() != 1 || !starts.iter().all(named)).then(|| format!("found {starts:?}"))
}

fn dollars(file: &VerilogFile) -> Option<String> {
    let word = |text: &str| text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect::<String>();
    let plain = |before: &str, after: &str| {
        !before.ends_with(|c: char| c.is_ascii_alphanumeric()) && SYSTEM.contains(&word(after).as_str())
    };
    let bad = |line: &&str| {
        let line = code(line);
        line.match_indices('$').any(|(at, _)| !plain(&line[..at], &line[at + 1..]))
    };
    file.text.lines().find(bad).map(Into::into)
}

/// A line between `module` and the end of the ports.
struct Declaration<'a> {
    line: &'a str,
    port: bool,
    name: &'a str,
}

fn declarations(file: &VerilogFile) -> Vec<Declaration<'_>> {
    let lines = file.text.lines().skip_while(|l| !l.starts_with("module ")).skip(1).take_while(|l| *l != ");");
    lines.filter(|l| *l != ") (").map(declaration).collect()
}

fn declaration(line: &str) -> Declaration<'_> {
    let text = code(line).split('=').next().unwrap_or("").trim_end().trim_end_matches(',');
    let name = text.rsplit([' ', ']']).next().unwrap_or("");
    Declaration { line, port: !line.trim_start().starts_with("parameter "), name }
}

fn names(file: &VerilogFile) -> Option<String> {
    let upper = |n: &str| n.chars().all(|c| c == '_' || c.is_ascii_digit() || c.is_ascii_uppercase());
    let lower = |n: &str| n.chars().all(|c| c == '_' || c.is_ascii_digit() || c.is_ascii_lowercase());
    let wrong = |d: &Declaration| d.name.is_empty() || !if d.port { lower(d.name) } else { upper(d.name) };
    let declared = declarations(file).into_iter().find(wrong).map(|d| d.line.into());
    declared.or_else(|| (!lower(stem(file))).then(|| file.name.clone()))
}

fn prefixes(file: &VerilogFile) -> Option<String> {
    let wrong = |d: &Declaration| {
        let input = d.line.trim_start().starts_with("input");
        let sides = [("s_", true), ("m_", false)];
        let mut stream = sides.iter().filter_map(|(prefix, sink)| Some((d.name.strip_prefix(prefix)?, *sink)));
        // The ports of an AXI link follow the channel, not the side.
        let Some((signal, sink)) = stream.next().filter(|(n, _)| d.port && !n.starts_with("axi")) else { return false };
        // `ready` goes against the stream; everything else with it.
        input != (sink != (signal == "ready"))
    };
    declarations(file).into_iter().find(wrong).map(|d| d.line.into())
}

fn alignment(file: &VerilogFile) -> Option<String> {
    for ports in [false, true] {
        let list: Vec<_> = declarations(file).into_iter().filter(|d| d.port == ports).collect();
        let place = |d: &Declaration| if ports { code(d.line).rfind(d.name) } else { d.line.find('=') };
        let places: BTreeSet<usize> = list.iter().filter_map(place).collect();
        let comments: BTreeSet<usize> = list.iter().filter_map(|d| d.line.find("//")).collect();
        if places.len() > 1 || comments.len() > 1 {
            return Some(format!("names or values stand in columns {places:?}, comments in {comments:?}"));
        }
    }
    None
}

fn lines(file: &VerilogFile) -> Option<String> {
    let wrong =
        |l: &&str| !l.is_ascii() || l.len() > LINE || l.contains('\t') || l.ends_with(' ') || l.contains("verilator");
    file.text.lines().find(wrong).map(|l| format!("{} columns: {l}", l.len()))
}

/// Every Verilog text there is, once.
fn everything() -> Vec<VerilogFile> {
    let mut files = golden().unwrap();
    CONFIGS.iter().for_each(|config| files.extend(core(config).unwrap()));
    for point in BLOCKS.iter().flat_map(|block| (block.points)()) {
        files.extend(emit(&point.module).unwrap());
    }
    files.retain(|file| file.name.ends_with(".v"));
    files.sort_by(|a, b| (&a.name, &a.text).cmp(&(&b.name, &b.text)));
    files.dedup();
    files
}

#[test]
fn every_file_keeps_every_rule() {
    let files = everything();
    assert!(files.len() > 60, "{} files", files.len());
    let breach =
        |file: &VerilogFile, rule: &(&str, Rule)| rule.1(file).map(|what| format!("{}: {}: {what}", file.name, rule.0));
    let mut broken: Vec<String> = files.iter().flat_map(|f| RULES.iter().filter_map(move |r| breach(f, r))).collect();
    broken.dedup();
    assert!(broken.is_empty(), "{} breaches\n{}", broken.len(), broken.join("\n"));
}

#[test]
fn each_rule_is_seen_to_be_broken() {
    let good = "// a: adds\n// Latency:    1 clock\n// Throughput: one a clock\n// Printed by galena-hdl: x\n\n\
                `default_nettype none\n\nmodule a #(\n    parameter WIDTH = 8, // bits\n    parameter N     = 2  // of them\n) (\n    \
                input wire  s_valid,\n    output wire s_ready\n);\n\n    assign s_ready = $signed(s_valid) != 0;\nendmodule\n\n\
                `default_nettype wire\n";
    let broken = |text: String| {
        let file = VerilogFile { name: "a.v".into(), text };
        RULES.iter().filter(|(_, rule)| rule(&file).is_some()).count()
    };
    assert_eq!(broken(good.into()), 0);
    let changes = [
        ("// a: adds\n", "// b: adds\n"),
        ("// Latency:    1 clock\n", ""),
        ("`default_nettype wire\n", ""),
        ("endmodule\n", "endmodule\nmodule c;\nendmodule\n"),
        ("module a ", "module b "),
        ("$signed", "s$igned"),
        ("= $signed", "= s$signed"),
        ("parameter N    ", "parameter n    "),
        ("input wire  s_valid", "output wire s_valid"),
        ("parameter N     =", "parameter N ="),
        ("  // of them", " // of them"),
        ("!= 0;", "!= 0; "),
        ("!= 0;", "!= 0; /* verilator lint_off WIDTH */"),
    ];
    for (old, new) in changes {
        assert!(good.contains(old) && broken(good.replace(old, new)) > 0, "`{old}` to `{new}` is not noticed");
    }
}
