//! One lane: its columns of a group in buffers of two or four banks, and its one or two butterflies.

use super::{BUTTERFLY_LATENCY, Geometry, butterfly};
use crate::netlist::{Module, nested};
use crate::stream::{RAM_LATENCY, ram};
use std::sync::Arc;

/// Clocks from a read address to the operands at the butterfly.
pub const FETCH_LATENCY: usize = RAM_LATENCY + 1;

/// Clocks from a read address to the write port that takes the result.
pub const LANE_LATENCY: usize = FETCH_LATENCY + BUTTERFLY_LATENCY;

/// `lde_lane_*`: the memories and the butterflies of the columns of a lane.
///
/// Two banks: element (column, row) lies in bank parity(row) at `{column, row >> 1}`. Two rows that differ in one bit are in different banks, so
/// a butterfly reads and writes its two elements at once; and rows 2q and 2q + 1 share address q, so a bank holds exactly half the rows.
///
/// Four banks, two butterflies of one stage a clock: the bank is (parity of the odd bits, parity of the even bits), the address
/// `{column, row >> 2}`. The second butterfly is the first one's neighbour in row bit 0 if the stage's partners differ in an odd bit, in bit 1
/// otherwise; so its elements are those of the first with the other bank bit turned, and at the same addresses.
pub fn lane(geometry: &Geometry) -> Module {
    let (address, ways) = (geometry.address_bits(), geometry.ways());
    let (banks, bank_bits, buffers) = (geometry.banks(), geometry.bank_bits(), geometry.buffers());
    let ahead = geometry.load_buffers() == 2;
    let name = format!("lde_lane_c{}_n{}{}", geometry.columns_per_lane(), geometry.log_rows_max, geometry.suffix());
    let filled = if ahead { "0 and 3 are filled by the link in turn" } else { "0 is filled by the link" };
    let what = if ways == 2 { "their two butterflies" } else { "their butterfly" };
    let mut module = Module::new(name, &format!("the columns of one lane in {}, and {what}", if ahead { "four buffers" } else { "three buffers" }))
        .timing(
            &format!("{LANE_LATENCY} clocks from a read address to the write port, {FETCH_LATENCY} from a drain address to drain_data"),
            if ways == 2 { "two butterflies and one drained word a clock" } else { "one butterfly and one drained word a clock" },
        )
        .doc(&format!(
            "Buffers: {filled}, inverted and scaled; 1 and 2 take one coset each and are drained.
             {}",
            match ways {
                1 => "Element (column, row) lies in bank parity(row) at {column, row >> 1}: a butterfly finds its rows in different banks.",
                _ => "Element (column, row) lies in bank {parity of odd bits, of even bits} at {column, row >> 2}: all operands are in different banks.",
            }
        ))
        .clk()
        .input("read", buffers, "which buffer");
    for bank in 0..banks {
        module = module.input(format!("address{bank}"), address, &format!("in bank {bank}"));
    }
    let top_source = buffers - 2;
    module = module.input("source", buffers - 1, &format!("read[{top_source}:0], two clocks later")).input(
        "swap",
        bank_bits,
        "with source: the bank of operand a of the first butterfly",
    );
    if ways == 2 {
        module = module.input("turn", 1, "with source: a and b differ in bit 1 of the bank, butterflies in bit 0");
    }
    module = module
        .input("chain", 1, "with source: operand a is chain_data")
        .input("chain_data", 31, "")
        .input("inverse", 1, "with the operands, a clock after source")
        .input("scale", 1, "")
        .input("twiddle", 31 * ways, "")
        .input("write", buffers, "which buffer takes the result")
        .input("write_bank", banks, "")
        .input("write_swap", bank_bits, "swap of these results");
    if ways == 2 {
        module = module.input("write_turn", 1, "turn of these results");
    }
    for bank in 0..banks {
        module = module.input(format!("write_address{bank}"), address, "");
    }
    module = module.output("result", 31, "result x of the first butterfly").input("load", 1, "a word from the link");
    if ahead {
        module = module.input("load_buffer", 1, "it goes to buffer 3, not 0");
    }
    module = module
        .input("load_bank", bank_bits, "")
        .input("load_address", address, "")
        .input("load_data", 31, "")
        .input("drain", 2, "which of buffers 1 and 2 is read out")
        .input("drain_address", address, "")
        .input("drained_buffer", 1, "drain[1], two clocks later")
        .input("drained_bank", bank_bits, "with drained_buffer")
        .output_reg("drain_data", 31, "");
    let memory = Arc::new(ram(31, geometry.bank_depth()));
    for buffer in 0..buffers {
        for bank in 0..banks {
            module = bank_of(module, geometry, buffer, bank, &memory);
        }
    }
    for bank in 0..banks {
        module = module.wire(format!("write_data{bank}"), 31).wire(format!("q{bank}"), 31);
    }
    let compute = Arc::new(butterfly());
    for way in 0..ways {
        let names = ["a", "b", "x", "y"].map(|p| operand(p, way));
        for (k, name) in names.iter().enumerate() {
            module = if k < 2 { module.reg(name, 31) } else { module.wire(name, 31) };
        }
        let twiddle = if ways == 1 { "twiddle".into() } else { format!("twiddle[{}:{}]", 31 * way + 30, 31 * way) };
        let ports = ["a", "b", "x", "y"].into_iter().zip(names);
        let shared = ["clk", "inverse", "scale"].map(|p| (p, p.to_string()));
        module = module.instance(
            operand("compute", way),
            compute.clone(),
            shared.into_iter().chain(ports).chain([("t", twiddle)]),
        );
    }
    wiring(module, geometry)
}

