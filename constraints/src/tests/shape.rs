//! The machine's own shape: widths, degrees, buses, security.

use p3_air::Air;
use p3_air::symbolic::{AirLayout, SymbolicExpression};
use p3_batch_stark::ProverData;
use p3_batch_stark::symbolic::get_max_constraint_degree;
use p3_lookup::{InteractionSymbolicBuilder, LogUpGadget, check_bus_widths};

use super::{Case, small};
use crate::bus::BUSES;
use crate::chips::{CHIPS, Chip, ChipKind, MAX_DEGREE};
use crate::config::{Challenge, Val, stock_config};
use crate::machine::{MAX_LOG_HEIGHT, lookups};
use crate::profile::{MIN_SECURITY_BITS, PROFILES};
use crate::security::security;

#[test]
fn every_profile_is_secure_for_the_largest_shape() {
    let batch: Vec<_> = CHIPS.iter().map(|row| (Chip::new(row.kind), MAX_LOG_HEIGHT)).collect();
    for profile in PROFILES {
        let security = security(profile, &batch);
        println!("{}: {security:?}", profile.name);
        assert!(security.bits >= MIN_SECURITY_BITS, "{}: {security:?}", profile.name);
    }
}

/// The first test of this crate that a change of a chip should look at: what a row of it costs.
#[test]
fn rows_stay_within_their_budget() {
    for row in CHIPS {
        let columns = lookups(&Chip::new(row.kind)).len();
        let cells = row.width + row.preprocessed_width + 5 * (columns + 1);
        assert!(cells <= 150, "{}: {} main, {columns} lookup columns, {cells} base columns", row.name, row.width);
    }
}

#[test]
fn lookups_are_packed_as_keygen_packs_them() {
    let Case { machine, witness, .. } = small();
    let config = stock_config(machine.profile());
    let data = ProverData::from_airs_and_degrees(&config, &witness.airs(), &witness.log_heights()).expect("keygen");
    let ours: Vec<_> = witness.instances.iter().map(|i| lookups(&i.air)).collect();
    assert_eq!(format!("{ours:?}"), format!("{:?}", data.common.lookups));
    let fixed = data.common.preprocessed.expect("preprocessed columns");
    assert_eq!(fixed.commitment, machine.commitment().cap);
    assert!(check_bus_widths(&data.common.lookups).is_ok());
}

/// The bus table says who speaks on which bus, and how wide: it is compared with what the chips do.
#[test]
fn the_bus_table_is_true() {
    use std::collections::BTreeMap;
    type Seen = BTreeMap<String, (Vec<&'static str>, Vec<&'static str>, usize)>;
    let mut seen = Seen::new();
    for row in CHIPS {
        let chip = Chip::new(row.kind);
        let mut builder = InteractionSymbolicBuilder::<Val, Challenge>::new(AirLayout::from_air(&chip));
        chip.eval(&mut builder);
        for message in builder.global_interactions() {
            // A receive is the negation of a count; a table entry too.
            let receives = matches!(message.count, SymbolicExpression::Neg { .. });
            let bus = seen.entry(message.bus_name.clone()).or_default();
            let side = if receives { &mut bus.1 } else { &mut bus.0 };
            if !side.contains(&row.name) {
                side.push(row.name);
            }
            bus.2 = message.fields.len();
        }
    }
    let sorted = |names: &[&'static str]| {
        let mut names = names.to_vec();
        names.sort_unstable();
        names
    };
    let found: Vec<_> = seen
        .iter()
        .map(|(bus, (send, receive, width))| (bus.as_str(), sorted(send), sorted(receive), *width))
        .collect();
    let mut table: Vec<_> =
        BUSES.iter().map(|bus| (bus.name, sorted(bus.senders), sorted(bus.receivers), bus.tuple.len())).collect();
    table.sort();
    assert_eq!(found, table);
}

/// Two quotient chunks each, lookups included: what a blow-up of 2 can certify.
#[test]
fn no_constraint_is_of_more_than_the_third_degree() {
    for row in CHIPS {
        let chip = if row.kind == ChipKind::Output { Chip::output(&[1], 16) } else { Chip::new(row.kind) };
        let layout = AirLayout::from_air(&chip);
        let degree =
            get_max_constraint_degree::<Val, Challenge, _, _>(&chip, layout, 16, &lookups(&chip), &LogUpGadget::new());
        assert!(degree <= MAX_DEGREE, "{}: degree {degree}", row.name);
    }
}
