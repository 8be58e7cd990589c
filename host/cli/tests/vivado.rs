//! `galena bitstream script`: the whole folder for every board that Vivado builds, run through tclsh against stubs of Vivado's commands.

mod galena;

use galena::{Galena, Said};
use galena_target::Board;
use galena_target::board::Flow;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

const STUBS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../bitstreams/tests/vivado.tcl");

/// Every file below a folder, by its name in it.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for part in ["", "rtl"] {
        for entry in std::fs::read_dir(folder.join(part)).unwrap().map(Result::unwrap) {
            if entry.path().is_file() {
                let name = Path::new(part).join(entry.file_name()).display().to_string();
                files.insert(name, std::fs::read(entry.path()).unwrap());
            }
        }
    }
    files
}

/// What the script said when tclsh ran it with these slacks, and whether it ended with 0.
fn tclsh(folder: &Path, setup: &str) -> (bool, String) {
    let mut command = Command::new("tclsh");
    command.arg(STUBS).arg(folder.join("build.tcl")).envs([("SETUP", setup), ("HOLD", "0.01")]);
    let output = command.output().expect("tclsh runs: apt-get install tcl");
    let said = [&output.stdout[..], &output.stderr[..]].map(String::from_utf8_lossy).concat();
    (output.status.success(), said)
}

fn script(args: &str) -> Said {
    Galena::new(&format!("bitstream script {args} --out v")).run().code(0)
}

#[test]
fn every_board_that_vivado_builds_has_a_script_that_runs() {
    let mut scripts = 0;
    for board in Board::all().unwrap().into_iter().filter(|board| board.family.flow() == Flow::Vivado) {
        for config in &board.configs {
            let args = format!("--board {} --config {config}", board.name);
            let said = script(&args);
            let text = said.text();
            assert!(text.contains("files in v") && text.contains("nothing has been built"), "{text}");
            let written = files(&said.path("v"));
            for name in ["build.tcl", "pins.xdc", "timing.xdc", "README.md", "rtl/galena_top.v", "rtl/galena_core.v"] {
                assert!(written.contains_key(name), "{name} of {args}");
            }
            // The same bytes each time.
            assert!(written == files(&script(&args).path("v")), "{args}");
            let readme = String::from_utf8(written["README.md"].clone()).unwrap();
            assert!(readme.contains("**Not run.**") && readme.contains(&board.part), "{readme}");
            let (done, log) = tclsh(&said.path("v"), "0.1");
            assert!(
                done && log.contains(&format!("call write_bitstream -force out/{}-{config}.bit", board.name)),
                "{args}: {log}"
            );
            let (done, log) = tclsh(&said.path("v"), "-0.1");
            assert!(!done && log.contains("misses its clock"), "{args}: {log}");
            scripts += 1;
        }
    }
    assert!(scripts >= 5, "{scripts}");
}

#[test]
fn the_core_alone_is_built_out_of_context() {
    let said = script("--board kcu105 --out-of-context --json");
    let report = said.json();
    assert_eq!((&report["config"], &report["out_of_context"]), (&"ku040".into(), &true.into()));
    let written = files(&said.path("v"));
    assert!(!written.contains_key("pins.xdc") && !written.contains_key("rtl/galena_top.v"));
    let (done, log) = tclsh(&said.path("v"), "0.1");
    assert!(done && log.contains("synth_design -top galena_core"), "{log}");
    assert!(!log.contains("write_bitstream") && !log.contains("create_ip"), "{log}");
}

#[test]
fn the_wrong_flow_is_refused_in_a_sentence() {
    let refused = |args: &str, parts: &[&str]| {
        let said = Galena::new(args).env("GALENA_TOOLS", "/none").run().code(1).stderr(parts);
        assert!(said.stdout.is_empty());
    };
    for verb in ["build", "sweep", "flash"] {
        refused(
            &format!("bitstream {verb} --board arty-a7-100t"),
            &["found `arty-a7-100t` with its xc7a100tcsg324-1", "try `galena bitstream script --board arty-a7-100t`"],
        );
    }
    refused(
        "bitstream script --board ulx3s-85f",
        &["expected a board that Vivado builds, found `ulx3s-85f`", "try `galena bitstream build --board ulx3s-85f`"],
    );
    refused("bitstream script --board kcu105 --config card", &["expected one of the configs `ku040`, found `card`"]);
}

#[test]
fn the_table_of_boards_is_that_of_the_readme() {
    let table = Galena::new("board list --markdown").run().code(0).text();
    let readme = include_str!("../../../bitstreams/README.md");
    assert!(readme.contains(&table), "{table}");
}
