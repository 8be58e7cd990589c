//! rust-hdl's print of one module, rewritten in house style.
//!
//! The input has sections marked by comments (`// Module arguments`, `// Stub signals`, ...). Declarations are re-printed
//! aligned; each stub signal `u0$a` is replaced by the expression the netlist connects, and its declaration dropped.

use super::{EmitError, header, wrap};
use crate::netlist::{Instance, Module};
use std::collections::BTreeMap;

#[derive(Clone, Copy, PartialEq)]
enum Section {
    Start,
    Arguments,
    Declarations,
    Instances,
    Body,
}

/// Keyword part (`input wire`), range part (`[30:0]` or empty) and name of a declaration.
pub(super) struct Declaration<'a> {
    kind: String,
    range: String,
    pub(super) name: &'a str,
}

/// The file of `module`. With `top` its generics' defaults are its numbers.
pub(super) fn normalise(module: &Module, printed: &str, top: bool) -> Result<String, EmitError> {
    let stubs: BTreeMap<String, &str> = (module.instances.iter())
        .flat_map(|i| i.connections.iter().map(move |(p, e)| (format!("{}${p}", i.name), e.as_str())))
        .collect();
    let (mut arguments, mut declarations, mut instances, mut body) = (vec![], vec![], String::new(), String::new());
    let mut section = Section::Start;
    let end = format!("endmodule // {}", module.name);
    for line in printed.lines() {
        let text = line.trim();
        let unexpected = || EmitError::Printer { module: module.name.clone(), line: line.into() };
        section = match text {
            _ if section == Section::Body => Section::Body,
            "// Module arguments" => Section::Arguments,
            "// Stub signals" | "// Local signals" => Section::Declarations,
            "// Sub module instances" => Section::Instances,
            "// Update code (custom)" => {
                section = Section::Body;
                continue;
            }
            _ => section,
        };
        if section == Section::Body {
            if line == end {
                break;
            }
            // rust-hdl indents the text by one step of four.
            body.push_str(line.trim_end());
            body.push('\n');
            continue;
        }
        if text.is_empty() || text.starts_with("//") {
            continue;
        }
        match section {
            Section::Start if text.starts_with(&format!("module {}(", module.name)) => {}
            Section::Arguments => arguments.push(declaration(module, text).ok_or_else(unexpected)?),
            Section::Declarations if text.contains('$') => {}
            Section::Declarations => declarations.push(declaration(module, text).ok_or_else(unexpected)?),
            Section::Instances => instances.push_str(&instance_line(module, text, &stubs).ok_or_else(unexpected)?),
            _ => return Err(unexpected()),
        }
    }
    let mut parts = vec![header::constants(module)];
    if !declarations.is_empty() {
        parts.push(local_list(&declarations));
    }
    parts.extend([instances, body].map(|text| wrap::code(&text)));
    parts.retain(|text| !text.is_empty());
    Ok(format!(
        "{}\n`default_nettype none\n\n{}\n{}\nendmodule\n\n`default_nettype wire\n",
        header::comment(module),
        header::module(module, &arguments, top),
        parts.join("\n").trim_end()
    ))
}

/// Reads `output reg  [30:0] y;`. A width that the netlist has as an expression is printed so.
fn declaration<'a>(module: &Module, text: &'a str) -> Option<Declaration<'a>> {
    let text = text.strip_suffix(';')?;
    let (rest, name) = text.rsplit_once(' ')?;
    let (kind, range) = rest.split_once('[').map_or((rest, String::new()), |(k, r)| (k, format!("[{r}")));
    let ports = module.ports.iter().map(|p| (&p.name, &p.expression));
    let mut signals = ports.chain(module.locals.iter().map(|l| (&l.name, &l.expression)));
    let expression = signals.find(|(n, _)| *n == name).and_then(|(_, e)| e.as_deref());
    let range = expression.map_or(range, |e| match e.strip_suffix("+1") {
        Some(top) => format!("[{top}:0]"),
        None => format!("[{e}-1:0]"),
    });
    Some(Declaration { kind: kind.split_whitespace().collect::<Vec<_>>().join(" "), range, name })
}

/// Pads the keyword and range parts of a list of declarations to common widths.
pub(super) fn aligned(list: &[Declaration]) -> Vec<String> {
    let kind = list.iter().map(|d| d.kind.len()).max().unwrap_or(0);
    let range = list.iter().map(|d| d.range.len()).max().unwrap_or(0);
    let gap = if range > 0 { " " } else { "" };
    list.iter().map(|d| format!("{:kind$} {:>range$}{gap}{}", d.kind, d.range, d.name)).collect()
}

fn local_list(list: &[Declaration]) -> String {
    aligned(list).iter().map(|l| format!("    {l};\n")).collect()
}

/// Rewrites a line of an instance: `field_mul u0(`, `.a(u0$a),` or `);`.
fn instance_line(module: &Module, text: &str, stubs: &BTreeMap<String, &str>) -> Option<String> {
    if text == ");" {
        return Some("    );\n".into());
    }
    if let Some(port) = text.strip_prefix('.') {
        let (name, rest) = port.split_once('(')?;
        let (stub, tail) = rest.rsplit_once(')')?;
        return Some(format!("        .{name}({}){tail}\n", stubs.get(stub)?));
    }
    let (of, name) = text.strip_suffix('(')?.split_once(' ')?;
    let instance = module.instances.iter().find(|i| i.name == name)?;
    Some(format!("    {of}{} {name} (\n", settings(instance, of.len() + name.len())))
}

/// ` #(.WIDTH(31), .DEPTH(1024))`: the child's generics, then the build's parameters; broken into lines if `beside` leaves too little room.
fn settings(instance: &Instance, beside: usize) -> String {
    let set = |name: &str| instance.parameters.iter().find(|(p, _)| p == name).map(|(_, value)| value.clone());
    let generics = &instance.module.generics;
    let mut values: Vec<String> =
        generics.iter().map(|g| format!(".{}({})", g.name, set(&g.name).unwrap_or(g.value.to_string()))).collect();
    let others = instance.parameters.iter().filter(|(p, _)| generics.iter().all(|g| g.name != *p));
    values.extend(others.map(|(p, v)| format!(".{p}({v})")));
    let line = values.join(", ");
    match values.len() {
        0 => String::new(),
        _ if line.len() + beside + 11 <= wrap::LINE => format!(" #({line})"),
        _ => format!(" #(\n        {}\n    )", values.join(",\n        ")),
    }
}
