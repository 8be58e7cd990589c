//! `INVENTORY.md`: chips, buses and public values as the code has them. Written again by `GALENA_WRITE=1 cargo test -p galena-constraints
//! inventory`.

use std::fmt::Write;

use crate::bus::BUSES;
use crate::chips::{CHIPS, Chip};
use crate::machine::lookups;
use crate::profile::PROFILES;
use crate::security::security;
use crate::statement::PUBLIC;

fn inventory() -> String {
    let mut text = String::from(
        "# Inventory\n\nGenerated from the tables of the code; a test compares. `GALENA_WRITE=1 cargo test --release -p galena-constraints \
         inventory` writes it again.\n\n## Chips\n\nIn the order of the batch. Base columns: preprocessed, main, and 5 for each lookup \
         column and the running sum.\n\n| chip | main | preprocessed | messages | lookup columns | base columns | main columns by name |\n\
         |---|---|---|---|---|---|---|\n",
    );
    for row in CHIPS {
        let lookups = lookups(&Chip::new(row.kind));
        let messages: usize = lookups.iter().map(|lookup| lookup.elements.len()).sum();
        let base = row.preprocessed_width + row.width + 5 * (lookups.len() + 1);
        let names: Vec<_> =
            row.columns.iter().map(|&(name, n)| if n == 1 { name.into() } else { format!("{name}[{n}]") }).collect();
        let (name, main, fixed, names) = (row.name, row.width, row.preprocessed_width, names.join(" "));
        let _ = writeln!(text, "| `{name}` | {main} | {fixed} | {messages} | {} | {base} | {names} |", lookups.len());
    }
    text += "\n## Buses\n\nA lookup bus is a table: any number of queries to each entry. On the others everything sent is received once.\n\n\
             | bus | message | kind | senders | receivers | purpose |\n|---|---|---|---|---|---|\n";
    for bus in BUSES {
        let (tuple, senders, receivers) = (bus.tuple.join(", "), bus.senders.join(" "), bus.receivers.join(" "));
        let kind = if bus.lookup { "lookup" } else { "exact" };
        let _ = writeln!(text, "| `{}` | ({tuple}) | {kind} | {senders} | {receivers} | {} |", bus.name, bus.purpose);
    }
    text += "\n## Public values\n\nOf the connector, in this order; all of them are absorbed with the main commitment, before any challenge.\n\n\
             | value | field elements |\n|---|---|\n";
    for (name, n) in PUBLIC {
        let _ = writeln!(text, "| {name} | {n} |");
    }
    text += "\n## Profiles\n\nProven bits by `p3-security` for a batch with every chip at the height in the column.\n\n\
             | profile | queries | blow-up | grinding: opening, queries | 2^16 | 2^20 | 2^22 |\n|---|---|---|---|---|---|---|\n";
    for profile in PROFILES {
        let bits = |log_height| {
            let batch: Vec<_> = CHIPS.iter().map(|row| (Chip::new(row.kind), log_height)).collect();
            security(profile, &batch).bits
        };
        let (queries, blowup) = (profile.num_queries, 1 << profile.log_blowup);
        let grinding = format!("{}, {}", profile.batch_pow_bits, profile.query_pow_bits);
        let bits = [16, 20, 22].map(bits);
        let _ = writeln!(
            text,
            "| `{}` | {queries} | {blowup} | {grinding} | {} | {} | {} |",
            profile.name, bits[0], bits[1], bits[2]
        );
    }
    text
}

#[test]
fn inventory_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/INVENTORY.md");
    let text = inventory();
    if std::env::var_os("GALENA_WRITE").is_some() {
        std::fs::write(path, &text).expect("INVENTORY.md can be written");
    }
    let kept = std::fs::read_to_string(path).expect("INVENTORY.md is there");
    assert!(
        kept == text,
        "INVENTORY.md differs from the code; run the test with GALENA_WRITE=1 and look at the difference"
    );
}
