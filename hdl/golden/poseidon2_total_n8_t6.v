// poseidon2_total_n8_t6: the sum of a state's words but the first
// Latency:    8 clocks from the last beat
// Throughput: one beat a clock
// A tree of adders, an accumulator and a reduction.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module poseidon2_total_n8_t6 (
    input wire          clk,
    input wire          rst,     // synchronous, active high
    input wire          s_valid,
    input wire          s_first, // first beat of a state: its word 0 is left out
    input wire          s_last,  // last beat of a state
    input wire  [247:0] s_data,
    input wire    [5:0] s_tag,
    output wire         m_valid,
    output wire  [30:0] m_data,
    output wire   [5:0] m_tag
);

    reg [31:0] sum1_0;
    reg [31:0] sum1_1;
    reg [31:0] sum1_2;
    reg [31:0] sum1_3;
    reg [32:0] sum2_0;
    reg [32:0] sum2_1;
    reg [33:0] sum3_0;
    reg  [7:0] valid;
    reg  [2:0] first;
    reg  [7:0] last;
    reg [47:0] tags;
    reg [36:0] sum;

    field_reduce reduce (
        .clk(clk),
        .v(sum),
        .y(m_data)
    );

    assign m_valid = valid[7] && last[7];
    assign m_tag   = tags[47:42];

    always @(posedge clk) begin
        sum1_0 <= {1'b0, (s_first ? 31'd0 : s_data[30:0])} + {1'b0, s_data[61:31]};
        sum1_1 <= {1'b0, s_data[92:62]} + {1'b0, s_data[123:93]};
        sum1_2 <= {1'b0, s_data[154:124]} + {1'b0, s_data[185:155]};
        sum1_3 <= {1'b0, s_data[216:186]} + {1'b0, s_data[247:217]};
        sum2_0 <= {1'b0, sum1_0} + {1'b0, sum1_1};
        sum2_1 <= {1'b0, sum1_2} + {1'b0, sum1_3};
        sum3_0 <= {1'b0, sum2_0} + {1'b0, sum2_1};
        if (valid[2]) sum <= (first[2] ? 37'd0 : sum) + {3'd0, sum3_0};
        valid <= {valid[6:0], s_valid};
        first <= {first[1:0], s_first};
        last  <= {last[6:0], s_last};
        tags  <= {tags[41:0], s_tag};
        if (rst) valid <= 8'd0;
    end
endmodule

`default_nettype wire
