//! Cross-cutting tests: conformance, golden proofs, whole-binary tests, layering.
