//! The mutants of a module: one small change each, of the kinds that a slip of the hand or of the mind makes.

use super::expression::{Expression, Node};
use super::statement::{Signal, Site, Source};
use std::ops::Range;

/// A change of one place of a printed module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mutant {
    /// The module.
    pub(super) module: String,
    /// Line of the file.
    pub(super) line: usize,
    /// That line, without indentation.
    pub(super) text: String,
    /// The sort of the change.
    pub(super) sort: &'static str,
    /// Bytes of the file that are changed.
    pub(super) span: Range<usize>,
    /// What stands there, and what stands there instead; a statement that is dropped becomes nothing.
    pub(super) old: String,
    pub(super) new: Option<String>,
}

impl std::fmt::Display for Mutant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let new = self.new.as_deref().unwrap_or("nothing");
        write!(f, "{}.v:{} {}: `{}` becomes `{new}` in `{}`", self.module, self.line, self.sort, self.old, self.text)
    }
}

/// Operators and what replaces them.
const OPERATORS: [(&str, &str); 17] = [
    ("+", "-"),
    ("-", "+"),
    ("*", "+"),
    ("&", "|"),
    ("|", "&"),
    ("^", "|"),
    ("==", "!="),
    ("!=", "=="),
    ("&&", "||"),
    ("||", "&&"),
    ("<", "<="),
    ("<=", "<"),
    (">", ">="),
    (">=", ">"),
    ("<<", ">>"),
    (">>", "<<"),
    ("~^", "^"),
];

/// Operators whose operands may not be swapped.
const ORDERED: [&str; 5] = ["-", "<", "<=", ">", ">="];

/// All mutants of a module, in the order of the text.
pub(super) fn mutants(text: &str, source: &Source) -> Vec<Mutant> {
    let mut maker = Maker { text, source, out: vec![] };
    for site in &source.sites {
        match site {
            Site::Condition(condition) => {
                maker.expression(condition);
                let plain = maker.of(condition);
                maker.add("condition negated", condition.span.clone(), format!("!({plain})"));
                maker.add("condition always true", condition.span.clone(), "1'b1".into());
            }
            Site::Wire(name, value) => {
                maker.expression(value);
                maker.stuck(name.as_deref(), value);
            }
            Site::Register(statement, name, value) => {
                maker.expression(value);
                maker.stuck(name.as_deref(), value);
                maker.push("assignment dropped", statement.clone(), None);
            }
            Site::Connection(value) => {
                maker.expression(value);
                maker.add("input stuck at 0", value.span.clone(), "0".into());
            }
            Site::Value(value) => maker.expression(value),
        }
    }
    maker.out
}

struct Maker<'a> {
    text: &'a str,
    source: &'a Source,
    out: Vec<Mutant>,
}

