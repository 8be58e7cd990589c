//! What can be wrong with a device that no frame shows: for tests of what the host makes of it.

/// A flaw of the device itself. What happens to frames on the way is [`crate::link::Fault`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Computes forever: its watchdog ends the job.
    Wedged,
    /// Computes forever, and has no watchdog: heartbeats without end.
    Endless,
    /// Takes words and says nothing any more.
    Mute,
    /// Takes nothing any more; what it has to say it says.
    Deaf,
    /// Does not see a cancel.
    Stubborn,
    /// Answers with one wrong bit in a well-formed frame: an error of its arithmetic.
    Wrong,
}

/// All flaws, with their names and what they are.
pub const FLAWS: [(Flaw, &str, &str); 6] = [
    (Flaw::Wedged, "wedged", "a job that never ends, until the device's watchdog ends it"),
    (Flaw::Endless, "endless", "a job that never ends, with heartbeats for ever"),
    (Flaw::Mute, "mute", "a device that says nothing any more"),
    (Flaw::Deaf, "deaf", "a device that takes nothing any more"),
    (Flaw::Stubborn, "stubborn", "a device that does not see a cancel"),
    (Flaw::Wrong, "wrong", "one wrong bit in an answer whose frames are right"),
];
