//! The integer product 31 x 31 in the multiplier, in the forms that pay on one family or another. All have one name and one timing.
//!
//! | form | multipliers, ECP5 | multipliers, UltraScale+ |
//! |---|---|---|
//! | [`Product::Plain`] | 4 MULT18X18D | what the tool infers (yosys 0.70: 4 DSP48E2) |
//! | [`Product::Karatsuba`] | 3 MULT18X18D | 3 DSP48E2 |
//! | [`Product::Tiled`] | not made for it | 2 DSP48E2 and a 5 x 31 sliver in LUTs |
//!
//! Area by yosys is printed by `cargo run --release -p galena-sim --example multiplier_area`.

use crate::netlist::{Module, nested};
use std::collections::HashMap;
use std::sync::Arc;

/// Clocks from operands to the product.
pub(super) const PRODUCT_LATENCY: usize = 4;

/// Name of the module, whatever its form.
const NAME: &str = "product_31x31";

/// A form of the product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Product {
    /// Four products of 18 x 18 with `GALENA_ECP5` defined, else whatever the tool makes of `a * b`.
    Plain,
    /// Three products of at most 17 x 17: the middle one is (low + high) (low + high), less the other two.
    Karatsuba,
    /// 26 x 17 and 26 x 14, and the upper five bits of `a` by shifts and adds: what a DSP48E2 of 27 x 18 signed can do.
    Tiled,
}

impl Product {
    /// All forms.
    pub const ALL: [Self; 3] = [Self::Plain, Self::Karatsuba, Self::Tiled];

    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Karatsuba => "karatsuba",
            Self::Tiled => "tiled",
        }
    }

    /// `product_31x31`: y = a * b, 62 bits, latency 4.
    pub fn module(self) -> Module {
        let module = Module::new(NAME, "the 62-bit product a * b.").timing("4 clocks", "one product a clock");
        let doc = match self {
            Self::Plain => "Define GALENA_ECP5 to instantiate MULT18X18D; every other target infers its multipliers.",
            Self::Karatsuba => "Three multipliers; define GALENA_ECP5 to instantiate MULT18X18D.",
            Self::Tiled => "Two multipliers of 26 x 17 and 26 x 14 for DSP48E2, the rest shifts and adds.",
        };
        let module = module.doc(doc).clk().input("a", 31, "").input("b", 31, "").output_reg("y", 62, "");
        match self {
            Self::Plain => plain(module),
            Self::Karatsuba => karatsuba(module),
            Self::Tiled => tiled(module),
        }
    }
}

/// The same circuit with this form of the product in every multiplier below it.
pub fn with_product(module: &Module, product: Product) -> Module {
    let mut done = HashMap::new();
    Module::clone(&exchange(&Arc::new(module.clone()), &Arc::new(product.module()), &mut done))
}

/// Exchanges the product in a hierarchy; a module that is shared is walked once.
fn exchange(
    module: &Arc<Module>,
    product: &Arc<Module>,
    done: &mut HashMap<*const Module, Arc<Module>>,
) -> Arc<Module> {
    if module.name == NAME {
        return product.clone();
    }
    if let Some(known) = done.get(&Arc::as_ptr(module)) {
        return known.clone();
    }
    let mut changed = Module::clone(module);
    for instance in &mut changed.instances {
        instance.module = exchange(&instance.module, product, done);
    }
    let changed = Arc::new(changed);
    done.insert(Arc::as_ptr(module), changed.clone());
    changed
}

