//! A netlist module as a rust-hdl `Block`, printed by rust-hdl's `ModuleDefines`.
//!
//! Ports and locals become `Atom`s whose widths are run-time values, instances become black boxes of the instantiated name, so
//! rust-hdl prints exactly one module. `check_all` is not used: it cannot see that custom text drives the children.

use crate::netlist::{Direction, Module};
use rust_hdl::prelude::*;

/// A port or local signal of run-time width.
struct Wire<'a> {
    name: &'a str,
    width: usize,
    kind: AtomKind,
}

impl Atom for Wire<'_> {
    fn bits(&self) -> usize {
        self.width
    }
    fn connected(&self) -> bool {
        true
    }
    fn changed(&self) -> bool {
        false
    }
    fn kind(&self) -> AtomKind {
        self.kind
    }
    fn descriptor(&self) -> TypeDescriptor {
        TypeDescriptor { name: format!("Bits<{}>", self.width), kind: TypeKind::Bits(self.width) }
    }
    fn vcd(&self) -> VCDValue {
        VCDValue::Vector(vec![])
    }
    fn id(&self) -> usize {
        0
    }
    fn verilog(&self) -> VerilogLiteral {
        0u32.into()
    }
    fn constraints(&self) -> Vec<PinConstraint> {
        vec![]
    }
}

fn port_atoms(module: &Module) -> Vec<Wire<'_>> {
    let kind = |d| match d {
        Direction::Input => AtomKind::InputParameter,
        Direction::Output => AtomKind::OutputPassthrough,
        Direction::OutputReg => AtomKind::OutputParameter,
    };
    module.ports.iter().map(|p| Wire { name: &p.name, width: p.width, kind: kind(p.direction) }).collect()
}

/// A module that is printed: its own text, its children as black boxes.
struct Definition<'a>(&'a Module);

/// A child: ports only.
struct Reference<'a>(&'a Module);

impl Logic for Definition<'_> {
    fn update(&mut self) {}
    fn hdl(&self) -> Verilog {
        Verilog::Custom(self.0.body.clone())
    }
}

impl Logic for Reference<'_> {
    fn update(&mut self) {}
    fn hdl(&self) -> Verilog {
        Verilog::Blackbox(BlackBox { name: self.0.name.clone(), code: String::new() })
    }
}

impl Block for Definition<'_> {
    fn connect_all(&mut self) {}
    fn update_all(&mut self) {}
    fn has_changed(&self) -> bool {
        false
    }
    fn accept(&self, name: &str, probe: &mut dyn Probe) {
        probe.visit_start_scope(name, self);
        for p in port_atoms(self.0) {
            probe.visit_atom(p.name, &p);
        }
        for l in &self.0.locals {
            let kind = if l.reg { AtomKind::LocalSignal } else { AtomKind::StubOutputSignal };
            probe.visit_atom(&l.name, &Wire { name: &l.name, width: l.width, kind });
        }
        for i in &self.0.instances {
            Reference(&i.module).accept(&i.name, probe);
        }
        probe.visit_end_scope(name, self);
    }
}

impl Block for Reference<'_> {
    fn connect_all(&mut self) {}
    fn update_all(&mut self) {}
    fn has_changed(&self) -> bool {
        false
    }
    fn accept(&self, name: &str, probe: &mut dyn Probe) {
        probe.visit_start_scope(name, self);
        for p in port_atoms(self.0) {
            probe.visit_atom(p.name, &p);
        }
        probe.visit_end_scope(name, self);
    }
}

/// rust-hdl's text of `module`, before normalisation.
pub(super) fn print(module: &Module) -> String {
    let mut defines = ModuleDefines::default();
    Definition(module).accept(&module.name, &mut defines);
    defines.defines()
}
