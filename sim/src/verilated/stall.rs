//! Pauses on a stream: a seeded two-state random walk, the same in Rust and in the compiled shim.

/// How a stream pauses: each cycle a running stream pauses with chance `enter`/256 and a paused one resumes with `leave`/256.
/// The same seed gives the same pauses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StallPattern {
    /// Seed of the walk.
    pub seed: u64,
    /// Chance in 256 of beginning a pause.
    pub enter: u8,
    /// Chance in 256 of ending one; zero means that a pause never ends.
    pub leave: u8,
}

impl StallPattern {
    /// Never pauses.
    pub const NONE: Self = Self { seed: 1, enter: 0, leave: 255 };

    /// Half of the cycles, singly.
    pub const fn half(seed: u64) -> Self {
        Self { seed, enter: 128, leave: 128 }
    }

    /// Rare long pauses: fills every buffer, then drains it.
    pub const fn bursts(seed: u64) -> Self {
        Self { seed, enter: 8, leave: 8 }
    }

    /// Nearly always paused: one beat now and then.
    pub const fn trickle(seed: u64) -> Self {
        Self { seed, enter: 250, leave: 20 }
    }

    /// The patterns a circuit test crosses on both sides of every stream.
    pub const fn all(seed: u64) -> [Self; 4] {
        [Self::NONE, Self::half(seed), Self::bursts(seed), Self::trickle(seed)]
    }
}

/// The walk itself, for tests that step a model cycle by cycle. Mirrors `pause` in `shim.cpp`.
#[derive(Clone, Debug)]
#[repr(C)]
pub struct Stall {
    state: u64,
    enter: u32,
    leave: u32,
    paused: u32,
}

impl From<StallPattern> for Stall {
    fn from(p: StallPattern) -> Self {
        // xorshift needs a state that is not zero; the constant spreads small seeds.
        let state = (p.seed ^ 0x9e37_79b9_7f4a_7c15).max(1);
        Self { state, enter: p.enter.into(), leave: p.leave.into(), paused: 0 }
    }
}

impl Stall {
    /// True when the stream pauses in the next cycle.
    pub fn pause(&mut self) -> bool {
        if self.enter == 0 {
            return false;
        }
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        let draw = (self.state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 56) as u32;
        self.paused = if self.paused != 0 { draw >= self.leave } else { draw < self.enter } as u32;
        self.paused != 0
    }
}
