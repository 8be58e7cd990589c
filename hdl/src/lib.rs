//! Circuits, each beside its bit-exact model; prints Verilog.
