//! A Verilated config as a Device.
