//! Expressions of the printed Verilog, with the place of each part in the text.

use super::lexer::{Kind, Token};
use std::ops::Range;

/// A part of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Expression {
    /// Bytes of the file.
    pub(super) span: Range<usize>,
    pub(super) node: Node,
}

/// What a part is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    /// A name, perhaps hierarchical.
    Name,
    Number,
    Text,
    /// `op x`; the operator is the text before `x`.
    Unary(Box<Expression>),
    /// Left, the place of the operator, right.
    Binary(Box<Expression>, Range<usize>, Box<Expression>),
    /// Condition, then, else.
    Ternary(Box<[Expression; 3]>),
    /// `(x)`.
    Group(Box<Expression>),
    /// `{a, b}`.
    Concatenation(Vec<Expression>),
    /// `{n{x}}`: only `x`.
    Replication(Box<Expression>),
    /// `x[i]`: the name of `x`, and `i`.
    Element(Box<Expression>, Box<Expression>),
    /// `x[high:low]`: the places of the bounds.
    Slice(Box<Expression>, Range<usize>, Range<usize>),
    /// `x[i +: n]`: only `x` and `i`.
    Part(Box<Expression>, Box<Expression>),
    /// `f(a, b)`.
    Call(Vec<Expression>),
}

/// Text that this reader does not understand.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{file} line {line}: expected {expected}, found `{found}`; teach sim/src/verify/mutation to read it")]
pub(super) struct Unreadable {
    pub(super) file: String,
    pub(super) line: usize,
    pub(super) expected: &'static str,
    pub(super) found: String,
}

/// Binary operators by how tightly they bind.
const BINDING: [(&str, u8); 22] = [
    ("||", 1),
    ("&&", 2),
    ("|", 3),
    ("^", 4),
    ("~^", 4),
    ("&", 5),
    ("==", 6),
    ("!=", 6),
    ("===", 6),
    ("!==", 6),
    ("<", 7),
    ("<=", 7),
    (">", 7),
    (">=", 7),
    ("<<", 8),
    (">>", 8),
    ("<<<", 8),
    (">>>", 8),
    ("+", 9),
    ("-", 9),
    ("*", 10),
    ("/", 10),
];

