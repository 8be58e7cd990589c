//! The statements of a printed module: what a mutant may change, and where.

use super::expression::{Expression, Reader, Unreadable};
use std::collections::BTreeMap;
use std::ops::Range;

/// A place of a module that mutants are made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Site {
    /// The condition of an `if`; whether there is an `else`.
    Condition(Expression),
    /// `assign x = value`: the name assigned, if it is a whole signal.
    Wire(Option<String>, Expression),
    /// An assignment in an `always`: the whole statement, the name assigned, if it is a whole signal, the value.
    Register(Range<usize>, Option<String>, Expression),
    /// The expression at an input of an instance.
    Connection(Expression),
    /// Any other expression: the subject of a `case`, the address of a memory.
    Value(Expression),
}

/// A declared signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Signal {
    /// Highest bit, where the range is written in numbers and goes down to 0.
    pub(super) high: Option<usize>,
    /// An array of words.
    pub(super) array: bool,
    pub(super) signed: bool,
}

/// A module as far as mutants need it.
#[derive(Debug, Default)]
pub(super) struct Source {
    pub(super) name: String,
    pub(super) signals: BTreeMap<String, Signal>,
    pub(super) inputs: Vec<String>,
    pub(super) sites: Vec<Site>,
}

/// Reads a file of one module. `inputs` are the inputs of the modules that were printed: connections to other ports are left alone.
pub(super) fn read(name: &str, text: &str, inputs: &BTreeMap<String, Vec<String>>) -> Result<Source, Unreadable> {
    let mut walk = Walk { reader: Reader::new(name, text), inputs, source: Source::default() };
    walk.module()?;
    Ok(walk.source)
}

struct Walk<'a> {
    reader: Reader<'a>,
    inputs: &'a BTreeMap<String, Vec<String>>,
    source: Source,
}

