//! What many seeds of place and route gave for one netlist: committed beside the manifests, seed by seed, so that a long sweep can be made in parts.

use super::manifest::read;
use super::{FlowError, Versions};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The clocks of one netlist, by seed.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sweep {
    /// The board.
    pub board: String,
    /// The config.
    pub config: String,
    /// Hash of Verilog, constraints and options, in hexadecimal. The netlist names no commit: that would make it another one every time.
    pub sources: String,
    /// What the config's clock is, in MHz.
    pub wanted_mhz: f64,
    /// The slowest path of the slowest seed, a line a step.
    pub slowest: Vec<String>,
    /// The tools.
    pub tools: Versions,
    /// Cells of the netlist, by type.
    pub cells: BTreeMap<String, u64>,
    /// MHz that the core's clock could have, by seed.
    #[serde(with = "by_seed")]
    pub seeds: BTreeMap<u32, f64>,
}

/// The keys of a table are strings.
mod by_seed {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use std::collections::BTreeMap;

    pub(super) fn serialize<S: Serializer>(seeds: &BTreeMap<u32, f64>, to: S) -> Result<S::Ok, S::Error> {
        seeds.iter().map(|(seed, mhz)| (format!("seed-{seed:04}"), mhz)).collect::<BTreeMap<_, _>>().serialize(to)
    }

    pub(super) fn deserialize<'a, D: Deserializer<'a>>(from: D) -> Result<BTreeMap<u32, f64>, D::Error> {
        let seed = |name: &str| name.strip_prefix("seed-").and_then(|digits| digits.parse().ok());
        let named = BTreeMap::<String, f64>::deserialize(from)?;
        named
            .into_iter()
            .map(|(name, mhz)| {
                Ok((seed(&name).ok_or_else(|| D::Error::custom(format!("expected `seed-N`, found `{name}`")))?, mhz))
            })
            .collect()
    }
}

/// The record of a board and a config below a folder like [`MANIFESTS`](super::MANIFESTS).
pub fn sweep_path(root: &Path, board: &str, config: &str) -> PathBuf {
    root.join(board).join(format!("{config}.sweep.toml"))
}

impl Sweep {
    /// Reads one; none if there is no file.
    pub fn read(path: &Path) -> Result<Option<Self>, FlowError> {
        read(path)
    }

    /// The text of its file.
    pub fn text(&self) -> String {
        let body = toml::to_string(self).unwrap_or_default();
        format!(
            "# Clocks of `{}` for `{}`, placed and routed, by seed. Written by `galena bitstream sweep --board {} --config {} --record`: do not edit.\n{body}",
            self.config, self.board, self.board, self.config
        )
    }

    /// It is of the same netlist and tools, so that seeds of both can stand together.
    pub fn same(&self, other: &Self) -> bool {
        (&self.board, &self.config, &self.sources, &self.tools)
            == (&other.board, &other.config, &other.sources, &other.tools)
    }

    /// Minimum, median and maximum, in MHz; none of no seeds.
    pub fn spread(&self) -> Option<[f64; 3]> {
        let mut sorted: Vec<f64> = self.seeds.values().copied().collect();
        sorted.sort_by(f64::total_cmp);
        let (first, last) = (*sorted.first()?, *sorted.last()?);
        let middle = sorted.len() / 2;
        let lower = sorted.get(middle.wrapping_sub(1)).copied().unwrap_or(first);
        let upper = sorted.get(middle).copied().unwrap_or(last);
        let median = if sorted.len() % 2 == 1 { upper } else { f64::midpoint(lower, upper) };
        Some([first, median, last])
    }

    /// Share of the seeds that meet the clock.
    pub fn met(&self) -> f64 {
        let met = self.seeds.values().filter(|mhz| **mhz >= self.wanted_mhz).count();
        met as f64 / self.seeds.len().max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sweep(seeds: &[(u32, f64)]) -> Sweep {
        let tools = Versions { yosys: "Yosys 1".into(), nextpnr: "nextpnr 2".into(), ecppack: "ecppack 3".into() };
        Sweep {
            board: "ulx3s-85f".into(),
            config: "ecp5-85f".into(),
            sources: "55".repeat(32),
            wanted_mhz: 40.0,
            slowest: vec!["a -> b".into()],
            tools,
            cells: [("LUT4".to_string(), 3)].into(),
            seeds: seeds.iter().copied().collect(),
        }
    }

    #[test]
    fn the_middle_of_an_even_number_lies_between_two() {
        assert_eq!(sweep(&[]).spread(), None);
        assert_eq!(sweep(&[(1, 39.0)]).spread(), Some([39.0; 3]));
        assert_eq!(sweep(&[(1, 50.0), (2, 39.0), (3, 40.0)]).spread(), Some([39.0, 40.0, 50.0]));
        let four = sweep(&[(4, 50.0), (1, 39.0), (2, 40.0), (3, 42.0)]);
        assert_eq!((four.spread(), four.met()), (Some([39.0, 41.0, 50.0]), 0.75));
    }

    #[test]
    fn a_record_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = sweep_path(folder.path(), "ulx3s-85f", "ecp5-85f");
        assert!(Sweep::read(&path).unwrap().is_none());
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let kept = sweep(&[(2, 39.5), (11, 41.25)]);
        std::fs::write(&path, kept.text()).unwrap();
        assert_eq!(Sweep::read(&path).unwrap().unwrap(), kept);
        assert!(kept.same(&sweep(&[])) && !kept.same(&Sweep { sources: "00".repeat(32), ..kept.clone() }));
        std::fs::write(&path, kept.text().replace("seed-0002", "two")).unwrap();
        let error = Sweep::read(&path).unwrap_err();
        assert!(matches!(error, FlowError::Record { .. }), "{error}");
    }
}