/// Reads tokens of one file.
pub(super) struct Reader<'a> {
    pub(super) name: &'a str,
    pub(super) text: &'a str,
    tokens: Vec<Token>,
    at: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(name: &'a str, text: &'a str) -> Self {
        Self { name, text, tokens: super::lexer::tokens(text), at: 0 }
    }

    /// The next token's text; empty at the end.
    pub(super) fn peek(&self) -> &'a str {
        self.peek_at(0)
    }

    pub(super) fn peek_at(&self, ahead: usize) -> &'a str {
        self.tokens.get(self.at + ahead).map_or("", |t| &self.text[t.span.clone()])
    }

    pub(super) fn kind(&self) -> Option<Kind> {
        self.tokens.get(self.at).map(|t| t.kind)
    }

    /// Where the next token begins.
    pub(super) fn here(&self) -> usize {
        self.tokens.get(self.at).map_or(self.text.len(), |t| t.span.start)
    }

    /// Where the last token ended.
    pub(super) fn passed(&self) -> usize {
        self.at.checked_sub(1).and_then(|k| self.tokens.get(k)).map_or(0, |t| t.span.end)
    }

    pub(super) fn next(&mut self) -> &'a str {
        let text = self.peek();
        self.at += 1;
        text
    }

    /// Takes the token if it is this one.
    pub(super) fn take(&mut self, text: &str) -> bool {
        let is = self.peek() == text;
        self.at += is as usize;
        is
    }

    pub(super) fn need(&mut self, text: &'static str) -> Result<(), Unreadable> {
        if self.take(text) { Ok(()) } else { Err(self.unexpected(text)) }
    }

    pub(super) fn unexpected(&self, expected: &'static str) -> Unreadable {
        let line = self.text[..self.here()].lines().count().max(1);
        Unreadable { file: self.name.into(), line, expected, found: self.peek().into() }
    }

    /// Passes over everything up to the bracket that closes the one that is next.
    pub(super) fn skip_brackets(&mut self) -> Result<(), Unreadable> {
        let mut depth = 0;
        loop {
            match self.next() {
                "(" | "[" | "{" => depth += 1,
                ")" | "]" | "}" if depth == 1 => return Ok(()),
                ")" | "]" | "}" => depth -= 1,
                "" => return Err(self.unexpected("a closing bracket")),
                _ if depth == 0 => return Err(self.unexpected("an opening bracket")),
                _ => {}
            }
        }
    }

    /// Passes over everything up to this token, which is passed, too.
    pub(super) fn skip_past(&mut self, text: &'static str) -> Result<(), Unreadable> {
        loop {
            match self.next() {
                t if t == text => return Ok(()),
                "" => return Err(self.unexpected(text)),
                _ => {}
            }
        }
    }

    /// An expression.
    pub(super) fn expression(&mut self) -> Result<Expression, Unreadable> {
        let condition = self.binary(1)?;
        if !self.take("?") {
            return Ok(condition);
        }
        let then = self.expression()?;
        self.need(":")?;
        let otherwise = self.expression()?;
        let span = condition.span.start..otherwise.span.end;
        Ok(Expression { span, node: Node::Ternary(Box::new([condition, then, otherwise])) })
    }

    fn binary(&mut self, least: u8) -> Result<Expression, Unreadable> {
        let mut left = self.unary()?;
        loop {
            let operator = self.peek();
            let Some(&(_, binding)) = BINDING.iter().find(|(text, b)| *text == operator && *b >= least) else {
                return Ok(left);
            };
            let place = self.here()..self.here() + operator.len();
            self.next();
            let right = self.binary(binding + 1)?;
            let span = left.span.start..right.span.end;
            left = Expression { span, node: Node::Binary(Box::new(left), place, Box::new(right)) };
        }
    }

    fn unary(&mut self) -> Result<Expression, Unreadable> {
        let start = self.here();
        if ["!", "~", "&", "|", "^", "-", "+", "~^"].contains(&self.peek()) {
            self.next();
            let of = self.unary()?;
            return Ok(Expression { span: start..of.span.end, node: Node::Unary(Box::new(of)) });
        }
        self.primary()
    }

    fn primary(&mut self) -> Result<Expression, Unreadable> {
        let start = self.here();
        let node = match (self.kind(), self.peek()) {
            (Some(Kind::Number), _) => {
                self.next();
                Node::Number
            }
            (Some(Kind::Text), _) => {
                self.next();
                Node::Text
            }
            (Some(Kind::Word), _) => {
                self.next();
                while self.take(".") {
                    self.next();
                }
                if self.take("(") { Node::Call(self.list(")")?) } else { Node::Name }
            }
            (_, "(") => {
                self.next();
                let inner = self.expression()?;
                self.need(")")?;
                Node::Group(Box::new(inner))
            }
            (_, "{") => {
                self.next();
                let first = self.expression()?;
                if self.take("{") {
                    let of = self.list("}")?;
                    self.need("}")?;
                    let span = of.first().map_or(start, |e| e.span.start)..of.last().map_or(start, |e| e.span.end);
                    Node::Replication(Box::new(Expression { span, node: Node::Concatenation(of) }))
                } else {
                    let mut parts = vec![first];
                    if self.take(",") {
                        parts.extend(self.list("}")?);
                    } else {
                        self.need("}")?;
                    }
                    Node::Concatenation(parts)
                }
            }
            _ => return Err(self.unexpected("an expression")),
        };
        let mut of = Expression { span: start..self.passed(), node };
        while self.take("[") {
            let index = self.expression()?;
            let boxed = Box::new(of);
            let node = match self.next() {
                "]" => Node::Element(boxed, Box::new(index)),
                ":" => {
                    let low = self.expression()?;
                    self.need("]")?;
                    Node::Slice(boxed, index.span, low.span)
                }
                "+:" | "-:" => {
                    self.expression()?;
                    self.need("]")?;
                    Node::Part(boxed, Box::new(index))
                }
                _ => return Err(self.unexpected("`]`")),
            };
            of = Expression { span: start..self.passed(), node };
        }
        Ok(of)
    }

    fn list(&mut self, end: &'static str) -> Result<Vec<Expression>, Unreadable> {
        let mut items = vec![];
        while !self.take(end) {
            items.push(self.expression()?);
            if !self.take(",") {
                self.need(end)?;
                break;
            }
        }
        Ok(items)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Expression {
        Reader::new("test", text).expression().unwrap()
    }

    #[test]
    fn operators_bind_as_in_verilog() {
        let text = "a + b << 2 == c & d || e ? {f, {3{g[1]}}, 4'd3} : (h[7:0] - $signed(i))";
        let Node::Ternary(parts) = read(text).node else { panic!() };
        assert_eq!(&text[parts[0].span.clone()], "a + b << 2 == c & d || e");
        let Node::Binary(left, operator, _) = &parts[0].node else { panic!() };
        assert_eq!((&text[operator.clone()], &text[left.span.clone()]), ("||", "a + b << 2 == c & d"));
        let Node::Binary(left, operator, _) = &left.node else { panic!() };
        assert_eq!((&text[operator.clone()], &text[left.span.clone()]), ("&", "a + b << 2 == c"));
        assert!(matches!(&parts[1].node, Node::Concatenation(p) if p.len() == 3));
        assert!(matches!(&read("a - b - c").node, Node::Binary(l, ..) if l.span == (0..5)));
    }

    #[test]
    fn what_cannot_be_read_is_named_by_its_line() {
        let error = Reader::new("m.v", "\n\n a + ;").expression().unwrap_err();
        assert_eq!((error.line, error.found.as_str()), (3, ";"));
    }
}