impl Walk<'_> {
    fn module(&mut self) -> Result<(), Unreadable> {
        self.reader.need("module")?;
        self.source.name = self.reader.next().into();
        if self.reader.take("#") {
            self.reader.skip_brackets()?;
        }
        self.reader.need("(")?;
        while !self.reader.take(")") {
            let input = self.reader.next() == "input";
            let name = self.declared()?;
            if input {
                self.source.inputs.push(name);
            }
            self.reader.take(",");
        }
        self.reader.need(";")?;
        while !self.reader.take("endmodule") {
            self.item()?;
        }
        Ok(())
    }

    /// `wire signed [7:0] name [0:15]`, after a first keyword. Returns the name.
    fn declared(&mut self) -> Result<String, Unreadable> {
        let mut signal = Signal { high: Some(0), array: false, signed: false };
        while ["wire", "reg", "signed", "integer"].contains(&self.reader.peek()) {
            signal.signed |= matches!(self.reader.next(), "signed" | "integer");
        }
        if self.reader.peek() == "[" {
            let zero = self.reader.peek_at(2) == ":" && self.reader.peek_at(3) == "0" && self.reader.peek_at(4) == "]";
            signal.high = if zero { self.reader.peek_at(1).parse().ok() } else { None };
            self.reader.skip_brackets()?;
        }
        self.name(signal)
    }

    fn name(&mut self, mut signal: Signal) -> Result<String, Unreadable> {
        let name = self.reader.next().to_string();
        while self.reader.peek() == "[" {
            signal.array = true;
            self.reader.skip_brackets()?;
        }
        self.source.signals.insert(name.clone(), signal);
        Ok(name)
    }

    fn item(&mut self) -> Result<(), Unreadable> {
        match self.reader.peek() {
            "wire" | "reg" | "integer" => {
                self.reader.next();
                let name = self.declared()?;
                let first = self.source.signals[&name];
                while self.reader.take(",") {
                    self.name(Signal { array: false, ..first })?;
                }
                // An initial value.
                self.reader.skip_past(";")
            }
            "localparam" | "parameter" | "genvar" => self.reader.skip_past(";"),
            "assign" => {
                self.reader.next();
                let (name, _) = self.target()?;
                self.reader.need("=")?;
                let value = self.reader.expression()?;
                self.source.sites.push(Site::Wire(name, value));
                self.reader.need(";")
            }
            "always" => {
                self.reader.next();
                self.reader.need("@")?;
                if !self.reader.take("*") {
                    self.reader.skip_brackets()?;
                }
                self.statement()
            }
            "initial" => {
                let sites = self.source.sites.len();
                self.reader.next();
                self.statement()?;
                self.source.sites.truncate(sites);
                Ok(())
            }
            "function" => self.function(),
            "generate" | "endgenerate" => {
                self.reader.next();
                Ok(())
            }
            "for" => {
                self.reader.next();
                self.reader.skip_brackets()?;
                self.item()
            }
            "if" => {
                self.reader.next();
                self.reader.skip_brackets()?;
                self.item()?;
                if self.reader.take("else") { self.item() } else { Ok(()) }
            }
            "begin" => {
                self.begin();
                while !self.reader.take("end") {
                    self.item()?;
                }
                Ok(())
            }
            "" => Err(self.reader.unexpected("endmodule")),
            _ => self.instance(),
        }
    }

    fn begin(&mut self) {
        self.reader.next();
        if self.reader.take(":") {
            self.reader.next();
        }
    }

    fn function(&mut self) -> Result<(), Unreadable> {
        self.reader.skip_past(";")?;
        while !self.reader.take("endfunction") {
            match self.reader.peek() {
                "input" | "reg" | "integer" => self.reader.skip_past(";")?,
                _ => self.statement()?,
            }
        }
        Ok(())
    }

    fn instance(&mut self) -> Result<(), Unreadable> {
        let of = self.reader.next().to_string();
        if self.reader.take("#") {
            self.reader.skip_brackets()?;
        }
        self.reader.next();
        self.reader.need("(")?;
        while !self.reader.take(")") {
            self.reader.need(".")?;
            let port = self.reader.next().to_string();
            self.reader.need("(")?;
            if !self.reader.take(")") {
                let value = self.reader.expression()?;
                self.reader.need(")")?;
                if port != "clk" && self.inputs.get(&of).is_some_and(|list| list.contains(&port)) {
                    self.source.sites.push(Site::Connection(value));
                }
            }
            self.reader.take(",");
        }
        self.reader.need(";")
    }

    fn statement(&mut self) -> Result<(), Unreadable> {
        match self.reader.peek() {
            "begin" => {
                self.begin();
                while !self.reader.take("end") {
                    match self.reader.peek() {
                        "reg" | "integer" => self.item()?,
                        _ => self.statement()?,
                    }
                }
                Ok(())
            }
            "if" => {
                self.reader.next();
                self.reader.need("(")?;
                let condition = self.reader.expression()?;
                self.reader.need(")")?;
                self.source.sites.push(Site::Condition(condition));
                self.statement()?;
                if self.reader.take("else") { self.statement() } else { Ok(()) }
            }
            "case" | "casez" => {
                self.reader.next();
                self.reader.need("(")?;
                let subject = self.reader.expression()?;
                self.source.sites.push(Site::Value(subject));
                self.reader.need(")")?;
                while !self.reader.take("endcase") {
                    // Labels are constants.
                    if self.reader.take("default") {
                        self.reader.take(":");
                    } else {
                        self.reader.skip_past(":")?;
                    }
                    self.statement()?;
                }
                Ok(())
            }
            "for" => {
                self.reader.next();
                self.reader.skip_brackets()?;
                self.statement()
            }
            ";" => {
                self.reader.next();
                Ok(())
            }
            "" => Err(self.reader.unexpected("a statement")),
            system if system.starts_with('$') => self.reader.skip_past(";"),
            _ => self.assignment(),
        }
    }

    fn assignment(&mut self) -> Result<(), Unreadable> {
        let start = self.reader.here();
        let (name, address) = self.target()?;
        if !self.reader.take("<=") {
            self.reader.need("=")?;
        }
        let value = self.reader.expression()?;
        self.reader.need(";")?;
        self.source.sites.extend(address.map(Site::Value));
        self.source.sites.push(Site::Register(start..self.reader.passed(), name, value));
        Ok(())
    }

    /// What is assigned: its name if it is a whole signal, and the address of a word of an array.
    fn target(&mut self) -> Result<(Option<String>, Option<Expression>), Unreadable> {
        if self.reader.peek() == "{" {
            self.reader.skip_brackets()?;
            return Ok((None, None));
        }
        let name = self.reader.next().to_string();
        if self.reader.peek() != "[" {
            return Ok((Some(name), None));
        }
        let mut address = None;
        if self.source.signals.get(&name).is_some_and(|s| s.array) {
            self.reader.need("[")?;
            address = Some(self.reader.expression()?);
            self.reader.need("]")?;
        }
        while self.reader.peek() == "[" {
            self.reader.skip_brackets()?;
        }
        Ok((None, address))
    }
}