impl Maker<'_> {
    fn of(&self, part: &Expression) -> String {
        self.text[part.span.clone()].to_string()
    }

    /// The line that a place is in, without indentation.
    fn line(&self, at: usize) -> String {
        let start = self.text[..at].rfind('\n').map_or(0, |n| n + 1);
        self.text[start..].lines().next().unwrap_or("").trim().to_string()
    }

    fn signal(&self, name: &str) -> Option<&Signal> {
        self.source.signals.get(name)
    }

    fn add(&mut self, sort: &'static str, span: Range<usize>, new: String) {
        self.push(sort, span, Some(new));
    }

    fn push(&mut self, sort: &'static str, span: Range<usize>, new: Option<String>) {
        let old = self.text[span.clone()].to_string();
        let text = self.line(span.start);
        let line = self.text[..span.start].matches('\n').count() + 1;
        let same = |m: &Mutant| m.span == span && m.new == new;
        if new.as_deref() != Some(&old) && !self.out.iter().any(same) {
            self.out.push(Mutant { module: self.source.name.clone(), line, text, sort, span, old, new });
        }
    }

    /// A bit of what is assigned never changes (or, where the width is a parameter, is inverted).
    fn stuck(&mut self, name: Option<&str>, value: &Expression) {
        // Bits of a constant are changed as a constant.
        if value.node == Node::Number {
            return;
        }
        let Some(signal) = name.and_then(|name| self.signal(name)).copied() else { return };
        let plain = self.of(value);
        // The bit is drawn by the text, so that it is the same in every run.
        let place = draw(&plain);
        let (sort, new) = match signal.high {
            _ if signal.signed => return,
            None => ("bit 0 inverted", format!("({plain}) ^ 1'b1")),
            Some(high) if place.is_multiple_of(2) => {
                ("bit stuck at 1", format!("({plain}) | {}", bit(high, place / 2, false)))
            }
            Some(high) => ("bit stuck at 0", format!("({plain}) & {}", bit(high, place / 2, true))),
        };
        self.add(sort, value.span.clone(), new);
    }

    fn expression(&mut self, part: &Expression) {
        let span = part.span.clone();
        match &part.node {
            Node::Name | Node::Text => {}
            Node::Number => self.number(part),
            Node::Unary(of) => {
                let (operator, plain) = (self.text[span.start..of.span.start].trim(), self.of(of));
                let new = match operator {
                    "!" | "~" => plain,
                    "&" => format!("|{plain}"),
                    "|" | "^" => format!("&{plain}"),
                    _ => format!("~{plain}"),
                };
                self.add("operator", span, new);
                self.expression(of);
            }
            Node::Binary(left, operator, right) => {
                let [l, r, o] = [self.of(left), self.of(right), self.text[operator.clone()].to_string()];
                if let Some((_, other)) = OPERATORS.iter().find(|(old, _)| *old == o) {
                    self.add("operator", span.clone(), format!("{l} {other} {r}"));
                }
                if ORDERED.contains(&o.as_str()) {
                    self.add("operands swapped", span, format!("{r} {o} ({l})"));
                }
                self.expression(left);
                self.expression(right);
            }
            Node::Ternary(parts) => {
                let [condition, then, otherwise] = &**parts;
                let [c, t, e] = [condition, then, otherwise].map(|p| self.of(p));
                self.add("arms swapped", span, format!("({c}) ? ({e}) : ({t})"));
                parts.iter().for_each(|p| self.expression(p));
            }
            Node::Group(of) | Node::Replication(of) => self.expression(of),
            Node::Concatenation(parts) => {
                if let [first, second, rest @ ..] = parts.as_slice() {
                    let rest: String = rest.iter().map(|p| format!(", {}", self.of(p))).collect();
                    let new = format!("{{{}, {}{rest}}}", self.of(second), self.of(first));
                    // The inside of a replication has no brackets of its own.
                    if self.text[span.clone()].starts_with('{') {
                        self.add("parts swapped", span, new);
                    }
                }
                parts.iter().for_each(|p| self.expression(p));
            }
            Node::Element(of, index) => {
                let signal = self.signal(&self.text[of.span.clone()]).copied();
                let number = self.text[index.span.clone()].parse::<usize>().ok();
                match (signal, number) {
                    (Some(Signal { high: Some(high), array: false, .. }), Some(n)) => {
                        self.moved(part, of, n, n, high);
                    }
                    (_, None) => self.expression(index),
                    _ => {}
                }
                if !matches!(of.node, Node::Name) {
                    self.expression(of);
                }
            }
            Node::Slice(of, high, low) => {
                let signal = self.signal(&self.text[of.span.clone()]).copied();
                let numbers = [high, low].map(|b| self.text[b.clone()].parse::<usize>().ok());
                if let (Some(Signal { high: Some(top), array: false, .. }), [Some(h), Some(l)]) = (signal, numbers) {
                    self.moved(part, of, h, l, top);
                }
            }
            Node::Part(_, index) => self.expression(index),
            Node::Call(list) => {
                // What a `$clog2` is of must stay constant.
                if !self.text[span].starts_with("$clog2") {
                    list.iter().for_each(|p| self.expression(p));
                }
            }
        }
    }

    /// A slice off by one, up if it still fits, else down.
    fn moved(&mut self, part: &Expression, of: &Expression, high: usize, low: usize, top: usize) {
        let (h, l) = match (high < top, low > 0) {
            (true, _) => (high + 1, low + 1),
            (_, true) => (high - 1, low - 1),
            _ => return,
        };
        let name = self.of(of);
        let new = if high == low && !self.of(part).contains(':') {
            format!("{name}[{h}]")
        } else {
            format!("{name}[{h}:{l}]")
        };
        self.add("slice off by one", part.span.clone(), new);
    }

    fn number(&mut self, part: &Expression) {
        let plain = self.of(part);
        let Some((size, value)) = plain.split_once('\'') else {
            // A number without a size is 32 bits wide; 0 and 1 are what is written so.
            if let Ok(value) = plain.parse::<u64>() {
                self.add("constant", part.span.clone(), (value + 1).to_string());
            }
            return;
        };
        let (base, digits) = value.split_at(1);
        let radix = match base {
            "b" => 2,
            "d" => 10,
            "h" => 16,
            _ => return,
        };
        let (Ok(bits), Ok(value)) = (size.parse::<u32>(), u128::from_str_radix(&digits.replace('_', ""), radix)) else {
            return;
        };
        if bits == 0 || bits > 128 {
            return;
        }
        let mask = if bits == 128 { u128::MAX } else { (1 << bits) - 1 };
        let flip = 1u128 << (draw(&self.line(part.span.start)) as u32 % bits);
        for (sort, other) in [
            ("constant + 1", value.wrapping_add(1) & mask),
            ("constant - 1", value.wrapping_sub(1) & mask),
            ("constant, a bit flipped", (value ^ flip) & mask),
        ] {
            self.add(sort, part.span.clone(), format!("{bits}'h{other:x}"));
        }
    }
}

