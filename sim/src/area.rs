//! Area of a circuit by yosys: a synthesis estimate, neither placed nor routed.

use crate::{SimError, tools};
use galena_hdl::block::Point;
use galena_hdl::{Module, VerilogFile, emit};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A family of devices that yosys synthesises for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Lattice ECP5, `synth_ecp5`, with its multipliers instantiated.
    Ecp5,
    /// AMD UltraScale+, `synth_xilinx -family xcup`.
    UltraScalePlus,
}

impl Family {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Ecp5, Self::UltraScalePlus];

    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ecp5 => "ECP5",
            Self::UltraScalePlus => "UltraScale+",
        }
    }

    /// The command that synthesises, without the top.
    fn synthesis(self, flat: bool) -> &'static str {
        match (self, flat) {
            (Self::Ecp5, true) => "synth_ecp5",
            (Self::Ecp5, false) => "synth_ecp5 -noflatten",
            (Self::UltraScalePlus, true) => "synth_xilinx -family xcup -flatten",
            (Self::UltraScalePlus, false) => "synth_xilinx -family xcup -noiopad -noclkbuf",
        }
    }

    /// Macros that it is synthesised with.
    fn defines(self) -> &'static [&'static str] {
        match self {
            Self::Ecp5 => &["GALENA_ECP5"],
            Self::UltraScalePlus => &[],
        }
    }

    /// The cell that multiplies.
    pub fn multiplier(self) -> &'static str {
        match self {
            Self::Ecp5 => "MULT18X18D",
            Self::UltraScalePlus => "DSP48E2",
        }
    }
}

/// Cells of a synthesised circuit, by type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Area {
    /// The family.
    pub family: Family,
    /// How many of each type.
    pub cells: BTreeMap<String, usize>,
}

impl Area {
    /// Cells whose type is one of these.
    fn sum(&self, types: &[&str]) -> usize {
        types.iter().filter_map(|t| self.cells.get(*t)).sum()
    }

    /// Multiplier blocks.
    pub fn multipliers(&self) -> usize {
        self.sum(&[self.family.multiplier()])
    }

    /// Lookup tables in logic; a carry cell of ECP5 is two of them, one of UltraScale+ none (its tables are counted).
    pub fn luts(&self) -> usize {
        match self.family {
            Family::Ecp5 => self.sum(&["LUT4"]) + 2 * self.sum(&["CCU2C"]),
            Family::UltraScalePlus => self.sum(&["LUT1", "LUT2", "LUT3", "LUT4", "LUT5", "LUT6"]),
        }
    }

    /// Registers.
    pub fn registers(&self) -> usize {
        self.sum(&["TRELLIS_FF", "FDRE", "FDSE", "FDCE", "FDPE"])
    }

    /// Block memories.
    pub fn memories(&self) -> usize {
        self.sum(&["DP16KD", "RAMB18E2", "RAMB36E2"])
    }
}

/// The area of a point's circuit.
pub fn area(point: &Point, family: Family) -> Result<Area, SimError> {
    area_of(&point.module, family)
}

/// The area of a circuit, flattened as it would be built; from the cache if it is known.
pub fn area_of(module: &Module, family: Family) -> Result<Area, SimError> {
    let files = files(module)?;
    let script = format!("{} -top {top}; tee -o stat stat", family.synthesis(true), top = module.name);
    let stat = tools::synthesised("areas", &files, family.defines(), &script, "stat")?;
    Ok(Area { family, cells: cells(&stat) })
}

/// The area of a circuit module by module: each module is synthesised alone, with its children as black boxes, and the circuit is the sum of its
/// modules. A module that is known comes from the cache, whatever circuit used it before. For circuits of hundreds of multipliers there is no other
/// way (yosys would need hours, and more memory than its WebAssembly build has). What constants at the ports of an instance would have removed is
/// in the sum: lookup tables are up to a sixth more than flattened; multipliers, block memories and registers are the same.
pub fn area_by_module(module: &Module, family: Family) -> Result<Area, SimError> {
    let mut counts = BTreeMap::new();
    count(module, 1, &mut counts)?;
    let all: Vec<(Vec<VerilogFile>, usize)> = counts.into_values().collect();
    let next = AtomicUsize::new(0);
    let work = || -> Result<BTreeMap<String, usize>, SimError> {
        let mut sum = BTreeMap::new();
        while let Some((files, count)) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
            for (cell, n) in own_cells(files, family)? {
                *sum.entry(cell).or_default() += count * n;
            }
        }
        Ok(sum)
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let sums: Vec<_> = std::thread::scope(|scope| {
        let started: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        started.into_iter().map(|thread| thread.join()).collect()
    });
    let mut cells = BTreeMap::new();
    for sum in sums {
        for (cell, n) in sum.unwrap_or_else(|panic| std::panic::resume_unwind(panic))? {
            *cells.entry(cell).or_default() += n;
        }
    }
    Ok(Area { family, cells })
}

