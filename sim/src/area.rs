//! Area of a circuit by yosys: a synthesis estimate, neither placed nor routed.

use crate::{SimError, tools};
use galena_hdl::block::Point;
use galena_hdl::{Module, VerilogFile, emit};
use std::collections::BTreeMap;

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
            (Self::UltraScalePlus, false) => "synth_xilinx -family xcup",
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

/// The areas of many circuits, module by module: each module is synthesised once, whatever uses it, and a circuit is the sum of its modules. For
/// circuits of hundreds of multipliers there is no other way (yosys would need hours, and more memory than its WebAssembly build has). What
/// constants at the ports of an instance would have removed is in the sum: lookup tables are up to a sixth more than flattened; multipliers, block
/// memories and registers are the same.
pub fn areas_by_module(modules: &[&Module], family: Family) -> Result<Vec<Area>, SimError> {
    const TOP: &str = "every_circuit";
    let mut all: Vec<VerilogFile> = vec![];
    for file in modules.iter().map(|m| files(m)).collect::<Result<Vec<_>, _>>()?.into_iter().flatten() {
        match all.iter().find(|f| f.name == file.name) {
            None => all.push(file),
            Some(known) if known.text == file.text => {}
            Some(_) => {
                let log = format!("two circuits have a file {} with different text", file.name);
                return Err(SimError::Refused { tool: "emit", top: TOP.into(), log });
            }
        }
    }
    let instances: String =
        modules.iter().enumerate().map(|(k, m)| format!("    (* keep *) {} circuit_{k} ();\n", m.name)).collect();
    all.push(VerilogFile { name: format!("{TOP}.v"), text: format!("module {TOP};\n{instances}endmodule\n") });
    let script = format!("{} -top {TOP}; tee -q -o stat stat -json", family.synthesis(false));
    let stat = tools::synthesised("areas", &all, family.defines(), &script, "stat")?;
    let hierarchy = Hierarchy::read(&stat).ok_or_else(|| SimError::Refused {
        tool: "yosys stat",
        top: TOP.into(),
        log: stat.clone(),
    })?;
    Ok(modules.iter().map(|m| Area { family, cells: hierarchy.sum(&m.name) }).collect())
}

fn files(module: &Module) -> Result<Vec<VerilogFile>, SimError> {
    emit(module).map_err(|e| SimError::Refused { tool: "emit", top: module.name.clone(), log: e.to_string() })
}

/// The cells of each module by type, where a type may be a module.
struct Hierarchy(BTreeMap<String, BTreeMap<String, usize>>);

impl Hierarchy {
    /// Reads what `stat -json` writes.
    fn read(text: &str) -> Option<Self> {
        let whole: serde_json::Value = serde_json::from_str(text).ok()?;
        let one = |module: &serde_json::Value| {
            let cells = module.get("num_cells_by_type")?.as_object()?;
            cells.iter().map(|(kind, n)| Some((kind.clone(), n.as_u64()? as usize))).collect::<Option<_>>()
        };
        let modules = whole.get("modules")?.as_object()?;
        // Names come with the backslash of the written ones, types without.
        let name = |name: &str| name.trim_start_matches('\\').to_owned();
        modules.iter().map(|(n, module)| Some((name(n), one(module)?))).collect::<Option<_>>().map(Self)
    }

    /// The cells of a module and of all that is in it.
    fn sum(&self, module: &str) -> BTreeMap<String, usize> {
        let mut sum = BTreeMap::new();
        for (kind, count) in self.0.get(module).into_iter().flatten() {
            let kind = kind.trim_start_matches('\\');
            if self.0.contains_key(kind) {
                for (cell, n) in self.sum(kind) {
                    *sum.entry(cell).or_default() += count * n;
                }
            } else if kind.starts_with(|c: char| c.is_ascii_uppercase()) {
                *sum.entry(kind.to_owned()).or_default() += count;
            }
        }
        sum
    }
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
    fn a_circuit_is_the_sum_of_its_modules() {
        let text = r#"{"modules": {
            "\\top": {"num_cells_by_type": {"leaf": 2, "LUT4": 1, "$scopeinfo": 3, "$paramod$0\\ram": 1}},
            "\\leaf": {"num_cells_by_type": {"LUT4": 5, "MULT18X18D": 1}},
            "$paramod$0\\ram": {"num_cells_by_type": {"DP16KD": 4}}}}"#;
        let want = [("DP16KD", 4), ("LUT4", 11), ("MULT18X18D", 2)].map(|(k, n)| (k.to_string(), n));
        assert_eq!(Hierarchy::read(text).unwrap().sum("top"), BTreeMap::from(want));
        assert!(Hierarchy::read("{}").is_none());
    }

    #[test]
    fn the_last_stat_counts() {
        let log = "=== top ===\n   1 wires\n   9 LUT4\n=== top ===\n\n   12 cells\n   3   MULT18X18D\n   9 LUT4\nEnd of script.\n";
        assert_eq!(cells(log), BTreeMap::from([("MULT18X18D".into(), 3), ("LUT4".into(), 9)]));
    }
}