/// A number that depends on a text and on nothing else (FNV-1a).
fn draw(text: &str) -> usize {
    text.bytes().fold(0x811c_9dc5u32, |sum, byte| (sum ^ u32::from(byte)).wrapping_mul(0x0100_0193)) as usize >> 4
}

/// A number of `high + 1` bits with one bit set, or with all others.
fn bit(high: usize, place: usize, others: bool) -> String {
    let bits = high + 1;
    let digits = (0..bits.div_ceil(4)).rev().map(|d| {
        let width = (bits - 4 * d).min(4) as u32;
        let at = place % bits;
        let one = if at / 4 == d { 1u32 << (at % 4) } else { 0 };
        let digit = if others { !one & ((1 << width) - 1) } else { one };
        char::from_digit(digit, 16).unwrap_or('0')
    });
    format!("{bits}'h{}", digits.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::super::statement::read;
    use super::*;
    use std::collections::BTreeMap;

    const TEXT: &str = "module m (\n    input wire       clk,\n    input wire [7:0] a,\n    output reg [7:0] y\n);\n\
        \x20   wire t;\n    assign t = a[3] && a[6:4] < 3'd2;\n    leaf l (.clk(clk), .x(a[7:1]), .y(t));\n\
        \x20   always @(posedge clk) begin\n        y <= t ? {a[0], 7'd1} : y - 1'b1;\n        if (!t) y <= 0;\n    end\nendmodule\n";

    #[test]
    fn every_sort_of_change_is_made() {
        let inputs = BTreeMap::from([("leaf".to_string(), vec!["clk".to_string(), "x".to_string()])]);
        let source = read("m.v", TEXT, &inputs).unwrap();
        let all = mutants(TEXT, &source);
        let has = |old: &str, new: Option<&str>| {
            assert!(all.iter().any(|m| m.old == old && m.new.as_deref() == new), "{old} to {new:?}: {all:#?}");
        };
        has("a[3] && a[6:4] < 3'd2", Some("a[3] || a[6:4] < 3'd2"));
        has("a[6:4] < 3'd2", Some("a[6:4] <= 3'd2"));
        has("a[6:4] < 3'd2", Some("3'd2 < (a[6:4])"));
        has("a[6:4]", Some("a[7:5]"));
        has("a[7:1]", Some("a[6:0]"));
        has("a[3]", Some("a[4]"));
        has("a[7:1]", Some("0"));
        has("3'd2", Some("3'h1"));
        has("t ? {a[0], 7'd1} : y - 1'b1", Some("(t) ? (y - 1'b1) : ({a[0], 7'd1})"));
        has("{a[0], 7'd1}", Some("{7'd1, a[0]}"));
        has("y - 1'b1", Some("1'b1 - (y)"));
        has("!t", Some("t"));
        has("!t", Some("!(!t)"));
        has("!t", Some("1'b1"));
        has("y <= 0;", None);
        assert!(all.iter().any(|m| m.sort.starts_with("bit stuck")));
        assert!(all.iter().all(|m| m.old != "clk"));
        assert_eq!(
            all.iter().find(|m| m.old == "!t").map(|m| (m.line, m.text.as_str())),
            Some((11, "if (!t) y <= 0;"))
        );
    }

    #[test]
    fn one_bit_of_a_wide_number() {
        assert_eq!(bit(9, 9, false), "10'h200");
        assert_eq!(bit(9, 4, true), "10'h3ef");
        assert_eq!(bit(0, 5, true), "1'h0");
    }
}
