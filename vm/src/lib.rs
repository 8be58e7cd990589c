//! RV32IM: ELF loading, decoding, deterministic execution, and the records that become trace rows.
