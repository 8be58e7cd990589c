//! The printed form of a small hierarchy, and each refusal.

use super::*;

fn leaf() -> Module {
    Module::new("inverter", "The complement, one clock later.")
        .clk()
        .input("a", 4, "operand")
        .output_reg("y", 4, "")
        .body("always @(posedge clk) y <= ~a;")
}

fn top() -> Module {
    Module::new("pair", "Two inverters in a row.")
        .doc("Latency 2.")
        .parameter("HASH", 32, 0, "of the source")
        .clk()
        .input("a", 4, "")
        .output("y", 4, "")
        .output("h", 32, "")
        .wire("m", 4)
        .reg("seen", 1)
        .instance("u0", leaf(), [("clk", "clk"), ("a", "a"), ("y", "m")])
        .instance("u1", leaf(), [("clk", "clk"), ("a", "m ^ 4'd1"), ("y", "y")])
        .body(
            "
            assign h = HASH;

            always @(posedge clk)
                seen <= 1'b1;
            ",
        )
}

#[test]
fn the_printed_text_is_fixed() {
    let files = emit(&top()).unwrap();
    assert_eq!(files.iter().map(|f| f.name.as_str()).collect::<Vec<_>>(), ["inverter.v", "pair.v"]);
    let expected = "\
// pair: Two inverters in a row
// Latency 2.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module pair #(
    parameter [31:0] HASH = 32'h0 // of the source
) (
    input wire         clk,
    input wire   [3:0] a,
    output wire  [3:0] y,
    output wire [31:0] h
);

    wire [3:0] m;
    reg        seen;

    inverter u0 (
        .clk(clk),
        .a(a),
        .y(m)
    );
    inverter u1 (
        .clk(clk),
        .a(m ^ 4'd1),
        .y(y)
    );

    assign h = HASH;

    always @(posedge clk)
        seen <= 1'b1;
endmodule

`default_nettype wire
";
    assert_eq!(files[1].text, expected);
    assert_eq!(emit(&top()).unwrap(), files, "the same design gives the same bytes");
}

/// The error of a `pair` whose second instance has these connections.
fn refusal(connections: &[(&str, &str)]) -> String {
    let mut m = top();
    m.instances[1].connections = connections.iter().map(|(p, e)| (p.to_string(), e.to_string())).collect();
    emit(&m).unwrap_err().to_string()
}

#[test]
fn wrong_connections_are_refused() {
    assert!(refusal(&[("clk", "clk"), ("b", "m"), ("y", "y")]).contains("does not exist"));
    assert!(refusal(&[("clk", "clk"), ("y", "y")]).contains("is not connected"));
    assert!(refusal(&[("clk", "clk"), ("a", ""), ("y", "y")]).contains("left open"));
    assert!(refusal(&[("clk", "clk"), ("a", "m"), ("a", "m"), ("y", "y")]).contains("connected twice"));
    assert!(refusal(&[("clk", "clk"), ("a", "seen"), ("y", "y")]).contains("has 4 bits"));
    assert!(refusal(&[("clk", "clk"), ("a", "5'd3"), ("y", "y")]).contains("of 5 bits"));
}

#[test]
fn wrong_names_and_widths_are_refused() {
    let error = |m: Module| emit(&m).unwrap_err();
    assert!(matches!(error(top().wire("u0", 1)), EmitError::Duplicate { .. }));
    assert!(matches!(error(top().wire("a", 1)), EmitError::Duplicate { .. }));
    assert!(matches!(error(top().wire("small", 1)), EmitError::Identifier { .. }));
    assert!(matches!(error(top().wire("a$b", 1)), EmitError::Identifier { .. }));
    assert!(matches!(error(top().wire("zero", 0)), EmitError::Width { .. }));
}

#[test]
fn one_name_means_one_definition() {
    let mut other = leaf();
    other.body = "always @(posedge clk) y <= a;\n".into();
    let m = top().instance("u2", other, [("clk", "clk"), ("a", "a"), ("y", "")]);
    assert_eq!(emit(&m), Err(EmitError::Conflict { name: "inverter.v".into() }));
    let same = top().instance("u2", leaf(), [("clk", "clk"), ("a", "a"), ("y", "")]);
    assert_eq!(emit(&same).unwrap().len(), 2);
}

/// A register of any width, and its double.
fn wide(width: usize) -> Module {
    Module::new("wide", "A register.")
        .timing("1 clock", "one word a clock")
        .generic("WIDTH", width, 8, "bits of a word")
        .constant("TOP", "WIDTH - 1", "")
        .clk()
        .input("a", (width, "WIDTH"), "")
        .output_reg("y", (2 * width + 1, "2*WIDTH+1"), "")
        .body("always @(posedge clk) y <= {a, a, a[TOP]};")
}

#[test]
fn modules_that_differ_in_their_generics_share_a_text() {
    let m = Module::new("two", "")
        .generic("SIZE", 16, 4, "bits")
        .clk()
        .link("u0", wide(1), "clk", [("a", "q0[0]"), ("y", "q0")])
        .link("u1", wide(16), "clk", [("a", "q0[15:0]"), ("y", "q1")])
        .with_parameter("WIDTH", "SIZE");
    let files = emit(&m).unwrap();
    let expected = "\
// wide: A register
// Latency:    1 clock
// Throughput: one word a clock
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module wide #(
    parameter WIDTH = 8 // bits of a word
) (
    input wire             clk,
    input wire [WIDTH-1:0] a,
    output reg [2*WIDTH:0] y
);

    localparam TOP = WIDTH - 1;

    always @(posedge clk) y <= {a, a, a[TOP]};
endmodule

`default_nettype wire
";
    assert_eq!(files[1].text, expected);
    assert!(files[0].text.contains("parameter SIZE = 16 // bits"), "the top has its own numbers as defaults");
    assert!(files[0].text.contains("    wide #(.WIDTH(1)) u0 ("));
    assert!(files[0].text.contains("    wide #(.WIDTH(SIZE)) u1 ("));
    assert!(emit(&wide(5)).unwrap()[0].text.contains("parameter WIDTH = 5"));
    assert!(emit_together(&[wide(5), wide(6)]).unwrap()[0].text.contains("parameter WIDTH = 8"));
}

#[test]
fn an_expression_must_be_its_number() {
    let wrong = |m: Module| emit(&m).unwrap_err().to_string();
    let bad = wide(4).input("b", (9, "2*WIDTH"), "");
    assert_eq!(wrong(bad), "module wide: b: `2*WIDTH` is 8, expected 9");
    assert!(wrong(wide(4).wire("n", (4, "HEIGHT"))).contains("names `HEIGHT`"));
    assert!(wrong(wide(4).constant("BAD", "WIDTH /", "")).contains("module wide: BAD"));
    let bad = top().instance("u2", wide(4), [("clk", "clk"), ("a", "a"), ("y", "")]).with_parameter("WIDTH", "5");
    assert!(wrong(bad).contains("parameter WIDTH of u2: `5` is 5, expected 4"));
    // A number that is left in the text keeps two values from sharing it.
    let fixed = |width| wide(width).body(format!("wire [{width}:0] more;"));
    assert!(matches!(emit_together(&[fixed(3), fixed(4)]), Err(EmitError::Conflict { .. })));
}
