//! The galena command.
fn main() {}
