//! The fault campaign: everything that can go wrong between a proof and its device, brought about on purpose at many places.
//!
//! Two tiers of it. Jobs of a real proof, recorded once, are played to a device while a fault strikes ([`strike`]); and whole proofs
//! are made on a device that a fault strikes ([`attack`]). Of every fault: a right answer or a typed error, within 2 s; the next job is right;
//! and a receipt that is the CPU's byte for byte, or none.
//!
//! Everything is drawn from a seed. A failure says how to strike it again, alone.

pub mod attack;
pub mod clock;
pub mod line;
pub mod page;
pub mod proof;
pub mod run;
pub mod soak;
pub mod stand;
pub mod strike;
pub mod table;
pub mod tape;

use galena_target::Config;

/// The seed unless `GALENA_CAMPAIGN_SEED` says another.
pub const SEED: u64 = 20_261_120;

/// The config under test: everything there is, as small as it gets.
///
/// # Panics
/// If the table has no `tiny`.
pub fn config() -> &'static Config {
    Config::named("tiny").expect("the config for tests")
}

/// The seed of this campaign.
pub fn seed() -> u64 {
    std::env::var("GALENA_CAMPAIGN_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(SEED)
}
