//! Chips, buses, the machine, proof parameters, and the whole verifier.
