//! Static checks of one module before it is printed: names, widths, connections.

use super::EmitError;
use super::expression::{Values, evaluate};
use crate::netlist::{Direction, Instance, Module};
use std::collections::{BTreeMap, BTreeSet};

/// Words of Verilog-2005 and SystemVerilog that a generator might pick by accident.
const KEYWORDS: &[&str] = &[
    "always",
    "and",
    "assign",
    "automatic",
    "begin",
    "bit",
    "buf",
    "byte",
    "case",
    "cell",
    "config",
    "const",
    "context",
    "default",
    "design",
    "disable",
    "do",
    "edge",
    "else",
    "end",
    "endmodule",
    "enum",
    "event",
    "expect",
    "export",
    "final",
    "first_match",
    "for",
    "force",
    "forever",
    "fork",
    "function",
    "generate",
    "genvar",
    "global",
    "if",
    "import",
    "initial",
    "inout",
    "input",
    "inside",
    "int",
    "integer",
    "interface",
    "join",
    "let",
    "library",
    "local",
    "localparam",
    "logic",
    "macromodule",
    "matches",
    "module",
    "negedge",
    "new",
    "nor",
    "not",
    "null",
    "or",
    "output",
    "package",
    "packed",
    "parameter",
    "posedge",
    "priority",
    "program",
    "property",
    "protected",
    "pure",
    "rand",
    "real",
    "ref",
    "reg",
    "release",
    "repeat",
    "restrict",
    "return",
    "sequence",
    "signed",
    "small",
    "static",
    "string",
    "strong",
    "struct",
    "super",
    "supply0",
    "supply1",
    "table",
    "tagged",
    "task",
    "this",
    "throughout",
    "time",
    "timeprecision",
    "timeunit",
    "tri",
    "type",
    "typedef",
    "union",
    "unique",
    "unsigned",
    "until",
    "use",
    "var",
    "virtual",
    "void",
    "wait",
    "wand",
    "weak",
    "while",
    "wildcard",
    "wire",
    "with",
    "within",
    "wor",
    "xnor",
    "xor",
];

/// A parameter without a range is an integer.
const NUMBER_BITS: usize = 32;

pub(super) fn check(module: &Module) -> Result<(), EmitError> {
    let mut widths: BTreeMap<&str, usize> = BTreeMap::new();
    let values = values(module)?;
    let numbers = module.generics.iter().map(|g| &g.name).chain(module.constants.iter().map(|c| &c.name));
    let signals = numbers
        .map(|name| (name, NUMBER_BITS))
        .chain(module.parameters.iter().map(|p| (&p.name, p.width)))
        .chain(module.ports.iter().map(|p| (&p.name, p.width)))
        .chain(module.locals.iter().map(|l| (&l.name, l.width)));
    identifier(module, &module.name)?;
    for (name, width) in signals {
        identifier(module, name)?;
        if width == 0 {
            return Err(EmitError::Width { module: module.name.clone(), name: name.clone() });
        }
        if widths.insert(name, width).is_some() {
            return Err(EmitError::Duplicate { module: module.name.clone(), name: name.clone() });
        }
    }
    let mut names = BTreeSet::new();
    for instance in &module.instances {
        identifier(module, &instance.name)?;
        if widths.contains_key(instance.name.as_str()) || !names.insert(&instance.name) {
            return Err(EmitError::Duplicate { module: module.name.clone(), name: instance.name.clone() });
        }
        connections(module, instance, &widths)?;
        for generic in &instance.module.generics {
            // One that is not set by an expression is printed as its number.
            if let Some((_, text)) = instance.parameters.iter().find(|(name, _)| *name == generic.name) {
                let name = format!("parameter {} of {}", generic.name, instance.name);
                equal(module, &name, text, generic.value, &values)?;
            }
        }
    }
    let ports = module.ports.iter().map(|p| (&p.name, &p.expression, p.width));
    for (name, text, width) in ports.chain(module.locals.iter().map(|l| (&l.name, &l.expression, l.width))) {
        if let Some(text) = text {
            equal(module, name, text, width, &values)?;
        }
    }
    Ok(())
}

/// Generics and constants by name.
fn values(module: &Module) -> Result<Values<'_>, EmitError> {
    let mut values: Values = module.generics.iter().map(|g| (g.name.as_str(), g.value as i64)).collect();
    for constant in &module.constants {
        let value = evaluate(&constant.expression, &values)
            .map_err(|problem| mismatch(module, &constant.name, &constant.expression, problem))?;
        values.insert(&constant.name, value);
    }
    Ok(values)
}

/// The expression is the number.
fn equal(module: &Module, name: &str, text: &str, number: usize, values: &Values) -> Result<(), EmitError> {
    match evaluate(text, values) {
        Ok(value) if value == number as i64 => Ok(()),
        Ok(value) => Err(mismatch(module, name, text, format!("is {value}, expected {number}"))),
        Err(problem) => Err(mismatch(module, name, text, problem)),
    }
}

fn mismatch(module: &Module, name: &str, expression: &str, problem: String) -> EmitError {
    EmitError::Expression { module: module.name.clone(), name: name.into(), expression: expression.into(), problem }
}

fn identifier(module: &Module, name: &str) -> Result<(), EmitError> {
    let plain = is_identifier(name) && !KEYWORDS.contains(&name);
    if plain { Ok(()) } else { Err(EmitError::Identifier { module: module.name.clone(), name: name.into() }) }
}

fn is_identifier(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn connections(module: &Module, instance: &Instance, widths: &BTreeMap<&str, usize>) -> Result<(), EmitError> {
    let wrong = |port: &str, problem: String| EmitError::Connection {
        module: module.name.clone(),
        instance: instance.name.clone(),
        of: instance.module.name.clone(),
        port: port.into(),
        problem,
    };
    let mut seen = BTreeSet::new();
    for (name, expression) in &instance.connections {
        let Some(port) = instance.module.ports.iter().find(|p| p.name == *name) else {
            return Err(wrong(name, "does not exist".into()));
        };
        if !seen.insert(name) {
            return Err(wrong(name, "is connected twice".into()));
        }
        if expression.is_empty() && port.direction == Direction::Input {
            return Err(wrong(name, "is an input and is left open".into()));
        }
        // Only plain names and sized literals are checked here; Verilator's lint checks the rest.
        let literal = expression.split_once('\'').and_then(|(w, _)| w.parse().ok());
        if let Some(width) = widths.get(expression.as_str()).copied().or(literal).filter(|w| *w != port.width) {
            return Err(wrong(name, format!("has {} bits, connected to `{expression}` of {width} bits", port.width)));
        }
    }
    for port in &instance.module.ports {
        if !seen.contains(&port.name) {
            return Err(wrong(&port.name, "is not connected (an open output needs an empty expression)".into()));
        }
    }
    for (name, _) in &instance.parameters {
        let names =
            instance.module.generics.iter().map(|g| &g.name).chain(instance.module.parameters.iter().map(|p| &p.name));
        if !names.into_iter().any(|known| known == name) {
            return Err(wrong(name, "is set as a parameter and does not exist".into()));
        }
    }
    Ok(())
}
