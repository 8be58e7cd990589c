//! Tokens of the Verilog that this project prints: comments, attributes and the branches that simulation does not take are left out.

use std::ops::Range;

/// Sorts of tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name, a keyword or a system name (`$signed`).
    Word,
    /// `31`, `31'h7f`.
    Number,
    /// `"block"`.
    Text,
    /// An operator or a bracket.
    Symbol,
}

/// A token and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) span: Range<usize>,
}

/// Operators of more than one character, longest first.
const LONG: [&str; 15] = ["<<<", ">>>", "===", "!==", "<=", ">=", "==", "!=", "&&", "||", "<<", ">>", "+:", "-:", "~^"];

/// The tokens of a file. Macros are not defined: of an `` `ifdef`` the other branch is read.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut out = vec![];
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let until = |end: &str| rest.find(end).map_or(rest.len(), |n| n + end.len());
        let first = rest.chars().next().unwrap_or(' ');
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '$';
        let (kind, length) = if first.is_whitespace() {
            (None, first.len_utf8())
        } else if rest.starts_with("//") {
            (None, until("\n"))
        } else if rest.starts_with("/*") {
            (None, until("*/"))
        } else if rest.starts_with("(*") && !rest.starts_with("(*)") {
            (None, until("*)"))
        } else if first == '`' {
            (None, directive(rest))
        } else if first == '"' {
            (Some(Kind::Text), 1 + rest[1..].find('"').map_or(rest.len() - 1, |n| n + 1))
        } else if first.is_ascii_digit() {
            (Some(Kind::Number), number(rest))
        } else if word(first) {
            (Some(Kind::Word), rest.find(|c| !word(c)).unwrap_or(rest.len()))
        } else {
            (Some(Kind::Symbol), LONG.iter().find(|s| rest.starts_with(**s)).map_or(first.len_utf8(), |s| s.len()))
        };
        if let Some(kind) = kind {
            out.push(Token { kind, span: at..at + length });
        }
        at += length;
    }
    out
}

fn number(rest: &str) -> usize {
    let digits = |text: &str| text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(text.len());
    let size = digits(rest);
    if rest[size..].starts_with('\'') { size + 1 + digits(&rest[size + 1..]) } else { size }
}

/// Bytes of a directive and of what it leaves out.
fn directive(rest: &str) -> usize {
    let line = rest.find('\n').map_or(rest.len(), |n| n + 1);
    // What was read up to `else belongs to an `ifndef; what follows an `ifdef is not for simulation.
    if !rest.starts_with("`ifdef") && !rest.starts_with("`else") {
        return line;
    }
    let (mut depth, mut at) = (0, line);
    for next in rest[line..].split_inclusive('\n') {
        at += next.len();
        match next.trim_start() {
            t if t.starts_with("`ifdef") || t.starts_with("`ifndef") => depth += 1,
            t if t.starts_with("`else") && depth == 0 => return at,
            t if t.starts_with("`endif") && depth == 0 => return at,
            t if t.starts_with("`endif") => depth -= 1,
            _ => {}
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_simulation_does_not_see_is_left_out() {
        let text =
            "`ifdef ECP5\nfoo\n`else\n(* keep *) a <= 31'd7 + x[3:0]; // b\n`endif\n@(*) $signed \"t\" /* c */ >>>";
        let words: Vec<&str> = tokens(text).iter().map(|t| &text[t.span.clone()]).collect();
        let want = "a <= 31'd7 + x [ 3 : 0 ] ; @ ( * ) $signed \"t\" >>>";
        assert_eq!(words.join(" "), want);
        assert_eq!(tokens("`ifndef A\nx\n`else\ny\n`endif\nz").len(), 2);
    }
}
