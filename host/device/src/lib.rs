//! The Device trait, its drivers, the link protocol, and the conformance suite.
