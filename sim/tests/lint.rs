//! Lint of every config, every board's top module and every block at every point; no waiver more than they need.

use galena_hdl::block::BLOCKS;
use galena_hdl::{BOARD_TOP, CORE_TOP, board_top, core, emit};
use galena_sim::lint::{WAIVERS, lint};
use galena_target::{Board, CONFIGS};

#[test]
fn every_config_and_block_is_clean_and_every_waiver_is_needed() {
    let mut taken = vec![];
    for config in &CONFIGS {
        taken.extend(lint(&core(config).unwrap(), CORE_TOP).unwrap());
    }
    for board in Board::all().unwrap() {
        for config in &board.configs {
            let config = board.config(Some(config)).unwrap();
            let mut files = board_top(&board, config).unwrap();
            files.extend(crate::vendor::stubs(&board, config));
            taken
                .extend(lint(&files, BOARD_TOP).unwrap_or_else(|e| panic!("{} with {}: {e}", board.name, config.name)));
        }
    }
    for block in BLOCKS {
        for point in (block.points)() {
            let found = lint(&emit(&point.module).unwrap(), &point.module.name);
            taken.extend(found.unwrap_or_else(|e| panic!("{} at {}: {e}", block.name, point.name)));
        }
    }
    for waiver in WAIVERS {
        let signals = if waiver.signals.is_empty() { &[""][..] } else { waiver.signals };
        for signal in signals {
            let needed = taken.iter().any(|(w, s)| *w == waiver && s == signal);
            assert!(needed, "nothing needs the waiver {} of `{signal}` in `{}`", waiver.rule, waiver.module);
        }
    }
}

#[test]
fn a_wrong_port_of_a_primitive_or_of_the_ip_is_seen() {
    for (board, module, from, to) in [
        ("arty-a7-100t", "clock_mmcm.v", ".LOCKED(", ".LOCK("),
        ("kcu105", "pcie_endpoint.v", "IBUFDS_GTE3", "IBUFDS_GTE5"),
        ("kcu105", "pcie_endpoint.v", ".s_axis_c2h_tdata_1(c2h_tdata_1)", ".s_axis_c2h_tdata_1(c2h_tkeep_1)"),
        ("varium-c1100", "pcie_endpoint.v", ".m_axil_rready(", ".m_axil_ready("),
    ] {
        let board = Board::named(board).unwrap();
        let config = board.config(None).unwrap();
        let mut files = board_top(&board, config).unwrap();
        files.extend(crate::vendor::stubs(&board, config));
        let file = files.iter_mut().find(|file| file.name == module).unwrap();
        assert!(file.text.contains(from), "{from} in {module}");
        file.text = file.text.replace(from, to);
        assert!(lint(&files, BOARD_TOP).is_err(), "{from} -> {to}");
    }
}
