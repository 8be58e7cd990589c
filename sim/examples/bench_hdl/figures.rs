//! What goes into the figures beside measurements.

use crate::Failure;
use galena_sim::datasheet::Bench;
use std::collections::BTreeMap;
use std::process::Command;

/// Takes over the areas of what has none here.
pub(crate) fn keep_areas(figures: &mut Bench, old: &Bench) {
    for new in &mut figures.points {
        if let Some(old) = old.point(&new.block, &new.point) {
            (new.ecp5, new.ultrascale) = (old.ecp5.clone(), old.ultrascale.clone());
        }
    }
    for new in &mut figures.configs {
        if let Some(old) = old.config(&new.config) {
            (new.ecp5, new.ultrascale) = (old.ecp5.clone(), old.ultrascale.clone());
        }
    }
}

/// Versions of the tools that figures come from.
pub(crate) fn tools() -> Result<BTreeMap<String, String>, Failure> {
    let ask = |tool: &str, arg: &str| -> Result<(String, String), Failure> {
        let output: std::process::Output = {
            let mut command: Command = galena_sim::tools::command(tool)?;
            command.arg(arg).output()?
        };
        let text = String::from_utf8_lossy(&output.stdout).lines().next().unwrap_or_default().to_owned();
        // What the build was made from follows in brackets.
        Ok((tool.to_owned(), text.split(" (").next().unwrap_or_default().trim().to_owned()))
    };
    Ok([ask("verilator", "--version")?, ask("yosys", "-V")?].into())
}
