//! Plonky3 plug-ins that commit on a Device, proving, self-verification, the report.
