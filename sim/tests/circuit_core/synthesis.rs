//! Every config through lint and yosys; the board config through synthesis for its part.

use galena_hdl::{CORE_TOP, core};
use galena_sim::lint::lint;
use galena_sim::tools;
use galena_target::{CONFIGS, Config};

#[test]
fn every_config_passes_lint_and_check() {
    for config in &CONFIGS {
        let files = core(config).unwrap();
        lint(&files, CORE_TOP).unwrap();
        if config.log_rows_max < 16 {
            tools::yosys(&files, &[], &format!("hierarchy -check -top {CORE_TOP}; proc; check -assert")).unwrap();
        }
    }
}

#[test]
fn the_board_config_maps_to_the_multipliers_and_memories_of_its_part() {
    let config = Config::named("small-uart").unwrap();
    let files = core(config).unwrap();
    let script = format!("synth_ecp5 -top {CORE_TOP}; stat");
    let report = tools::yosys(&files, &["GALENA_ECP5"], &script).unwrap();
    let count = |cell: &str| -> usize {
        let line = report.lines().rev().find(|l| l.split_whitespace().any(|w| w == cell));
        let numbers = line.map(|l| l.split_whitespace().filter_map(|w| w.parse().ok()).collect::<Vec<usize>>());
        numbers.and_then(|n| n.last().copied()).unwrap_or(0)
    };
    let names = ["MULT18X18D", "DP16KD", "TRELLIS_DPR16X4", "LUT4", "CCU2C", "TRELLIS_FF"];
    println!("small-uart: {}", names.map(|n| format!("{n} {}", count(n))).join(", "));
    // A field multiplier is four of them.
    assert_eq!(count("MULT18X18D"), 4 * (config.lanes + config.multipliers));
    assert!(count("DP16KD") > 0 && count("DP16KD") <= 208, "an LFE5U-85F has 208");
    assert!(count("LUT4") + 2 * count("CCU2C") <= 83_640, "and 83,640 LUTs");
}
