//! Circuits in Verilator and through yosys: each against its model, its datasheet and its gates. One program, so that one test simulates while
//! another's model is compiled.

mod circuit_bar;
mod circuit_clocks;
mod circuit_core;
mod circuit_external;
mod circuit_field;
mod circuit_grind;
mod circuit_hasher;
mod circuit_lde;
mod circuit_memory;
mod circuit_overlap;
mod circuit_poseidon2;
mod circuit_stream;
mod circuit_xdma;
mod datasheets;
mod lint;
mod packing;
mod vendor;
mod verify_hdl;
mod waves;
