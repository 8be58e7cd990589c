// poseidon2_linear_g4_w16_t6: the external matrix of Poseidon2 on a stream of states
// Latency:    10 clocks from a state's last beat to its first result
// Throughput: one beat a clock
// 4 words a beat, 4 beats a state; states do not overlap. From the last beat of a state to its first result: 10 clocks.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module poseidon2_linear_g4_w16_t6 (
    input wire          clk,
    input wire          rst,     // synchronous, active high
    input wire          s_valid,
    input wire  [123:0] s_data,
    input wire    [5:0] s_tag,   // of the state; taken with its last beat
    output wire         m_valid,
    output wire         m_last,  // last beat of the state
    output wire   [1:0] m_index, // beat of the state
    output wire [123:0] m_data,
    output wire   [5:0] m_tag
);

    wire         fetch;
    wire         fetch_half;
    wire   [1:0] fetch_place;
    reg   [31:0] left_0;
    reg   [31:0] right_0;
    reg   [32:0] sum_0;
    reg   [32:0] early_0_0;
    reg   [32:0] late_0_0;
    reg   [32:0] early_0_1;
    reg   [32:0] late_0_1;
    reg   [32:0] early_0_2;
    reg   [32:0] late_0_2;
    reg   [32:0] early_0_3;
    reg   [32:0] late_0_3;
    reg  [135:0] product;
    reg   [36:0] column_0;
    reg   [36:0] total_0;
    reg   [36:0] column_1;
    reg   [36:0] total_1;
    reg   [36:0] column_2;
    reg   [36:0] total_2;
    reg   [36:0] column_3;
    reg   [36:0] total_3;
    reg   [36:0] lazy_0;
    reg   [36:0] lazy_1;
    reg   [36:0] lazy_2;
    reg   [36:0] lazy_3;
    reg    [2:0] valid;
    reg   [17:0] tags;
    reg    [1:0] place;
    reg          half;
    reg          complete;
    reg    [5:0] tag;
    reg          running;
    reg    [1:0] leaving;
    reg          leaving_half;
    reg  [135:0] fetched;
    reg          adding;
    reg    [5:0] out_valid;
    reg   [11:0] out_place;
    reg    [5:0] out_tag;
    reg   [29:0] out_tags;

    field_reduce reduce_0 (
        .clk(clk),
        .v(lazy_0),
        .y(m_data[30:0])
    );
    field_reduce reduce_1 (
        .clk(clk),
        .v(lazy_1),
        .y(m_data[61:31])
    );
    field_reduce reduce_2 (
        .clk(clk),
        .v(lazy_2),
        .y(m_data[92:62])
    );
    field_reduce reduce_3 (
        .clk(clk),
        .v(lazy_3),
        .y(m_data[123:93])
    );

    (* ram_style = "distributed", no_rw_check *)
    reg [135:0] waiting [0:7];

    assign fetch       = complete || running;
    assign fetch_half  = complete ? ~half : leaving_half;
    assign fetch_place = complete ? 2'd0 : leaving;
    assign m_valid     = out_valid[5];
    assign m_index     = out_place[11:10];
    assign m_last      = m_index == 2'd3;
    assign m_tag       = out_tags[29:24];

    always @(posedge clk) begin
        valid    <= {valid[1:0], s_valid};
        tags     <= {tags[11:0], s_tag};
        complete <= 1'b0;
        if (valid[2]) begin
            waiting[{half, place}] <= product;
            place <= place + 1'b1;
            if (place == 2'd3) begin
                place    <= 2'd0;
                half     <= ~half;
                complete <= 1'b1;
                tag      <= tags[17:12];
            end
        end

        // A complete state leaves in successive clocks.
        if (fetch) begin
            fetched <= waiting[{fetch_half, fetch_place}];
            running <= fetch_place != 2'd3;
            leaving <= fetch_place + 1'b1;
        end
        if (complete) begin
            leaving_half <= ~half;
            out_tag      <= tag;
        end
        adding    <= fetch;
        out_valid <= {out_valid[4:0], fetch};
        out_place <= {out_place[9:0], fetch_place};
        out_tags  <= {out_tags[23:0], out_tag};
        if (rst) begin
            valid     <= 3'd0;
            complete  <= 1'b0;
            running   <= 1'b0;
            place     <= 2'd0;
            half      <= 1'b0;
            out_valid <= 6'd0;
        end
    end

    always @(posedge clk) begin
        left_0 <= {1'b0, s_data[30:0]} + {1'b0, s_data[61:31]};
        right_0 <= {1'b0, s_data[92:62]} + {1'b0, s_data[123:93]};
        early_0_0 <= {2'd0, s_data[30:0]} + {1'b0, s_data[61:31], 1'b0};
        early_0_1 <= {2'd0, s_data[61:31]} + {1'b0, s_data[92:62], 1'b0};
        early_0_2 <= {2'd0, s_data[92:62]} + {1'b0, s_data[123:93], 1'b0};
        early_0_3 <= {2'd0, s_data[123:93]} + {1'b0, s_data[30:0], 1'b0};
        if (valid[0]) begin
            sum_0 <= {1'b0, left_0} + {1'b0, right_0};
            late_0_0 <= early_0_0;
            late_0_1 <= early_0_1;
            late_0_2 <= early_0_2;
            late_0_3 <= early_0_3;
        end
        if (valid[1]) begin
            product[33:0] <= {1'b0, sum_0} + {1'b0, late_0_0};
            product[67:34] <= {1'b0, sum_0} + {1'b0, late_0_1};
            product[101:68] <= {1'b0, sum_0} + {1'b0, late_0_2};
            product[135:102] <= {1'b0, sum_0} + {1'b0, late_0_3};
        end
        if (valid[2]) begin
            column_0 <= (place == 0 ? 37'd0 : column_0) + {3'd0, product[33:0]};
            column_1 <= (place == 0 ? 37'd0 : column_1) + {3'd0, product[67:34]};
            column_2 <= (place == 0 ? 37'd0 : column_2) + {3'd0, product[101:68]};
            column_3 <= (place == 0 ? 37'd0 : column_3) + {3'd0, product[135:102]};
        end
        if (complete) begin
            total_0 <= column_0;
            total_1 <= column_1;
            total_2 <= column_2;
            total_3 <= column_3;
        end
        if (adding) begin
            lazy_0 <= {3'd0, fetched[33:0]} + total_0;
            lazy_1 <= {3'd0, fetched[67:34]} + total_1;
            lazy_2 <= {3'd0, fetched[101:68]} + total_2;
            lazy_3 <= {3'd0, fetched[135:102]} + total_3;
        end
    end
endmodule

`default_nettype wire
