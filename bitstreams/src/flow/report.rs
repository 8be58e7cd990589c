//! What nextpnr says of a placed and routed design.

use super::FlowError;
use serde_json::Value;
use std::collections::BTreeMap;

/// Clocks and area.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Report {
    /// By the name of the clock's net.
    pub clocks: BTreeMap<String, Fmax>,
    /// By the name of the cell; only what is used.
    pub used: BTreeMap<String, Used>,
    /// The slowest path of each pair of clocks: where the time goes, one line a step.
    pub critical: Vec<String>,
}

/// How fast a clock may be.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Fmax {
    /// Reached, in MHz.
    pub achieved: f64,
    /// Asked for, in MHz.
    pub constraint: f64,
}

/// How many of a kind of cell there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Used {
    /// In the design.
    pub used: u64,
    /// On the part.
    pub available: u64,
}

impl Report {
    /// Reads what `nextpnr-ecp5 --report` writes.
    pub fn read(text: &str) -> Result<Self, FlowError> {
        let wrong = |what: &str| FlowError::Output { tool: "nextpnr-ecp5", what: what.into() };
        let whole: Value = serde_json::from_str(text).map_err(|e| wrong(&e.to_string()))?;
        let table = |key: &'static str| whole.get(key).and_then(Value::as_object).ok_or_else(|| wrong(key));
        let clock = |(name, value): (&String, &Value)| {
            let mhz = |key| value.get(key).and_then(Value::as_f64);
            Some((name.clone(), Fmax { achieved: mhz("achieved")?, constraint: mhz("constraint")? }))
        };
        let clocks: Option<_> = table("fmax")?.iter().map(clock).collect();
        let cell = |(name, value): (&String, &Value)| {
            let count = |key| value.get(key).and_then(Value::as_u64);
            Some((name.clone(), Used { used: count("used")?, available: count("available")? }))
        };
        let used: Option<BTreeMap<_, _>> = table("utilization")?.iter().map(cell).collect();
        let mut used = used.ok_or_else(|| wrong("utilization"))?;
        used.retain(|_, cell: &mut Used| cell.used > 0);
        let critical = whole.get("critical_paths").and_then(Value::as_array).ok_or_else(|| wrong("critical_paths"))?;
        let critical = critical.iter().flat_map(steps).collect();
        Ok(Self { clocks: clocks.ok_or_else(|| wrong("fmax"))?, used, critical })
    }

    /// Cells of that name.
    pub fn cells(&self, name: &str) -> u64 {
        self.used.get(name).map_or(0, |cell| cell.used)
    }
}

/// A path as lines: its ends, then each step with its delay and what it goes through.
fn steps(path: &Value) -> Vec<String> {
    let word = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or("?").to_owned();
    let mut lines = vec![format!("{} -> {}", word(path, "from"), word(path, "to"))];
    for step in path.get("path").and_then(Value::as_array).into_iter().flatten() {
        let delay = step.get("delay").and_then(Value::as_f64).unwrap_or(0.0);
        let end = |key: &str| {
            let end = step.get(key)?;
            Some(format!("{} {}", word(end, "cell"), word(end, "port")))
        };
        let (kind, from, to) = (word(step, "type"), end("from"), end("to"));
        let through = step.get("net").and_then(Value::as_str).map(|net| format!(" ({net})")).unwrap_or_default();
        let text = [from, to].into_iter().flatten().collect::<Vec<_>>().join(" -> ");
        lines.push(format!("  {delay:6.2} ns  {kind:<11} {text}{through}"));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_read_and_a_wrong_one_is_refused() {
        let text = r#"{"critical_paths": [{"from": "posedge $glbnet$clk", "to": "posedge $glbnet$clk", "path": [
            {"delay": 0.5, "from": {"cell": "a", "port": "CLK"}, "to": {"cell": "a", "port": "Q"}, "type": "clk-to-q"},
            {"delay": 1.5, "from": {"cell": "a", "port": "Q"}, "to": {"cell": "b", "port": "D"}, "net": "n", "type": "routing"}]}],
            "fmax": {"$glbnet$clk": {"achieved": 104.5, "constraint": 100.0}},
            "utilization": {"MULT18X18D": {"available": 156, "used": 72}, "DCUA": {"available": 2, "used": 0}}}"#;
        let report = Report::read(text).unwrap();
        assert_eq!(report.clocks["$glbnet$clk"], Fmax { achieved: 104.5, constraint: 100.0 });
        assert_eq!(report.used.len(), 1);
        assert_eq!((report.cells("MULT18X18D"), report.cells("DCUA")), (72, 0));
        assert_eq!(report.critical.len(), 3);
        assert_eq!(report.critical[2], "    1.50 ns  routing     a Q -> b D (n)");
        for wrong in ["", "{}", &text.replace("\"used\": 72", "\"used\": \"x\""), &text.replace("fmax", "f")] {
            assert!(matches!(Report::read(wrong), Err(FlowError::Output { .. })), "{wrong}");
        }
    }
}
