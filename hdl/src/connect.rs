//! Instances connected by name: a child's port goes to the parent's signal of the same name unless it is renamed.

use crate::netlist::{Direction, Module};
use std::sync::Arc;

/// Adds an instance of `child` to `parent`. `renamed` has the ports that do not go to their own name, with the expression each gets. Emission
/// refuses a renamed port that does not exist, and a name that is no signal of the right width.
pub(crate) fn attach<'a, E: ToString>(
    parent: Module,
    name: impl Into<String>,
    child: impl Into<Arc<Module>>,
    renamed: impl IntoIterator<Item = (&'a str, E)>,
) -> Module {
    let child = child.into();
    let renamed: Vec<(String, String)> = renamed.into_iter().map(|(p, e)| (p.to_string(), e.to_string())).collect();
    let own: Vec<_> = (child.ports.iter().map(|p| (p.name.clone(), p.name.clone())))
        .filter(|(name, _)| renamed.iter().all(|(p, _)| p != name))
        .collect();
    parent.instance(name, child, own.into_iter().chain(renamed))
}

/// Declares nets.
pub(crate) fn wires<'a>(module: Module, list: impl IntoIterator<Item = (&'a str, usize)>) -> Module {
    list.into_iter().fold(module, |m, (name, width)| m.wire(name, width))
}

/// Gives a module the ports of another, which is to stand in it: inputs, and outputs that are nets.
pub(crate) fn ports_of(module: Module, inner: &Module) -> Module {
    inner.ports.iter().fold(module, |module, port| match port.direction {
        Direction::Input => module.input(&port.name, port.width, ""),
        _ => module.output(&port.name, port.width, ""),
    })
}
