//! One lane: its columns of a group in three buffers of two banks, and its butterfly.

use super::{BUTTERFLY_LATENCY, Geometry, butterfly};
use crate::netlist::Module;
use crate::stream::{RAM_LATENCY, ram};

/// Clocks from a read address to the operands at the butterfly.
pub const FETCH_LATENCY: usize = RAM_LATENCY + 1;

/// Clocks from a read address to the write port that takes the result.
pub const LANE_LATENCY: usize = FETCH_LATENCY + BUTTERFLY_LATENCY;

/// `lde_lane_*`: the memories and the butterfly of `8 / lanes` columns.
///
/// Element (column, row) lies in bank parity(row) at `{column, row >> 1}`. Two rows that differ in one bit are in different banks, so a
/// butterfly reads and writes its two elements at once; and rows 2q and 2q + 1 share address q, so a bank holds exactly half the rows.
pub fn lane(geometry: &Geometry) -> Module {
    let address = geometry.address_bits();
    let name = format!("lde_lane_c{}_n{}", geometry.columns_per_lane(), geometry.log_rows_max);
    let mut module = Module::new(name, "the columns of one lane in three buffers, and their butterfly")
        .doc(&format!(
            "Buffers: 0 is filled by the link, inverted and scaled; 1 and 2 take one coset each and are drained.
             Element (column, row) lies in bank parity(row) at {{column, row >> 1}}: a butterfly finds its rows in different banks.
             Latency {LANE_LATENCY} from a read address to the write port, {FETCH_LATENCY} from a drain address to drain_data."
        ))
        .clk()
        .input("read", 3, "which buffer")
        .input("address0", address, "in bank 0")
        .input("address1", address, "in bank 1")
        .input("source", 2, "read[1:0], two clocks later")
        .input("swap", 1, "with source: operand a comes from bank 1")
        .input("chain", 1, "with source: operand a is chain_data")
        .input("chain_data", 31, "")
        .input("inverse", 1, "with the operands, a clock after source")
        .input("scale", 1, "")
        .input("twiddle", 31, "")
        .input("write", 3, "which buffer takes the result")
        .input("write_bank", 2, "")
        .input("write_swap", 1, "result x goes to bank 1")
        .input("write_address0", address, "")
        .input("write_address1", address, "")
        .output("result", 31, "result x")
        .input("load", 1, "a word from the link")
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
    let memory = std::sync::Arc::new(ram(31, geometry.bank_depth()));
    for buffer in 0..3usize {
        for bank in 0..2 {
            let q = format!("q{buffer}{bank}");
            let result = format!("write[{buffer}] && write_bank[{bank}]");
            let (write, write_address, write_data) = if buffer == 0 {
                let loads = if bank == 0 { "load && !load_bank" } else { "load && load_bank" };
                (
                    format!("({loads}) || ({result})"),
                    format!("load ? load_address : write_address{bank}"),
                    format!("load ? load_data : write_data{bank}"),
                )
            } else {
                (result, format!("write_address{bank}"), format!("write_data{bank}"))
            };
            let (read, read_address) = if buffer == 0 {
                ("read[0]".to_string(), format!("address{bank}"))
            } else {
                let drain = format!("drain[{}]", buffer - 1);
                (format!("read[{buffer}] || {drain}"), format!("{drain} ? drain_address : address{bank}"))
            };
            module = module.wire(&q, 31).instance(
                format!("buffer{buffer}_bank{bank}"),
                memory.clone(),
                [
                    ("clk", "clk".to_string()),
                    ("write", write),
                    ("write_address", write_address),
                    ("write_data", write_data),
                    ("read", read),
                    ("read_address", read_address),
                    ("read_data", q),
                ],
            );
        }
    }
    module
        .instance(
            "compute",
            butterfly(),
            ["clk", "inverse", "scale", "a", "b", "x", "y"].map(|p| (p, p)).into_iter().chain([("t", "twiddle")]),
        )
        .body(
            "
            assign result      = x;
            assign write_data0 = write_swap ? y : x;
            assign write_data1 = write_swap ? x : y;
            assign q0          = source[0] ? q00 : source[1] ? q10 : q20;
            assign q1          = source[0] ? q01 : source[1] ? q11 : q21;

            always @(posedge clk) begin
                a          <= chain ? chain_data : swap ? q1 : q0;
                b          <= swap ? q0 : q1;
                drain_data <= drained_buffer ? (drained_bank ? q21 : q20) : (drained_bank ? q11 : q10);
            end
            ",
        )
}
