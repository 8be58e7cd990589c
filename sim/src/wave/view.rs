//! Which signals of a circuit a person looks at, from its netlist: the streams between its parts first, each net once, where it is driven.

use galena_hdl::Module;
use galena_hdl::netlist::Direction;
use std::collections::BTreeSet;

/// What the waves call the outermost scope.
const ROOT: &str = "TOP";

/// A signal of one module instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signal {
    /// Its path in the waves, without a range: `TOP.core.part.s_data`.
    pub path: String,
    /// Its own name.
    pub name: String,
    /// Bits.
    pub width: usize,
    /// Whether its module drives it.
    pub output: bool,
    /// The net it is on, the same for all ports that are connected by name.
    net: String,
}

/// A valid/ready stream at the ports of a module instance.
#[derive(Clone, Debug)]
pub struct Channel {
    /// Instance and prefix: `transform m_`; of the top only the prefix.
    pub name: String,
    /// Whether the instance drives it.
    pub output: bool,
    /// `..valid`.
    pub valid: Signal,
    /// `..ready`.
    pub ready: Signal,
    /// Everything else.
    pub payload: Vec<Signal>,
}

/// A module instance: what it alone shows.
#[derive(Clone, Debug)]
pub struct Scope {
    /// Instances from the top, not included, to it: `control.parser`; empty for the top itself.
    pub name: String,
    /// The module's name.
    pub module: String,
    /// How far below the top.
    pub depth: usize,
    /// Its streams that no scope above or beside it shows.
    pub channels: Vec<Channel>,
    /// Its other outputs; of the top all other ports.
    pub others: Vec<Signal>,
}

/// The scopes of a circuit down to `depth`, in the order of the netlist.
pub fn scopes(top: &Module, depth: usize) -> Vec<Scope> {
    let path = format!("{ROOT}.{}", top.name);
    let nets: Vec<String> = top.ports.iter().map(|p| format!("{path}.{}", p.name)).collect();
    let mut all = vec![];
    walk(top, "", &path, &nets, 0, depth, &mut all);
    claim(&mut all);
    all.retain(|scope| !scope.channels.is_empty() || !scope.others.is_empty());
    all
}

/// All ports of a module and of those below it. `nets` are those that its ports are on.
fn walk(module: &Module, name: &str, path: &str, nets: &[String], at: usize, depth: usize, into: &mut Vec<Scope>) {
    let port = |(port, net): (&galena_hdl::netlist::Port, &String)| {
        let path = format!("{path}.{}", port.name);
        let output = port.direction != Direction::Input;
        Signal { path, name: port.name.clone(), width: port.width, output, net: net.clone() }
    };
    let ports: Vec<Signal> = module.ports.iter().zip(nets).map(port).collect();
    let channels = channels(name, &ports);
    let within: BTreeSet<&str> = (channels.iter())
        .flat_map(|c| [&c.valid, &c.ready].into_iter().chain(&c.payload))
        .map(|signal| signal.path.as_str())
        .collect();
    let others = ports.iter().filter(|s| !within.contains(s.path.as_str()) && (s.output || at == 0)).cloned().collect();
    into.push(Scope { name: name.into(), module: module.name.clone(), depth: at, channels, others });
    if at == depth {
        return;
    }
    for instance in &module.instances {
        let own = format!("{path}.{}", instance.name);
        let net = |port: &galena_hdl::netlist::Port| {
            let outside = instance.connections.iter().find(|(p, _)| *p == port.name).map_or("", |(_, e)| e);
            match module.ports.iter().position(|p| p.name == outside) {
                Some(k) => nets[k].clone(),
                None if module.locals.iter().any(|l| l.name == outside) => format!("{path}.{outside}"),
                None => format!("{own}.{}", port.name),
            }
        };
        let child: Vec<String> = instance.module.ports.iter().map(net).collect();
        let name = if name.is_empty() { instance.name.clone() } else { format!("{name}.{}", instance.name) };
        walk(&instance.module, &name, &own, &child, at + 1, depth, into);
    }
}

/// The streams among ports: `Xvalid` with `Xready`, and what else begins with X and goes the same way.
fn channels(scope: &str, ports: &[Signal]) -> Vec<Channel> {
    let find = |name: String| ports.iter().find(|signal| signal.name == name);
    let prefixes: Vec<&str> = (ports.iter())
        .filter_map(|signal| signal.name.strip_suffix("valid"))
        .filter(|prefix| find(format!("{prefix}ready")).is_some())
        .collect();
    // The longest prefix has the port: `axi_rdata` is of `axi_r`, not of `axi_`.
    let of = |name: &str| prefixes.iter().filter(|p| name.starts_with(**p)).max_by_key(|p| p.len()).copied();
    let channel = |prefix: &&str| {
        let (valid, ready) = (find(format!("{prefix}valid"))?, find(format!("{prefix}ready"))?);
        let payload = ports.iter().filter(|s| of(&s.name) == Some(prefix) && s.output == valid.output);
        let payload = payload.filter(|s| s.path != valid.path && s.path != ready.path).cloned().collect();
        let name = format!("{scope} {prefix}").trim_start().to_owned();
        Some(Channel { name, output: valid.output, valid: valid.clone(), ready: ready.clone(), payload })
    };
    prefixes.iter().filter_map(channel).collect()
}

/// Leaves each stream to one scope: the higher one, then the one with fewer streams, which is the part that the stream is about. Then each other
/// net to the first scope that drives it.
fn claim(scopes: &mut [Scope]) {
    let mut order: Vec<usize> = (0..scopes.len()).collect();
    order.sort_by_key(|&k| (scopes[k].depth, scopes[k].channels.len()));
    let mut taken: BTreeSet<String> = BTreeSet::new();
    for k in order {
        let scope = &mut scopes[k];
        // A stream whose `valid` passes a gate on its way still has one `ready`.
        let (kept, left): (Vec<Channel>, _) = std::mem::take(&mut scope.channels)
            .into_iter()
            .partition(|c| !taken.contains(&c.valid.net) && !taken.contains(&c.ready.net));
        let signals = |c: &Channel| [&c.valid, &c.ready].into_iter().chain(&c.payload).cloned().collect::<Vec<_>>();
        taken.extend(kept.iter().flat_map(signals).map(|signal| signal.net));
        scope.others.extend(left.into_iter().filter(|c| c.output).flat_map(|c| c.payload));
        scope.channels = kept;
    }
    for scope in scopes {
        scope.others.retain(|signal| taken.insert(signal.net.clone()));
    }
}
