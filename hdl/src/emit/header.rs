//! The top of a file: the header comment and the module's parameters and ports.

use super::normalise::{Declaration, aligned};
use super::wrap;
use crate::netlist::{Constant, Module};

/// Purpose, latency, throughput, notes. Lines are broken to fit.
pub(super) fn comment(module: &Module) -> String {
    let mut text = wrap::comment(0, &format!("{}: ", module.name), 4, &module.purpose);
    for (label, words) in [("Latency:    ", &module.latency), ("Throughput: ", &module.throughput)] {
        if !words.is_empty() {
            text += &wrap::comment(0, label, label.len(), words);
        }
    }
    module.doc.iter().for_each(|line| text += &wrap::comment(0, "", 0, line));
    text + "// Printed by galena-hdl: change the generator, not this file.\n"
}

/// `module name #(parameters) (ports);`. With `top` the generics' defaults are this module's numbers.
pub(super) fn module(module: &Module, arguments: &[Declaration], top: bool) -> String {
    let mut text = format!("module {}", module.name);
    let mut list: Vec<(String, String, &str)> = vec![];
    for g in &module.generics {
        let value = if top { g.value } else { g.default };
        list.push((format!("parameter {}", g.name), value.to_string(), &g.comment));
    }
    for p in &module.parameters {
        let range = if p.width > 1 { format!("[{}:0] ", p.width - 1) } else { String::new() };
        list.push((format!("parameter {range}{}", p.name), format!("{}'h{:x}", p.width, p.default), &p.comment));
    }
    if !list.is_empty() {
        let width = list.iter().map(|(name, ..)| name.len()).max().unwrap_or(0);
        let items: Vec<_> = list.iter().map(|(name, value, c)| (format!("{name:width$} = {value}"), *c)).collect();
        text += &format!(" #(\n{})", commented(&items));
    }
    let comment = |name: &str| module.ports.iter().find(|p| p.name == name).map_or("", |p| p.comment.as_str());
    let ports: Vec<_> = aligned(arguments).into_iter().zip(arguments.iter().map(|d| comment(d.name))).collect();
    text + &format!(" (\n{});\n", commented(&ports))
}

/// `localparam`s, aligned.
pub(super) fn constants(module: &Module) -> String {
    let name = module.constants.iter().map(|c| c.name.len()).max().unwrap_or(0);
    let value = module.constants.iter().map(|c| c.expression.len() + 1).max().unwrap_or(0);
    let width = if module.constants.iter().any(|c| !c.comment.is_empty()) { 14 + name + value } else { 0 };
    let line = |c: &Constant| {
        let item = format!("localparam {:name$} = {}", c.name, c.expression.clone() + ";");
        let comment = if c.comment.is_empty() { String::new() } else { format!(" // {}", c.comment) };
        format!("    {}\n", format!("{item:width$}{comment}").trim_end())
    };
    module.constants.iter().map(line).collect()
}

/// A comma-separated list, one item a line, with aligned comments.
fn commented(items: &[(String, &str)]) -> String {
    let last = items.len().saturating_sub(1);
    let items: Vec<_> = (items.iter().enumerate())
        .map(|(k, (item, comment))| (item.clone() + if k < last { "," } else { "" }, *comment))
        .collect();
    let width = items.iter().map(|i| i.0.len()).max().unwrap_or(0);
    let line = |(item, comment): &(String, &str)| match comment.is_empty() {
        true => format!("    {item}\n"),
        false => format!("    {item:width$} // {comment}\n"),
    };
    items.iter().map(line).collect()
}