/// With `GALENA_ECP5` defined, four MULT18X18D with their input and output registers (yosys does not pack registers into them by itself) and
/// one addition; otherwise a behavioural product that other tools map to their own multipliers.
fn plain(module: Module) -> Module {
    module.body(format!(
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
            {inferred}
            `endif
            ",
        primitive = mult18x18d(),
        inferred = nested(&inferred(31), 12)
    ))
}

/// A product of two numbers of `bits` bits that the tool maps to its own multipliers.
fn inferred(bits: usize) -> String {
    let top = bits - 1;
    format!(
        "reg [{top}:0] a1, b1;
reg [{}:0] p2, p3;

always @(posedge clk) begin
    a1 <= a;
    b1 <= b;
    p2 <= {{{bits}'d0, a1}} * {{{bits}'d0, b1}};
    p3 <= p2;
    y  <= p3;
end
",
        2 * bits - 1
    )
}

/// The inferred product of the multiplier for a small prime: y = a * b, latency 4.
pub(super) fn small(bits: usize) -> Module {
    let name = format!("product_{bits}x{bits}");
    let module = Module::new(name, "the product a * b.").timing("4 clocks", "one product a clock").clk();
    module.input("a", bits, "").input("b", bits, "").output_reg("y", 2 * bits, "").body(inferred(bits))
}

/// a b = h 2^32 + (m - h - l) 2^16 + l with l, h the products of the halves (16 and 15 bits) and m that of their sums (17 bits).
fn karatsuba(module: Module) -> Module {
    module.body(format!(
        "
        // Part 0 is low * low, part 1 high * high, part 2 the product of the sums.
        wire [107:0] part;
        reg   [31:0] middle;
        reg   [61:0] outer;

        wire [16:0] sum_a = {{1'b0, a[15:0]}} + {{2'd0, a[30:16]}};
        wire [16:0] sum_b = {{1'b0, b[15:0]}} + {{2'd0, b[30:16]}};

        genvar k;
        generate for (k = 0; k < 3; k = k + 1) begin : third
            wire [17:0] x = k == 0 ? {{2'd0, a[15:0]}} : k == 1 ? {{3'd0, a[30:16]}} : {{1'b0, sum_a}};
            wire [17:0] z = k == 0 ? {{2'd0, b[15:0]}} : k == 1 ? {{3'd0, b[30:16]}} : {{1'b0, sum_b}};
            `ifdef GALENA_ECP5
            {primitive}
            `else
            reg [17:0] x1, z1;
            reg [35:0] p2;

            assign part[36 * k +: 36] = p2;

            always @(posedge clk) begin
                x1 <= x;
                z1 <= z;
                p2 <= {{18'd0, x1}} * {{18'd0, z1}};
            end
            `endif
        end endgenerate

        // The cross terms are below 2^32: what is above cancels.
        always @(posedge clk) begin
            middle <= part[103:72] - part[31:0] - {{2'd0, part[65:36]}};
            outer  <= {{part[65:36], part[31:0]}};
            y      <= {{outer[61:16] + {{14'd0, middle}}, outer[15:0]}};
        end
        ",
        primitive = mult18x18d()
    ))
}

/// a = u 2^26 + v: v times the halves of b (17 and 14 bits) in two multipliers whose sum is their cascade, u b in LUTs.
fn tiled(module: Module) -> Module {
    module.body(
        "
        reg [30:0] a1, b1;
        reg [42:0] low2;
        reg [39:0] high2;
        reg [32:0] u2_0, u2_1; // b (u mod 4), b (u / 4 mod 4)
        reg [30:0] u2_2;       // b (u / 16)
        reg [16:0] low3;
        reg [39:0] high3;
        reg [35:0] u3;

        always @(posedge clk) begin
            a1    <= a;
            b1    <= b;
            low2  <= {17'd0, a1[25:0]} * {26'd0, b1[16:0]};
            high2 <= {14'd0, a1[25:0]} * {26'd0, b1[30:17]};
            u2_0  <= {2'd0, a1[26] ? b1 : 31'd0} + {1'b0, a1[27] ? b1 : 31'd0, 1'b0};
            u2_1  <= {2'd0, a1[28] ? b1 : 31'd0} + {1'b0, a1[29] ? b1 : 31'd0, 1'b0};
            u2_2  <= a1[30] ? b1 : 31'd0;
            low3  <= low2[16:0];
            high3 <= high2 + {14'd0, low2[42:17]};
            u3    <= {3'd0, u2_0} + {1'b0, u2_1, 2'd0} + {1'b0, u2_2, 4'd0};
            y     <= {{5'd0, high3[39:9]} + u3, high3[8:0], low3};
        end
        ",
    )
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
