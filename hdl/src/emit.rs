//! From a [`Module`] to Verilog files: check, lower to rust-hdl, print, normalise.
//!
//! Every module of the hierarchy becomes one file of one module; modules that differ only in their generics share it. rust-hdl's `ModuleDefines` prints it (header, declarations,
//! instances, text); the normaliser then rewrites that in house style: ANSI ports, aligned, commented, connections in place of
//! rust-hdl's stub signals, so that no name holds a `$`. The same design gives the same bytes.

mod check;
mod expression;
mod header;
mod lower;
mod normalise;
#[cfg(test)]
mod tests;
mod wrap;

use crate::netlist::Module;
use std::collections::BTreeMap;

/// A file of an emitted design: Verilog (`field_mul.v`) or memory content (`twiddles.hex`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerilogFile {
    /// File name without a directory.
    pub name: String,
    /// Content.
    pub text: String,
}

/// Why a design cannot be emitted. All of these are mistakes in a generator.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EmitError {
    /// A name is not a plain Verilog identifier, or is a keyword.
    #[error("module {module}: `{name}` is not a plain Verilog identifier: use letters, digits and `_`, and no keyword")]
    Identifier {
        /// Module.
        module: String,
        /// The name.
        name: String,
    },
    /// Two signals or instances of one module share a name.
    #[error("module {module}: the name `{name}` is used twice")]
    Duplicate {
        /// Module.
        module: String,
        /// The name.
        name: String,
    },
    /// A signal without bits.
    #[error("module {module}: `{name}` has width 0, expected at least 1")]
    Width {
        /// Module.
        module: String,
        /// Signal.
        name: String,
    },
    /// An instance connects a port that its module does not have, or connects it twice, or leaves an input unconnected.
    #[error("module {module}: instance {instance} of {of}: port `{port}` {problem}")]
    Connection {
        /// Module.
        module: String,
        /// Instance.
        instance: String,
        /// Instantiated module.
        of: String,
        /// Port.
        port: String,
        /// What is wrong.
        problem: String,
    },
    /// An expression over generics is not the number it stands for.
    #[error("module {module}: {name}: `{expression}` {problem}")]
    Expression {
        /// Module.
        module: String,
        /// Signal, constant or instance.
        name: String,
        /// The expression.
        expression: String,
        /// What is wrong.
        problem: String,
    },
    /// Two different modules, or two different files, have one name.
    #[error("two different texts of `{name}`: make what distinguishes them a generic, or put it into the name")]
    Conflict {
        /// Module or file.
        name: String,
    },
    /// rust-hdl printed something the normaliser does not know.
    #[error("module {module}: unexpected line from rust-hdl: `{line}`")]
    Printer {
        /// Module.
        module: String,
        /// The line.
        line: String,
    },
}

/// Emits `top` and everything below it, one file each, sorted by file name. The defaults of the top's parameters are its own numbers.
pub fn emit(top: &Module) -> Result<Vec<VerilogFile>, EmitError> {
    write(&[top], Some(&top.name))
}

/// Emits several designs into one folder. What is below them is shared; no module is the top.
pub fn emit_together(designs: &[Module]) -> Result<Vec<VerilogFile>, EmitError> {
    write(&designs.iter().collect::<Vec<_>>(), None)
}

fn write(designs: &[&Module], top: Option<&str>) -> Result<Vec<VerilogFile>, EmitError> {
    let mut modules = BTreeMap::new();
    designs.iter().for_each(|design| collect(design, &mut modules));
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    for (name, same_named) in modules {
        for module in same_named {
            check::check(module)?;
            let text = normalise::normalise(module, &lower::print(module), top == Some(name))?;
            add(&mut files, format!("{name}.v"), text)?;
            for file in &module.data_files {
                add(&mut files, file.name.clone(), file.text.clone())?;
            }
        }
    }
    Ok(files.into_iter().map(|(name, text)| VerilogFile { name, text }).collect())
}

fn add(files: &mut BTreeMap<String, String>, name: String, text: String) -> Result<(), EmitError> {
    match files.get(&name) {
        Some(old) if *old != text => Err(EmitError::Conflict { name }),
        _ => {
            files.insert(name, text);
            Ok(())
        }
    }
}

/// Gathers the modules of a hierarchy by name; those of one name differ.
fn collect<'a>(module: &'a Module, into: &mut BTreeMap<&'a str, Vec<&'a Module>>) {
    let same_named = into.entry(&module.name).or_default();
    // Shared sub-trees are usually the same allocation: compare pointers before comparing trees.
    if !same_named.iter().any(|old| std::ptr::eq(*old, module) || *old == module) {
        same_named.push(module);
        module.instances.iter().for_each(|i| collect(&i.module, into));
    }
}
