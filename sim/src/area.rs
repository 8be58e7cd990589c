//! Area of a circuit by yosys: a synthesis estimate, neither placed nor routed.

use crate::{SimError, tools};
use galena_hdl::block::Point;
use galena_hdl::{Module, emit};
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

/// The area of a circuit.
pub fn area_of(module: &Module, family: Family) -> Result<Area, SimError> {
    let files =
        emit(module).map_err(|e| SimError::Refused { tool: "emit", top: module.name.clone(), log: e.to_string() })?;
    let top = &module.name;
    let log = match family {
        Family::Ecp5 => tools::yosys(&files, &["GALENA_ECP5"], &format!("synth_ecp5 -top {top}; stat"))?,
        Family::UltraScalePlus => {
            tools::yosys(&files, &[], &format!("synth_xilinx -family xcup -flatten -top {top}; stat"))?
        }
    };
    Ok(Area { family, cells: cells(&log) })
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
    fn the_last_stat_counts() {
        let log = "=== top ===\n   1 wires\n   9 LUT4\n=== top ===\n\n   12 cells\n   3   MULT18X18D\n   9 LUT4\nEnd of script.\n";
        assert_eq!(cells(log), BTreeMap::from([("MULT18X18D".into(), 3), ("LUT4".into(), 9)]));
    }
}
