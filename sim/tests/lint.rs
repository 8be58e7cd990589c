//! Lint of every config and every block at every point; no waiver more than they need.

use galena_hdl::block::BLOCKS;
use galena_hdl::{CORE_TOP, core, emit};
use galena_sim::lint::{WAIVERS, lint};
use galena_target::CONFIGS;

#[test]
fn every_config_and_block_is_clean_and_every_waiver_is_needed() {
    let mut taken = vec![];
    for config in &CONFIGS {
        taken.extend(lint(&core(config).unwrap(), CORE_TOP).unwrap());
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
