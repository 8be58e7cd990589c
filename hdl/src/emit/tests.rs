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
// pair: Two inverters in a row.
// Latency 2.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module pair #(
    parameter [31:0] HASH = 32'h0  // of the source
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
    assert_eq!(emit(&m), Err(EmitError::Conflict { name: "inverter".into() }));
    let same = top().instance("u2", leaf(), [("clk", "clk"), ("a", "a"), ("y", "")]);
    assert_eq!(emit(&same).unwrap().len(), 2);
}
