//! Multiplier blocks and LUTs of a multiplier and a butterfly, for every form of the integer product, on both families; and what that
//! makes per permutation. Estimates of yosys, neither placed nor routed.
//!
//! `cargo run --release -p galena-sim --example multiplier_area`

use galena_hdl::block::block;
use galena_hdl::field::{Product, field_mul, with_product};
use galena_sim::area::{Family, area_of};

/// Multiplies of one Poseidon2-16 permutation.
const PERMUTATION: usize = 564;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let butterfly = block("butterfly").and_then(|b| (b.points)().into_iter().next());
    println!(
        "| circuit | product | family | blocks | LUTs | registers | blocks per butterfly a clock | per permutation a clock |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    let circuits = [("multiplier", Some(field_mul())), ("butterfly", butterfly.map(|p| p.module))];
    for (name, circuit) in circuits {
        let Some(circuit) = circuit else { continue };
        for family in Family::ALL {
            for product in Product::ALL {
                let area = area_of(&with_product(&circuit, product), family)?;
                let blocks = area.multipliers();
                println!(
                    "| {name} | {} | {} | {blocks} {} | {} | {} | {blocks} | {} |",
                    product.name(),
                    family.name(),
                    family.multiplier(),
                    area.luts(),
                    area.registers(),
                    PERMUTATION * blocks
                );
            }
        }
    }
    Ok(())
}
