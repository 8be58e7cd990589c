//! Simulation models of the ECP5 cells that `synth_ecp5` makes netlists of: our own, for the netlist simulated gate by gate.
//!
//! The cell libraries that come with yosys are written for synthesis: in them `MULT18X18D` is a black box, and `DP16KD` an empty shell whose
//! outputs are nothing. The others are there and ours are compared with them.

/// Name of the cell and the Verilog of its model.
pub const CELLS: [(&str, &str); 8] = [
    ("LUT4", include_str!("../gates/LUT4.v")),
    ("PFUMX", include_str!("../gates/PFUMX.v")),
    ("L6MUX21", include_str!("../gates/L6MUX21.v")),
    ("CCU2C", include_str!("../gates/CCU2C.v")),
    ("TRELLIS_FF", include_str!("../gates/TRELLIS_FF.v")),
    ("TRELLIS_DPR16X4", include_str!("../gates/TRELLIS_DPR16X4.v")),
    ("DP16KD", include_str!("../gates/DP16KD.v")),
    ("MULT18X18D", include_str!("../gates/MULT18X18D.v")),
];
