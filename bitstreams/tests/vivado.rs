//! Generated scripts for Vivado in plain tclsh, against stubs of Vivado's commands: for every board and config, with Verilog that only has the ports; and what
//! the stubs refuse. `host/cli/tests/vivado.rs` does the same with the Verilog that is built.

use galena_target::board::{Flow, ports};
use galena_target::flow::{Script, Sources};
use galena_target::{Board, Config};
use std::path::Path;
use std::process::{Command, Output};

const STUBS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vivado.tcl");

/// The boards that Vivado builds.
fn boards() -> Vec<Board> {
    Board::all().unwrap().into_iter().filter(|board| board.family.flow() == Flow::Vivado).collect()
}

/// A top module that has the board's ports, and the IP of a card.
fn sources(board: &Board, out_of_context: bool) -> Sources {
    if out_of_context {
        let text = "\nmodule galena_core #(\n    parameter [159:0] GIT_HASH = 160'h0,\n    parameter DIRTY = 1'h0\n) (\n    input wire clk\n);\nendmodule\n";
        return Sources { top: "galena_core".into(), files: vec![("galena_core.v".into(), text.into())] };
    }
    let port = |name: &String| match ports(board.link()).find(|row| row.name == name) {
        Some(row) if row.input => format!("    input wire {name}"),
        _ => format!("    output wire {name}"),
    };
    let list = board.pins.keys().map(port).collect::<Vec<_>>().join(",\n");
    let ip = if board.pcie.is_some() { "    xdma_0 dma (\n    );\n" } else { "" };
    let text = format!(
        "// A top.\nmodule galena_top #(\n    parameter [159:0] GIT_HASH = 160'h0, // commit\n    parameter         DIRTY    = 1'h0\n) (\n{list}\n);\n{ip}endmodule\n"
    );
    let files = vec![("galena_top.v".into(), text), ("table.mem".into(), "00\n".into())];
    Sources { top: "galena_top".into(), files }
}

fn files(board: &Board, config: &Config, out_of_context: bool) -> Vec<(String, String)> {
    let sources = sources(board, out_of_context);
    Script { board, config, sources: &sources, git_hash: [7; 20], dirty: true, out_of_context }.files()
}

/// Writes the files, changes one, and runs the script with these slacks.
fn run(files: &[(String, String)], change: (&str, &str, &str), [setup, hold]: [&str; 2]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let (file, from, to) = change;
        assert!(name != file || text.contains(from), "{from:?} in {name}");
        std::fs::write(path, if name == file { text.replacen(from, to, 1) } else { text.clone() }).unwrap();
    }
    tclsh(folder.path(), setup, hold)
}

fn tclsh(folder: &Path, setup: &str, hold: &str) -> Output {
    let mut command = Command::new("tclsh");
    command.arg(STUBS).arg(folder.join("build.tcl")).envs([("SETUP", setup), ("HOLD", hold)]);
    command.output().expect("tclsh runs: apt-get install tcl")
}

fn said(output: &Output) -> String {
    [&output.stdout[..], &output.stderr[..]].map(String::from_utf8_lossy).concat()
}

const NONE: (&str, &str, &str) = ("", "", "");
const MET: [&str; 2] = ["0.012", "0.000"];

#[test]
fn every_script_runs_to_its_end() {
    for board in boards() {
        for name in &board.configs {
            let config = board.config(Some(name)).unwrap();
            let files = files(&board, config, false);
            let output = run(&files, NONE, MET);
            let said = said(&output);
            assert!(output.status.success(), "{} {name}: {said}", board.name);
            let steps: Vec<&str> =
                said.lines().filter_map(|line| line.strip_prefix("call ")?.split(' ').next()).collect();
            let at = |step: &str| steps.iter().position(|s| *s == step).unwrap_or_else(|| panic!("{step}: {said}"));
            let order = ["read_verilog", "read_xdc", "synth_design", "opt_design", "place_design", "route_design"];
            assert!(order.windows(2).all(|pair| at(pair[0]) < at(pair[1])), "{said}");
            assert!(at("report_timing_summary") < at("write_bitstream"), "{said}");
            assert_eq!(steps.contains(&"create_ip"), board.pcie.is_some());
            assert!(said.contains(&format!("out/{}-{name}.bit", board.name)), "{said}");
            // And once more: the same bytes.
            assert_eq!(files, self::files(&board, config, false));
            let alone = run(&self::files(&board, config, true), NONE, MET);
            let said = self::said(&alone);
            assert!(
                alone.status.success() && !said.contains("write_bitstream") && !said.contains("create_ip"),
                "{said}"
            );
        }
    }
}