/// `a` of the first butterfly, `a1` of the second.
fn operand(name: &str, way: usize) -> String {
    if way == 0 { name.into() } else { format!("{name}{way}") }
}

/// Adds one bank of one buffer.
fn bank_of(module: Module, geometry: &Geometry, buffer: usize, bank: usize, memory: &Arc<Module>) -> Module {
    let q = format!("q{buffer}{bank}");
    let result = format!("write[{buffer}] && write_bank[{bank}]");
    let loads_here = match (geometry.load_buffers(), buffer) {
        (_, 1 | 2) => None,
        (1, _) => Some("load"),
        (_, 0) => Some("load && !load_buffer"),
        _ => Some("load && load_buffer"),
    };
    let (write, write_address, write_data) = match loads_here {
        Some(loads_here) => {
            let here = match (geometry.bank_bits(), bank) {
                (1, 0) => "!load_bank".to_string(),
                (1, _) => "load_bank".to_string(),
                _ => format!("load_bank == 2'd{bank}"),
            };
            (
                format!("({loads_here} && {here}) || ({result})"),
                format!("{loads_here} ? load_address : write_address{bank}"),
                format!("{loads_here} ? load_data : write_data{bank}"),
            )
        }
        None => (result, format!("write_address{bank}"), format!("write_data{bank}")),
    };
    let (read, read_address) = match buffer {
        1 | 2 => {
            let drain = format!("drain[{}]", buffer - 1);
            (format!("read[{buffer}] || {drain}"), format!("{drain} ? drain_address : address{bank}"))
        }
        _ => (format!("read[{buffer}]"), format!("address{bank}")),
    };
    module.wire(&q, 31).instance(
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
    )
}

/// What leads from the banks to the butterflies and back.
fn wiring(module: Module, geometry: &Geometry) -> Module {
    let banks = geometry.banks();
    let chosen = |bank: usize| {
        let buffers = geometry.buffers();
        let tests = (0..buffers - 1).map(|buffer| format!("source[{buffer}] ? q{buffer}{bank} : "));
        format!("{}q{}{bank}", tests.collect::<String>(), buffers - 1)
    };
    let mut nets = String::new();
    for bank in 0..banks {
        nets += &format!("assign q{bank}          = {};\n", chosen(bank));
    }
    let drained = |buffer: usize| match banks {
        2 => format!("(drained_bank ? q{buffer}1 : q{buffer}0)"),
        _ => format!("({})", select("drained_bank", [0, 1, 2, 3].map(|bank| format!("q{buffer}{bank}")))),
    };
    let drain = format!("drain_data <= drained_buffer ? {} : {};", drained(2), drained(1));
    if geometry.ways() == 1 {
        return module.body(format!(
            "
            assign result      = x;
            assign write_data0 = write_swap ? y : x;
            assign write_data1 = write_swap ? x : y;
            {nets}

            always @(posedge clk) begin
                a          <= chain ? chain_data : swap ? q1 : q0;
                b          <= swap ? q0 : q1;
                {drain}
            end
            ",
            nets = nested(&nets, 12),
        ));
    }
    let banked = |signal: &str| select(signal, [0, 1, 2, 3].map(|bank| format!("q{bank}")));
    let mut module = module;
    for name in ["bank_a1", "bank_b", "bank_b1"] {
        module = module.wire(name, 2);
    }
    // Bank v holds element v ^ write_swap: one bit of that says which butterfly, the other which result.
    for bank in 0..banks {
        module = module.wire(format!("role{bank}"), 2);
        nets += &format!(
            "assign role{bank}       = write_turn ? {{write_swap[0], write_swap[1]}} ^ 2'd{} : write_swap ^ 2'd{bank};\n",
            [0, 2, 1, 3][bank]
        );
        let results = ["x", "y", "x1", "y1"].map(String::from);
        nets += &format!("assign write_data{bank} = {};\n", select(&format!("role{bank}"), results));
    }
    module.body(format!(
        "
        assign result      = x;
        assign bank_a1     = swap ^ (turn ? 2'd1 : 2'd2);
        assign bank_b      = swap ^ (turn ? 2'd2 : 2'd1);
        assign bank_b1     = ~swap;
        {nets}

        always @(posedge clk) begin
            a  <= chain ? chain_data : {a};
            b  <= {b};
            a1 <= {a1};
            b1 <= {b1};
            {drain}
        end
        ",
        nets = nested(&nets, 8),
        a = banked("swap"),
        b = banked("bank_b"),
        a1 = banked("bank_a1"),
        b1 = banked("bank_b1"),
    ))
}

/// One of four by a signal of two bits.
fn select(signal: &str, of: [String; 4]) -> String {
    format!("{signal}[1] ? ({signal}[0] ? {} : {}) : ({signal}[0] ? {} : {})", of[3], of[2], of[1], of[0])
}
