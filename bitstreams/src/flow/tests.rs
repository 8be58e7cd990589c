//! The flow without its tools: what is judged of what they say.

use super::*;
use crate::{Board, Config};
use std::collections::BTreeMap;
use std::path::Path;

fn sources(text: &str) -> Sources {
    Sources { top: "top".into(), files: vec![("top.v".into(), text.into()), ("table.hex".into(), "00".into())] }
}

/// Runs a test on the build of a board's usual config.
fn with_build<T>(board: &str, text: &str, test: impl FnOnce(&Build) -> T) -> T {
    let board = Board::named(board).unwrap();
    let (config, sources) = (board.config(None).unwrap(), sources(text));
    let folder = Path::new("none");
    test(&Build { board: &board, config, sources: &sources, git_hash: [7; 20], dirty: false, seed: 1, folder })
}

fn cells(list: &[(&str, u64)]) -> BTreeMap<String, u64> {
    list.iter().map(|(name, n)| (name.to_string(), *n)).collect()
}

#[test]
fn what_does_not_fit_is_said_with_the_numbers() {
    with_build("ulx3s-25f", "", |build| {
        build
            .fits(&cells(&[
                ("LUT4", 20_000),
                ("CCU2C", 2_144),
                ("TRELLIS_FF", 24_288),
                ("MULT18X18D", 28),
                ("DP16KD", 56),
            ]))
            .unwrap();
        let error =
            build.fits(&cells(&[("LUT4", 20_001), ("CCU2C", 2_144), ("MULT18X18D", 72), ("DP16KD", 56)])).unwrap_err();
        assert_eq!(
            error.to_string(),
            "config `ecp5-25f` does not fit the LFE5U-25F-6BG381C of `ulx3s-25f`: 24289 of 24288 lookup tables, 72 of 28 multipliers of 18 x 18"
        );
        let error = build.fits(&cells(&[("TRELLIS_DPR16X4", 4_049)])).unwrap_err();
        assert!(error.to_string().ends_with("24294 of 24288 lookup tables"), "{error}");
    });
}

#[test]
fn the_hash_of_the_sources_follows_everything_but_seed_and_commit() {
    let hash = |board: &str, text: &str| with_build(board, text, |build| build.sources_hash());
    let first = hash("ulx3s-85f", "module top; endmodule");
    assert_eq!(hash("ulx3s-85f", "module top; endmodule"), first);
    assert_ne!(hash("ulx3s-85f", "module top; endmodule "), first);
    assert_ne!(hash("ecp5-evn", "module top; endmodule"), first, "other pins and another part");
    let (board, sources) = (Board::named("ulx3s-85f").unwrap(), sources("module top; endmodule"));
    let build = Build {
        board: &board,
        config: board.config(None).unwrap(),
        sources: &sources,
        git_hash: [1; 20],
        dirty: true,
        seed: 9,
        folder: Path::new("elsewhere"),
    };
    assert_eq!(build.sources_hash(), first);
}

/// A report of nextpnr with these clocks.
fn report(clocks: &[(&str, f64, f64)]) -> Report {
    let clocks = clocks
        .iter()
        .map(|(name, achieved, constraint)| (name.to_string(), Fmax { achieved: *achieved, constraint: *constraint }));
    Report { clocks: clocks.collect(), used: BTreeMap::new(), critical: vec![] }
}

#[test]
fn a_design_has_one_clock_and_it_is_the_configs() {
    with_build("ulx3s-85f", "", |build| {
        let wanted = f64::from(build.config.clock_hz) / 1e6;
        assert_eq!(build.domain(&report(&[("clk", 104.0, wanted)])).unwrap(), 104.0);
        assert_eq!(
            build.domain(&report(&[("clk", 20.0, wanted + 0.01)])).unwrap(),
            20.0,
            "missing it is for the caller"
        );
        for wrong in [&[][..], &[("clk", 104.0, 12.0)], &[("clk", 104.0, wanted), ("oscillator", 300.0, 25.0)]] {
            let error = build.domain(&report(wrong)).unwrap_err();
            assert!(matches!(&error, FlowError::Clocks { .. }), "{error}");
        }
    });
}

#[test]
fn a_manifest_is_read_back_and_a_stale_one_says_what_differs() {
    let board = Board::named("ulx3s-85f").unwrap();
    let config = board.config(None).unwrap();
    let tools = Versions { yosys: "Yosys 1".into(), nextpnr: "nextpnr 2".into(), ecppack: "ecppack 3".into() };
    let manifest = Manifest {
        board: board.name.clone(),
        config: config.name.to_string(),
        config_hash: hex::encode(config.config_hash()),
        abi_version: crate::ABI_VERSION,
        git_hash: "12".repeat(20),
        sources: hex::encode([5; 32]),
        seed: 3,
        part: board.part.clone(),
        idcode: board.idcode,
        sha256: "ff".repeat(32),
        clock: Clock { mhz: 40.0, fmax_mhz: 51.123 },
        tools: tools.clone(),
        cells: [("DP16KD".to_string(), 5)].into(),
    };
    let folder = tempfile::tempdir().unwrap();
    let path = manifest_path(folder.path(), &board.name, &config.name);
    assert!(Manifest::read(&path).unwrap().is_none());
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, manifest.text()).unwrap();
    assert_eq!(Manifest::read(&path).unwrap().unwrap(), manifest);
    manifest.current(&board, config, [5; 32], &tools).unwrap();

    // The one that a device reports to be.
    let of = |config_hash: &str, git_hash: &str| Manifest::of_device(folder.path(), config_hash, git_hash).unwrap();
    let (config_hash, commit) = (&manifest.config_hash, &manifest.git_hash);
    assert_eq!(of(config_hash, commit), std::slice::from_ref(&manifest));
    assert_eq!(of(config_hash, &"34".repeat(20)), []);
    assert_eq!(of(&"34".repeat(32), commit), []);
    std::fs::write(&path, Manifest { git_hash: "00".repeat(20), ..manifest.clone() }.text()).unwrap();
    assert_eq!(of(config_hash, &"00".repeat(20)), [], "zeros are no commit");

    let differs = |manifest: &Manifest, config: &Config, sources, tools: &Versions| {
        manifest.current(&board, config, sources, tools).unwrap_err().what
    };
    let changed = |change: fn(&mut Manifest)| {
        let mut changed = manifest.clone();
        change(&mut changed);
        changed
    };
    assert_eq!(differs(&manifest, config, [6; 32], &tools), "sources");
    assert_eq!(differs(&manifest, Config::named("small-uart").unwrap(), [5; 32], &tools), "config hash");
    assert_eq!(
        differs(&manifest, config, [5; 32], &Versions { nextpnr: "nextpnr 3".into(), ..tools.clone() }),
        "nextpnr"
    );
    assert_eq!(differs(&changed(|m| m.idcode = 1), config, [5; 32], &tools), "identity of the part");
    assert_eq!(differs(&changed(|m| m.abi_version = 0), config, [5; 32], &tools), "ABI version");
    std::fs::write(&path, "board = 1").unwrap();
    assert!(matches!(Manifest::read(&path), Err(FlowError::Record { .. })));
}
