//! rust-hdl's print of one module, rewritten in house style.
//!
//! The input has sections marked by comments (`// Module arguments`, `// Stub signals`, ...). Declarations are re-printed
//! aligned; each stub signal `u0$a` is replaced by the expression the netlist connects, and its declaration dropped.

use super::EmitError;
use crate::netlist::Module;
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
struct Declaration<'a> {
    kind: String,
    range: String,
    name: &'a str,
}

pub(super) fn normalise(module: &Module, printed: &str) -> Result<String, EmitError> {
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
            Section::Arguments => arguments.push(declaration(text).ok_or_else(unexpected)?),
            Section::Declarations if text.contains('$') => {}
            Section::Declarations => declarations.push(declaration(text).ok_or_else(unexpected)?),
            Section::Instances => instances.push_str(&instance_line(module, text, &stubs).ok_or_else(unexpected)?),
            _ => return Err(unexpected()),
        }
    }
    let mut parts = vec![];
    if !declarations.is_empty() {
        parts.push(local_list(&declarations));
    }
    parts.extend([instances, body].into_iter().filter(|t| !t.is_empty()));
    Ok(format!(
        "{}\n`default_nettype none\n\n{}\n{}\nendmodule\n\n`default_nettype wire\n",
        header(module),
        port_list(module, &arguments),
        parts.join("\n").trim_end()
    ))
}

fn header(module: &Module) -> String {
    let mut lines = module.doc.iter();
    let mut text = format!("// {}: {}\n", module.name, lines.next().map_or("", String::as_str));
    for line in lines {
        text.push_str(format!("// {line}").trim_end());
        text.push('\n');
    }
    text + "// Printed by galena-hdl: change the generator, not this file.\n"
}

/// Reads `output reg  [30:0] y;`.
fn declaration(text: &str) -> Option<Declaration<'_>> {
    let text = text.strip_suffix(';')?;
    let (rest, name) = text.rsplit_once(' ')?;
    let (kind, range) = rest.split_once('[').map_or((rest, String::new()), |(k, r)| (k, format!("[{r}")));
    Some(Declaration { kind: kind.split_whitespace().collect::<Vec<_>>().join(" "), range, name })
}

/// Pads the keyword and range parts of a list of declarations to common widths.
fn aligned(list: &[Declaration]) -> Vec<String> {
    let kind = list.iter().map(|d| d.kind.len()).max().unwrap_or(0);
    let range = list.iter().map(|d| d.range.len()).max().unwrap_or(0);
    let gap = if range > 0 { " " } else { "" };
    list.iter().map(|d| format!("{:kind$} {:>range$}{gap}{}", d.kind, d.range, d.name)).collect()
}

fn local_list(list: &[Declaration]) -> String {
    aligned(list).iter().map(|l| format!("    {l};\n")).collect()
}

fn port_list(module: &Module, arguments: &[Declaration]) -> String {
    let mut text = format!("module {}", module.name);
    if !module.parameters.is_empty() {
        let mut list = vec![];
        for p in &module.parameters {
            let range = if p.width > 1 { format!("[{}:0] ", p.width - 1) } else { String::new() };
            list.push((format!("parameter {range}{} = {}'h{:x}", p.name, p.width, p.default), p.comment.as_str()));
        }
        text.push_str(&format!(" #(\n{})", commented(&list)));
    }
    let comment = |name: &str| module.ports.iter().find(|p| p.name == name).map_or("", |p| p.comment.as_str());
    let ports: Vec<_> = aligned(arguments).into_iter().zip(arguments.iter().map(|d| comment(d.name))).collect();
    text + &format!(" (\n{});\n", commented(&ports))
}

/// A comma-separated list, one item a line, with aligned comments.
fn commented(items: &[(String, &str)]) -> String {
    let width = items.iter().map(|i| i.0.len()).max().unwrap_or(0) + 1;
    let mut text = String::new();
    for (k, (item, comment)) in items.iter().enumerate() {
        let item = item.clone() + if k + 1 < items.len() { "," } else { "" };
        let line = if comment.is_empty() { item } else { format!("{item:width$} // {comment}") };
        text.push_str(&format!("    {line}\n"));
    }
    text
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
    let values: Vec<String> = instance.parameters.iter().map(|(p, v)| format!(".{p}({v})")).collect();
    let values = if values.is_empty() { String::new() } else { format!("#({}) ", values.join(", ")) };
    Some(format!("    {of} {values}{name} (\n"))
}
