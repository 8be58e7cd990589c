//! One lane: its columns of a tile in three buffers of two banks, and its butterfly.

use super::Geometry;
use crate::lde::{BUTTERFLY_LATENCY, butterfly};
use crate::netlist::Module;
use crate::stream::{RAM_LATENCY, ram};
use std::sync::Arc;

/// Clocks from a read address to the operands at the butterfly.
pub const FETCH_LATENCY: usize = RAM_LATENCY + 1;

/// Clocks from a read address to the write port that takes the result.
pub const LANE_LATENCY: usize = FETCH_LATENCY + BUTTERFLY_LATENCY;

/// `external_lane_*`: the memories and the butterfly of `8 / lanes` columns. Places are those of [`crate::lde::lane`]: element
/// (column, row) lies in bank parity(row) at `{column, row >> 1}`, so that a butterfly's rows are in different banks.
pub fn lane(geometry: &Geometry) -> Module {
    let address = geometry.place_bits();
    let name = format!("external_lane_c{}_t{}", geometry.columns_per_lane(), geometry.log_block);
    let mut module = Module::new(name, "the columns of one lane in three buffers, and their butterfly")
        .timing(
            &format!("{LANE_LATENCY} clocks from a read address to the write port, {FETCH_LATENCY} from a drain address to drain_data"),
            "one butterfly and one drained word a clock",
        )
        .doc(
            "Buffers: 0 is filled from memory; 1 and 2 take turns in being computed and drained.
             Element (column, row) lies in bank parity(row) at {column, row >> 1}: a butterfly finds its rows in different banks."
        )
        .clk()
        .input("read", 3, "which buffer")
        .input("address0", address, "in bank 0")
        .input("address1", address, "in bank 1")
        .input("source", 2, "read[1:0], two clocks later")
        .input("swap", 1, "with source: operand a comes from bank 1")
        .input("inverse", 1, "with the operands, a clock after source")
        .input("scale", 1, "")
        .input("twiddle", 31, "")
        .input("write", 3, "which buffer takes the result")
        .input("write_bank", 2, "")
        .input("write_swap", 1, "result x goes to bank 1")
        .input("write_address0", address, "")
        .input("write_address1", address, "")
        .input("load", 1, "a word from memory")
        .input("load_bank", 1, "")
        .input("load_address", address, "")
        .input("load_data", 31, "")
        .input("drain", 2, "which of buffers 1 and 2 is read out")
        .input("drain_address", address, "")
        .input("drained_buffer", 1, "drain[1], two clocks later")
        .input("drained_bank", 1, "with drained_buffer")
        .output_reg("drain_data", 31, "")
        .wire("x", 31)
        .wire("y", 31)
        .reg("a", 31)
        .reg("b", 31)
        .wire("write_data0", 31)
        .wire("write_data1", 31)
        .wire("q0", 31)
        .wire("q1", 31);
    let memory = Arc::new(ram(31, 1 << address));
    for (buffer, bank) in [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 1)] {
        let q = format!("q{buffer}{bank}");
        let result = format!("write[{buffer}] && write_bank[{bank}]");
        let (place, word) = (format!("write_address{bank}"), format!("write_data{bank}"));
        let ports = if buffer == 0 {
            let loads = if bank == 0 { "load && !load_bank" } else { "load && load_bank" };
            [
                format!("({loads}) || ({result})"),
                format!("load ? load_address : {place}"),
                format!("load ? load_data : {word}"),
                "read[0]".to_string(),
                format!("address{bank}"),
            ]
        } else {
            let drain = format!("drain[{}]", buffer - 1);
            let address = format!("{drain} ? drain_address : address{bank}");
            [result, place, word, format!("read[{buffer}] || {drain}"), address]
        };
        let names = ["write", "write_address", "write_data", "read", "read_address"];
        let connections = names.into_iter().zip(ports).chain([("clk", "clk".into()), ("read_data", q.clone())]);
        module = module.wire(&q, 31).instance(format!("buffer{buffer}_bank{bank}"), memory.clone(), connections);
    }
    module
        .instance(
            "compute",
            butterfly(),
            ["clk", "inverse", "scale", "a", "b", "x", "y"].map(|p| (p, p)).into_iter().chain([("t", "twiddle")]),
        )
        .body(
            "
            assign write_data0 = write_swap ? y : x;
            assign write_data1 = write_swap ? x : y;
            assign q0          = source[0] ? q00 : source[1] ? q10 : q20;
            assign q1          = source[0] ? q01 : source[1] ? q11 : q21;

            always @(posedge clk) begin
                a          <= swap ? q1 : q0;
                b          <= swap ? q0 : q1;
                drain_data <= drained_buffer ? (drained_bank ? q21 : q20) : (drained_bank ? q11 : q10);
            end
            ",
        )
}