#[test]
fn a_missed_clock_is_an_error_and_leaves_no_bitstream() {
    let board = Board::named("arty-a7-100t").unwrap();
    let files = files(&board, board.config(None).unwrap(), false);
    for (slacks, check) in [(["-0.001", "0.1"], "setup"), (["0.1", "-0.2"], "hold")] {
        let output = run(&files, NONE, slacks);
        let said = said(&output);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(&format!("for {check}, found -0.")) && said.contains("misses its clock"), "{said}");
        assert!(!said.contains("call write_bitstream"), "{said}");
    }
    let untimed = run(&files, ("timing.xdc", "create_clock -name oscillator", "# "), MET);
    assert_eq!(untimed.status.code(), Some(1));
    assert!(said(&untimed).contains("no clock reaches the design"), "{}", said(&untimed));
}

#[test]
fn a_wrong_script_does_not_pass() {
    let board = Board::named("varium-c1100").unwrap();
    let files = files(&board, board.config(None).unwrap(), false);
    assert!(run(&files, NONE, MET).status.success());
    for (file, from, to, why) in [
        ("build.tcl", "opt_design", "opt_desing", "no command `opt_desing`"),
        ("build.tcl", "-flatten_hierarchy", "-flatten_hierarchie", "no option `-flatten_hierarchie`"),
        ("build.tcl", "    if {$slack < 0} {", "    if {$slack < 0 {", "missing close-brace"),
        ("build.tcl", "    galena_top.v\n", "    galena_tip.v\n", "no file"),
        ("build.tcl", "CONFIG.xdma_rnum_chnl 4", "CONFIG.xdma_rnum_chnl 5", "`CONFIG.xdma_rnum_chnl` cannot be `5`"),
        ("build.tcl", "CONFIG.axisten_freq", "CONFIG.axisten_freqs", "no property `CONFIG.axisten_freqs`"),
        ("build.tcl", "synth_ip [get_ips xdma_0]", "", "needs the IP `xdma_0`"),
        ("build.tcl", "GIT_HASH=", "GIT_HUSH=", "no parameter `GIT_HUSH`"),
        ("build.tcl", "place_design\n", "\n", "before `place_design`"),
        ("build.tcl", "-part xcu55n-fsvh2892-2L-e -flatten", "-part xcu55c-fsvh2892-2L-e -flatten", "in a project of"),
        ("build.tcl", "read_xdc [file join $here pins.xdc]\n", "", "has no pin"),
        ("pins.xdc", "PACKAGE_PIN AR14", "PACKAGE_PIN AR15", "AR15 is used twice"),
        ("pins.xdc", "{hbm_cattrip}", "{hbm_cattrap}", "no port `hbm_cattrap`"),
        ("pins.xdc", "IOSTANDARD LVCMOS18", "IOSTANDARD LVCMOS17", "cannot be `LVCMOS17`"),
        ("timing.xdc", "set_false_path -from", "set_false_path -form", "no option `-form`"),
    ] {
        let output = run(&files, (file, from, to), MET);
        let said = said(&output);
        assert!(!output.status.success() && said.contains(why), "{from:?} -> {to:?}: {said}");
    }
}

#[test]
fn the_endpoint_is_that_of_the_board() {
    let board = Board::named("varium-c1100").unwrap();
    let build = |name: &str| {
        let files = files(&board, board.config(Some(name)).unwrap(), false);
        files.into_iter().find(|(name, _)| name == "build.tcl").unwrap().1
    };
    for (config, lines) in [
        ("u55n", ["max_link_width X4\n", "axi_data_width 128_bit\n", "wnum_chnl 4\n", "master_size 16\n"]),
        ("card", ["max_link_width X4\n", "axi_data_width 128_bit\n", "wnum_chnl 1\n", "master_size 4\n"]),
        ("card-wide", ["max_link_width X16\n", "axi_data_width 512_bit\n", "wnum_chnl 1\n", "master_size 4\n"]),
    ] {
        let text = build(config);
        for line in lines {
            assert!(text.contains(line), "{config}: {line:?} in\n{text}");
        }
    }
}
