//! Named sets of proof parameters. There is no default: a receipt names its profile, and the verifier computes what it is worth.

/// Proof parameters. Bits of proof of work are leading-zero bits the prover must grind before the challenge of that site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Number that the receipt and the transcript carry.
    pub id: u8,
    /// Name on the command line.
    pub name: &'static str,
    /// log2 of the code's expansion.
    pub log_blowup: usize,
    /// log2 of the length of the polynomial at which folding ends.
    pub log_final_poly_len: usize,
    /// log2 of the most values folded into one in a round.
    pub max_log_arity: usize,
    /// FRI queries.
    pub num_queries: usize,
    /// Grinding before the challenge that combines all openings.
    pub batch_pow_bits: usize,
    /// Grinding before each folding challenge.
    pub commit_pow_bits: usize,
    /// Grinding before the query positions.
    pub query_pow_bits: usize,
    /// Grinding before the lookup challenges.
    pub lookup_pow_bits: usize,
    /// Grinding before the out-of-domain point.
    pub ood_pow_bits: usize,
    /// Height above the leaves' root at which a tree is cut off: a commitment is 2^`cap_height` digests.
    pub cap_height: usize,
}

/// The least security, in proven bits, that the verifier accepts unless its caller asks for more.
pub const MIN_SECURITY_BITS: u32 = 100;

/// At least 100 bits proven for every shape the machine allows, list decoding regime. The 8 bits of grinding before the opening challenge
/// save 6 queries.
pub const STANDARD: Profile = Profile {
    id: 1,
    name: "standard",
    log_blowup: 1,
    log_final_poly_len: 0,
    max_log_arity: 3,
    num_queries: 172,
    batch_pow_bits: 8,
    commit_pow_bits: 0,
    query_pow_bits: 16,
    lookup_pow_bits: 0,
    ood_pow_bits: 0,
    cap_height: 4,
};

/// All profiles.
pub const PROFILES: &[Profile] = &[STANDARD];

impl Profile {
    /// The profile with this name.
    pub fn by_name(name: &str) -> Option<&'static Self> {
        PROFILES.iter().find(|profile| profile.name == name)
    }

    /// The profile with this number.
    pub fn by_id(id: u8) -> Option<&'static Self> {
        PROFILES.iter().find(|profile| profile.id == id)
    }
}