/// Adds a module and all in it, by the Verilog of the module and its children's ports: its file comes first, and how often it is there.
fn count(
    module: &Module,
    times: usize,
    counts: &mut BTreeMap<String, (Vec<VerilogFile>, usize)>,
) -> Result<(), SimError> {
    let mut alone = module.clone();
    for instance in &mut alone.instances {
        let mut port = Module::clone(&instance.module);
        (port.instances, port.locals, port.body, port.data_files) = (vec![], vec![], String::new(), vec![]);
        instance.module = port.into();
    }
    let mut files = files(&alone)?;
    let top = format!("{}.v", module.name);
    let place = files.iter().position(|f| f.name == top).unwrap_or(0);
    files.swap(0, place);
    let key = files.iter().map(|f| format!("{}\n{}\n", f.name, f.text)).collect();
    counts.entry(key).or_insert_with(|| (files, 0)).1 += times;
    let mut children: BTreeMap<*const Module, (&Module, usize)> = BTreeMap::new();
    for instance in &module.instances {
        children.entry(std::sync::Arc::as_ptr(&instance.module)).or_insert((&instance.module, 0)).1 += 1;
    }
    children.into_values().try_for_each(|(child, n)| count(child, times * n, counts))
}

/// The cells of a module without its children.
fn own_cells(files: &[VerilogFile], family: Family) -> Result<BTreeMap<String, usize>, SimError> {
    let top = files.first().map(|f| f.name.trim_end_matches(".v")).unwrap_or_default();
    let boxes =
        if files.len() > 1 { format!("hierarchy -check -top {top}; blackbox * {top} %d; ") } else { String::new() };
    let script = format!("{boxes}{} -top {top}; tee -q -o stat stat -json -top {top}", family.synthesis(false));
    let stat = tools::synthesised("areas", files, family.defines(), &script, "stat")?;
    let refused = || SimError::Refused { tool: "yosys stat", top: top.into(), log: stat.clone() };
    let whole: serde_json::Value = serde_json::from_str(&stat).map_err(|_| refused())?;
    let modules = whole.get("modules").and_then(|m| m.as_object()).ok_or_else(refused)?;
    let module = modules.iter().find(|(name, _)| name.trim_start_matches('\\') == top).ok_or_else(refused)?.1;
    let cells = module.get("num_cells_by_type").and_then(|c| c.as_object()).ok_or_else(refused)?;
    // Instances of other modules have small names, or begin with a `$`.
    let own = cells.iter().filter(|(kind, _)| kind.starts_with(|c: char| c.is_ascii_uppercase()));
    own.map(|(kind, n)| Some((kind.clone(), n.as_u64()? as usize))).collect::<Option<_>>().ok_or_else(refused)
}

fn files(module: &Module) -> Result<Vec<VerilogFile>, SimError> {
    emit(module).map_err(|e| SimError::Refused { tool: "emit", top: module.name.clone(), log: e.to_string() })
}

/// The lines `count type` of the last `stat`.
fn cells(log: &str) -> BTreeMap<String, usize> {
    let last = log.rfind("Number of cells").or_else(|| log.rfind("=== ")).unwrap_or(0);
    let cell = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (count, kind) = (words.first()?.parse().ok()?, *words.last()?);
        kind.chars().next().is_some_and(|c| c.is_ascii_uppercase()).then(|| (kind.to_string(), count))
    };
    log[last..].lines().filter_map(cell).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_circuit_is_counted_as_often_as_its_modules_are_in_it() {
        let leaf = Module::new("leaf", "").input("a", 1, "").output("y", 1, "").body("assign y = a;");
        let pair = Module::new("pair", "").input("a", 1, "").output("y", 1, "").wire("b", 1);
        let pair = pair.instance("first", leaf.clone(), [("a", "a"), ("y", "b")]);
        let pair = pair.instance("second", leaf.clone(), [("a", "b"), ("y", "y")]);
        let top = Module::new("top", "").input("a", 1, "").output("y", 1, "").wire("b", 1);
        let top = top.instance("left", pair.clone(), [("a", "a"), ("y", "b")]);
        let top = top.instance("right", leaf, [("a", "b"), ("y", "y")]);
        let mut counts = BTreeMap::new();
        count(&top, 1, &mut counts).unwrap();
        let mut named: Vec<_> = counts.values().map(|(files, n)| (files[0].name.as_str(), files.len(), *n)).collect();
        named.sort();
        assert_eq!(named, [("leaf.v", 1, 3), ("pair.v", 2, 1), ("top.v", 3, 1)]);
    }

    #[test]
    fn the_last_stat_counts() {
        let log = "=== top ===\n   1 wires\n   9 LUT4\n=== top ===\n\n   12 cells\n   3   MULT18X18D\n   9 LUT4\nEnd of script.\n";
        assert_eq!(cells(log), BTreeMap::from([("MULT18X18D".into(), 3), ("LUT4".into(), 9)]));
    }
}
