//! The Montgomery multiplier: one 31 x 31 product, and a reduction of shifts and adds.
//!
//! With T = a * b < p^2 and p = 15 * 2^27 + 1: 2^-27 = -15 mod p, so T / 2^27 = (T >> 27) - 15 * (T mod 2^27) =: t, and
//! T / 2^32 = t / 2^5 = (t >> 5) - 15 * 2^22 * x with x = t mod 2^5. That lies in (-p, p); below zero p is added. In the last stage the
//! subtraction touches only the top ten bits, and the addition starts from the bits below: two short carry chains.

use super::P;
use crate::netlist::Module;

/// Clocks from operands to result of [`field_mul`].
pub const MUL_LATENCY: usize = PRODUCT_LATENCY + 3;

/// Clocks from operands to result of [`product_31x31`].
const PRODUCT_LATENCY: usize = 4;

/// `field_mul`: y = a * b / 2^32 mod p, the product of two elements in Montgomery form. Model: [`super::mul`].
///
/// Latency [`MUL_LATENCY`], one product a clock; four MULT18X18D on an ECP5.
pub fn field_mul() -> Module {
    Module::new("field_mul", "Montgomery product a * b / 2^32 modulo p = 15 * 2^27 + 1.")
        .doc("Operands and result are reduced. Latency 7, one product a clock; 4 multipliers of 18 x 18.")
        .clk()
        .input("a", 31, "")
        .input("b", 31, "")
        .output_reg("y", 31, "")
        .wire("product", 62)
        .reg("low15", 31)
        .reg("high", 35)
        .wire("t", 36)
        .reg("whole", 31)
        .reg("part15", 9)
        .wire("r", 32)
        .wire("raised", 31)
        .instance("multiply", product_31x31(), [("clk", "clk"), ("a", "a"), ("b", "b"), ("y", "product")])
        .body(format!(
            "
            assign t      = {{1'b0, high}} - {{5'd0, low15}};
            assign r      = {{whole[30], whole}} - {{1'b0, part15, 22'd0}};
            assign raised = r[30:0] + 31'd{P};

            always @(posedge clk) begin
                low15  <= {{product[26:0], 4'd0}} - {{4'd0, product[26:0]}}; // 15 (product mod 2^27)
                high   <= product[61:27];
                whole  <= t[35:5];
                part15 <= {{t[4:0], 4'd0}} - {{4'd0, t[4:0]}};               // 15 x
                y      <= r[31] ? raised : r[30:0];
            end
            "
        ))
}

/// `product_31x31`: y = a * b, 62 bits, latency 4.
///
/// With `GALENA_ECP5` defined, four MULT18X18D with their input and output registers (yosys does not pack registers into them by
/// itself) and one addition; otherwise a behavioural product that other tools map to their own multipliers.
pub fn product_31x31() -> Module {
    Module::new("product_31x31", "the 62-bit product a * b.")
        .doc("Latency 4. Define GALENA_ECP5 to instantiate MULT18X18D; every other target infers its multipliers.")
        .clk()
        .input("a", 31, "")
        .input("b", 31, "")
        .output_reg("y", 62, "")
        .body(format!(
            "
            `ifdef GALENA_ECP5
            // Part 2i + j is (half i of a) * (half j of b); halves are the low 18 and the high 13 bits.
            wire [143:0] part;
            reg   [31:0] middle;
            reg   [61:0] outer;

            genvar k;
            generate for (k = 0; k < 4; k = k + 1) begin : quarter
                wire [17:0] x = k < 2 ? a[17:0] : {{5'd0, a[30:18]}};
                wire [17:0] z = k % 2 == 0 ? b[17:0] : {{5'd0, b[30:18]}};
                {primitive}
            end endgenerate

            always @(posedge clk) begin
                middle <= {{1'b0, part[66:36]}} + {{1'b0, part[102:72]}};
                outer  <= {{part[133:108], part[35:0]}};
                y      <= {{outer[61:18] + {{12'd0, middle}}, outer[17:0]}};
            end
            `else
            reg [30:0] a1, b1;
            reg [61:0] p2, p3;

            always @(posedge clk) begin
                a1 <= a;
                b1 <= b;
                p2 <= {{31'd0, a1}} * {{31'd0, b1}};
                p3 <= p2;
                y  <= p3;
            end
            `endif
            ",
            primitive = mult18x18d()
        ))
}

/// An instance of the ECP5 primitive: part[36k +: 36] = x * z, with input and output registers (latency 2), as documented by Lattice.
fn mult18x18d() -> String {
    let bus = |port: &str, signal: &dyn Fn(usize) -> String, n: usize| {
        (0..n).map(|i| format!(".{port}{i}({})", signal(i))).collect::<Vec<_>>().join(", ")
    };
    let group = |kinds: &str, fields: &[(&str, &str)]| {
        let one = |k: char| {
            fields.iter().map(|(f, v)| format!(".REG_{}({v})", f.replace('*', &k.to_string()))).collect::<Vec<_>>()
        };
        kinds.chars().flat_map(one).collect::<Vec<_>>().join(", ")
    };
    let inputs = group("AB", &[("INPUT*_CLK", "\"CLK0\""), ("INPUT*_CE", "\"CE0\""), ("INPUT*_RST", "\"RST0\"")]);
    let lines = [
        "MULT18X18D #(".to_string(),
        format!("    {inputs},"),
        "    .REG_INPUTC_CLK(\"NONE\"), .REG_PIPELINE_CLK(\"NONE\"), .REG_PIPELINE_CE(\"CE0\"), .REG_PIPELINE_RST(\"RST0\"),".into(),
        "    .REG_OUTPUT_CLK(\"CLK0\"), .REG_OUTPUT_CE(\"CE0\"), .REG_OUTPUT_RST(\"RST0\"), .CLK0_DIV(\"ENABLED\"),".into(),
        "    .GSR(\"DISABLED\"), .SOURCEB_MODE(\"B_SHIFT\"), .RESETMODE(\"SYNC\"), .MULT_BYPASS(\"DISABLED\")".into(),
        ") multiplier (".into(),
        format!("    {},", bus("A", &|i| format!("x[{i}]"), 18)),
        format!("    {},", bus("B", &|i| format!("z[{i}]"), 18)),
        "    .SIGNEDA(1'b0), .SIGNEDB(1'b0), .SOURCEA(1'b0), .SOURCEB(1'b0),".into(),
        "    .CE0(1'b1), .CE1(1'b1), .CE2(1'b1), .CE3(1'b1), .CLK0(clk), .CLK1(1'b0), .CLK2(1'b0), .CLK3(1'b0),".into(),
        "    .RST0(1'b0), .RST1(1'b0), .RST2(1'b0), .RST3(1'b0),".into(),
        format!("    {}", bus("P", &|i| format!("part[36 * k + {i}]"), 36)),
        ");".into(),
    ];
    lines.join("\n                ")
}
