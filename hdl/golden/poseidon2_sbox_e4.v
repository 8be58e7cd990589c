// poseidon2_sbox_e4: x^7 on each lane
// Latency:    21 clocks
// Throughput: one array of operands a clock
// x^2; then x^3 and x^4; then x^7.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module poseidon2_sbox_e4 (
    input wire          clk,
    input wire  [123:0] x,
    output wire [123:0] y
);

    wire [123:0] square;
    wire [123:0] cube;
    wire [123:0] fourth;
    wire [123:0] x_late;

    delay #(.WIDTH(124), .CLOCKS(7)) hold (
        .clk(clk),
        .s_data(x),
        .m_data(x_late)
    );
    field_mul square_0 (
        .clk(clk),
        .a(x[30:0]),
        .b(x[30:0]),
        .y(square[30:0])
    );
    field_mul cube_0 (
        .clk(clk),
        .a(square[30:0]),
        .b(x_late[30:0]),
        .y(cube[30:0])
    );
    field_mul fourth_0 (
        .clk(clk),
        .a(square[30:0]),
        .b(square[30:0]),
        .y(fourth[30:0])
    );
    field_mul seventh_0 (
        .clk(clk),
        .a(cube[30:0]),
        .b(fourth[30:0]),
        .y(y[30:0])
    );
    field_mul square_1 (
        .clk(clk),
        .a(x[61:31]),
        .b(x[61:31]),
        .y(square[61:31])
    );
    field_mul cube_1 (
        .clk(clk),
        .a(square[61:31]),
        .b(x_late[61:31]),
        .y(cube[61:31])
    );
    field_mul fourth_1 (
        .clk(clk),
        .a(square[61:31]),
        .b(square[61:31]),
        .y(fourth[61:31])
    );
    field_mul seventh_1 (
        .clk(clk),
        .a(cube[61:31]),
        .b(fourth[61:31]),
        .y(y[61:31])
    );
    field_mul square_2 (
        .clk(clk),
        .a(x[92:62]),
        .b(x[92:62]),
        .y(square[92:62])
    );
    field_mul cube_2 (
        .clk(clk),
        .a(square[92:62]),
        .b(x_late[92:62]),
        .y(cube[92:62])
    );
    field_mul fourth_2 (
        .clk(clk),
        .a(square[92:62]),
        .b(square[92:62]),
        .y(fourth[92:62])
    );
    field_mul seventh_2 (
        .clk(clk),
        .a(cube[92:62]),
        .b(fourth[92:62]),
        .y(y[92:62])
    );
    field_mul square_3 (
        .clk(clk),
        .a(x[123:93]),
        .b(x[123:93]),
        .y(square[123:93])
    );
    field_mul cube_3 (
        .clk(clk),
        .a(square[123:93]),
        .b(x_late[123:93]),
        .y(cube[123:93])
    );
    field_mul fourth_3 (
        .clk(clk),
        .a(square[123:93]),
        .b(square[123:93]),
        .y(fourth[123:93])
    );
    field_mul seventh_3 (
        .clk(clk),
        .a(cube[123:93]),
        .b(fourth[123:93]),
        .y(y[123:93])
    );
endmodule

`default_nettype wire
