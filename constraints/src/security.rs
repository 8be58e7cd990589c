//! What a proof is worth: the calculators of `p3-security`, applied to the real shape of a batch. Proven bits, no conjecture.

use p3_air::BaseAir;
use p3_air::symbolic::AirLayout;
use p3_batch_stark::num_batched_openings;
use p3_batch_stark::symbolic::get_symbolic_constraints;
use p3_field::BasedVectorSpace;
use p3_lookup::LogUpGadget;
use p3_security::grinding::GrindingSites;
use p3_security::logup::{self, LogUpAir};
use p3_security::report::Regime;
use p3_security::shape::{InstanceShape, StarkAirParams};
use p3_security::stark::{conjectured_security_report, proven_security_report};
use p3_uni_stark::OpeningShape;

use crate::chips::{Chip, MAX_DEGREE};
use crate::config::{Challenge, Val, fri_parameters};
use crate::machine::lookups;
use crate::profile::Profile;

/// Bits of the challenge field's order: 5 log2 p, rounded down.
const MODULUS_BITS: usize = 154;
/// Collision resistance of a digest of 8 words: half its bits, rounded down.
const COLLISION_BITS: usize = 123;

/// The security of one shape of proof.
#[derive(Clone, Debug, PartialEq)]
pub struct Security {
    /// Proven bits, rounded down.
    pub bits: u32,
    /// The regime in which they are proven.
    pub regime: String,
    /// The step of the protocol that decides them.
    pub binding: String,
    /// Bits under the conjecture on random words, rounded down. For comparison only.
    pub conjectured_bits: u32,
}

/// The security of a batch of chips with these log2 heights under a profile.
pub fn security(profile: &Profile, batch: &[(Chip, usize)]) -> Security {
    let chips = batch.iter().map(|(chip, _)| measure(chip));
    let total = chips.zip(batch).fold(Total::default(), |total, (chip, (_, log_height))| Total {
        constraints: total.constraints + chip.constraints,
        openings: total.openings + chip.openings,
        messages: total.messages + ((chip.messages as u64) << log_height),
        width: total.width.max(chip.width),
    });
    let log_height = batch.iter().map(|&(_, log_height)| log_height).max().unwrap_or(0);

    let fri = fri_parameters(profile, ());
    let regime = fri.security_regime();
    let grinding = GrindingSites {
        out_of_domain: profile.ood_pow_bits,
        lookup_challenge: profile.lookup_pow_bits,
        ..fri.grinding_sites()
    };
    let air = StarkAirParams {
        num_constraints: total.constraints,
        max_constraint_degree: MAX_DEGREE,
        num_quotient_chunks: MAX_DEGREE - 1,
        max_combo: 2,
    };
    let shape = InstanceShape {
        log_trace_length: log_height,
        modulus_bits: MODULUS_BITS,
        collision_resistance: COLLISION_BITS,
        num_batched_functions: total.openings,
    };
    // As if all messages of the batch were in the highest table.
    let lookup = LogUpAir {
        num_interactions: total.messages.div_ceil(1 << log_height) as usize,
        max_message_width: total.width,
    };
    let extra: Vec<_> = logup::security_term(&lookup, &shape, &grinding).into_iter().collect();
    let proven = proven_security_report(&regime, &air, &shape, &extra, &grinding);
    let conjectured = conjectured_security_report(&regime, &air, &shape, &extra, &grinding);
    let (regime, term) = proven.binding();
    Security {
        bits: proven.security_bits() as u32,
        regime: match regime {
            Regime::UniqueDecoding => "proven, unique decoding".into(),
            Regime::ListDecoding { m } => format!("proven, list decoding up to the Johnson bound (m = {m})"),
            other => format!("{other:?}"),
        },
        binding: term.label.to_string(),
        conjectured_bits: conjectured.security_bits() as u32,
    }
}

/// What the calculators need of one chip.
struct Measure {
    constraints: usize,
    openings: usize,
    messages: usize,
    width: usize,
}

#[derive(Default)]
struct Total {
    constraints: usize,
    openings: usize,
    messages: u64,
    width: usize,
}

fn measure(chip: &Chip) -> Measure {
    let lookups = lookups(chip);
    let (base, extension) = get_symbolic_constraints::<Val, Challenge, _, _>(
        chip,
        AirLayout::from_air(chip),
        &lookups,
        &LogUpGadget::new(),
    );
    let row = chip.kind().row();
    Measure {
        constraints: base.len() + extension.len(),
        openings: num_batched_openings(
            chip.width(),
            row.reads_next,
            row.preprocessed_width,
            false,
            MAX_DEGREE - 1,
            lookups.len(),
            <Challenge as BasedVectorSpace<Val>>::DIMENSION,
            OpeningShape::TwoAdic,
        ),
        messages: lookups.iter().map(|lookup| lookup.elements.len()).sum(),
        // One more than the widest: the bus is told apart by a power of its own.
        width: lookups.iter().flat_map(|lookup| &lookup.elements).map(Vec::len).max().unwrap_or(0) + 1,
    }
}
