//! What `docs/boards.md` says about ports is what the drivers do.

use galena_device::serial::chips::CHIPS;
use galena_device::{pcie, serial};

const PAGE: &str = include_str!("../../../docs/boards.md");

#[test]
fn the_page_has_the_udev_rules_and_every_chip() {
    assert!(PAGE.contains(serial::UDEV_RULE) && PAGE.contains(pcie::UDEV_RULE));
    for chip in &CHIPS {
        let row = PAGE.lines().find(|line| {
            line.starts_with('|')
                && line.contains(&format!("{:04x}:", chip.vendor))
                && line.contains(&format!(":{:04x}", chip.product))
        });
        let rate = chip.fastest.to_string();
        let rate = format!(
            "{},{},{}",
            &rate[..rate.len() - 6],
            &rate[rate.len() - 6..rate.len() - 3],
            &rate[rate.len() - 3..]
        );
        assert!(row.is_some_and(|row| row.contains(&rate)), "{}: {rate} in {row:?}", chip.name);
    }
}
