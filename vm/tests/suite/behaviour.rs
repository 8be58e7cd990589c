//! System calls, traps and limits: results, records, and, where the oracle does the same, the oracle.
