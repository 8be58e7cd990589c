// lde_l2_n10_b1: the coset low-degree extension, 8 columns at a time
// Latency:    a group is loaded, inverted and transformed before its first row leaves
// Throughput: a butterfly a clock and lane
// 2 lanes of 4 columns; up to 2^10 rows, blow-up up to 2^1.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module lde_l2_n10_b1 (
    input wire          clk,
    input wire          rst,        // synchronous, active high
    input wire          start,      // a job begins: its parameters are valid and stay
    input wire          clear,      // the job is dropped
    input wire    [4:0] log_rows,
    input wire    [1:0] log_blowup,
    input wire   [10:0] group_last, // groups of 8 columns - 1
    input wire   [30:0] step,       // s^16
    input wire          seed,       // write s^k / 2^n, before start
    input wire    [3:0] seed_index, // k
    input wire   [30:0] seed_data,
    input wire          s_valid,
    output wire         s_ready,
    input wire   [30:0] s_data,
    output wire         m_valid,
    input wire          m_ready,
    output wire [247:0] m_data,     // column 0 lowest
    output wire  [19:0] m_row,      // in leaf order
    output wire  [10:0] m_group,
    output wire         m_first,    // first group
    output wire         m_last,     // last group
    output wire         multiplying // all lanes begin a useful multiplication
);

    wire        reset_job;
    wire  [9:0] all_rows;
    wire [10:0] all_leaves;
    wire  [9:0] all_cosets;
    wire        space;
    wire        loaded;
    wire  [1:0] load;
    wire        load_bank;
    wire [10:0] load_address;
    wire [30:0] load_data;
    wire  [1:0] ready;
    wire  [1:0] release_buffer;
    wire  [2:0] read;
    wire  [2:0] write;
    wire  [1:0] write_bank;
    wire        swap;
    wire        inverse;
    wire        scale;
    wire        minus_one;
    wire  [9:0] twiddle_index;
    wire  [9:0] scale_index;
    wire        table_done;
    wire        table_chain;
    wire [30:0] root;
    wire [30:0] table_data;
    wire        power_done;
    wire        power_chain;
    wire [30:0] power_chain_data;
    wire [30:0] power_data;
    wire  [1:0] source;
    wire        swap3;
    wire        inverse3;
    wire        scale3;
    wire        minus_one3;
    wire        table_chain3;
    wire        power_chain3;
    wire        chain3;
    wire [30:0] chain_data;
    wire  [2:0] write_late;
    wire  [1:0] write_bank_late;
    wire        write_swap;
    wire [30:0] product;
    wire  [1:0] drain;
    wire [10:0] drain_address;
    wire        drained_buffer;
    wire        drained_bank;
    wire [61:0] drain_data;
    wire [10:0] address0;
    wire [10:0] write_address0;
    wire [10:0] address1;
    wire [10:0] write_address1;
    reg         begin_job;
    reg         small_job;
    reg   [9:0] row_mask;
    reg  [10:0] leaf_mask;
    reg   [9:0] coset_last;
    reg   [9:0] row_step;
    reg  [10:0] rows;
    reg         inverse4;
    reg         scale4;
    reg  [30:0] twiddle;

    lde_load_l2_n10 enter (
        .clk(clk),
        .rst(rst),
        .start(reset_job),
        .row_step(row_step),
        .space(space),
        .s_valid(s_valid),
        .s_ready(s_ready),
        .s_data(s_data),
        .loaded(loaded),
        .load(load),
        .load_bank(load_bank),
        .load_address(load_address),
        .load_data(load_data)
    );
    lde_schedule_l2_n10_b1 plan (
        .clk(clk),
        .rst(rst),
        .start(reset_job),
        .half_mask(row_mask >> 1),
        .coset_last(coset_last),
        .small_job(small_job),
        .powers_done(power_done && table_done),
        .space(space),
        .loaded(loaded),
        .ready(ready),
        .release_buffer(release_buffer),
        .read(read),
        .write(write),
        .write_bank(write_bank),
        .address0(address0),
        .address1(address1),
        .swap(swap),
        .inverse(inverse),
        .scale(scale),
        .minus_one(minus_one),
        .twiddle_index(twiddle_index),
        .scale_index(scale_index),
        .multiplying(multiplying)
    );
    lde_table_t10 twiddles (
        .clk(clk),
        .rst(rst),
        .start(begin_job),
        .last(leaf_mask[10:1]),
        .done(table_done),
        .chain(table_chain),
        .root(root),
        .product(product),
        .read_address(twiddle_index),
        .read_data(table_data)
    );
    lde_power_n10 powers (
        .clk(clk),
        .rst(rst || clear),
        .seed(seed),
        .seed_index(seed_index),
        .seed_data(seed_data),
        .start(begin_job),
        .rows(rows),
        .enable(table_done),
        .done(power_done),
        .chain(power_chain),
        .chain_data(power_chain_data),
        .product(product),
        .read(scale),
        .read_address(scale_index),
        .read_data(power_data)
    );
    delay_chain #(.WIDTH(8), .CLOCKS(2)) fetch (
        .clk(clk),
        .s_data({read[1:0], swap, inverse, scale, minus_one, table_chain, power_chain}),
        .m_data({source, swap3, inverse3, scale3, minus_one3, table_chain3, power_chain3})
    );
    delay #(.WIDTH(28), .CLOCKS(14)) flight (
        .clk(clk),
        .s_data({write, write_bank, swap, address0, address1}),
        .m_data({write_late, write_bank_late, write_swap, write_address0, write_address1})
    );
    lde_readout_l2_n10_b1 leave (
        .clk(clk),
        .rst(rst),
        .start(reset_job),
        .row_mask(row_mask),
        .leaf_mask(leaf_mask),
        .group_last(group_last),
        .ready(ready),
        .release_buffer(release_buffer),
        .drain(drain),
        .drain_address(drain_address),
        .drained_buffer(drained_buffer),
        .drained_bank(drained_bank),
        .drain_data(drain_data),
        .m_valid(m_valid),
        .m_ready(m_ready),
        .m_data(m_data),
        .m_row(m_row),
        .m_group(m_group),
        .m_first(m_first),
        .m_last(m_last)
    );
    lde_lane_c4_n10 lane0 (
        .clk(clk),
        .read(read),
        .address0(address0),
        .address1(address1),
        .source(source),
        .swap(swap3),
        .chain(chain3),
        .chain_data(chain_data),
        .inverse(inverse4),
        .scale(scale4),
        .twiddle(twiddle),
        .write(write_late),
        .write_bank(write_bank_late),
        .write_swap(write_swap),
        .write_address0(write_address0),
        .write_address1(write_address1),
        .result(product),
        .load(load[0]),
        .load_bank(load_bank),
        .load_address(load_address),
        .load_data(load_data),
        .drain(drain),
        .drain_address(drain_address),
        .drained_buffer(drained_buffer),
        .drained_bank(drained_bank),
        .drain_data(drain_data[30:0])
    );
    lde_lane_c4_n10 lane1 (
        .clk(clk),
        .read(read),
        .address0(address0),
        .address1(address1),
        .source(source),
        .swap(swap3),
        .chain(1'b0),
        .chain_data(31'd0),
        .inverse(inverse4),
        .scale(scale4),
        .twiddle(twiddle),
        .write(write_late),
        .write_bank(write_bank_late),
        .write_swap(write_swap),
        .write_address0(write_address0),
        .write_address1(write_address1),
        .result(),
        .load(load[1]),
        .load_bank(load_bank),
        .load_address(load_address),
        .load_data(load_data),
        .drain(drain),
        .drain_address(drain_address),
        .drained_buffer(drained_buffer),
        .drained_bank(drained_bank),
        .drain_data(drain_data[61:31])
    );

    assign reset_job  = begin_job || clear;
    assign all_rows   = ~0;
    assign all_leaves = ~0;
    assign all_cosets = ~0;
    assign chain3     = table_chain3 || power_chain3;
    assign chain_data = table_chain3 ? table_data : power_chain_data;

    always @(posedge clk) begin
        begin_job <= start && !rst;
        if (start) begin
            small_job  <= log_rows < 5'd5;
            row_mask   <= ~(all_rows << log_rows);
            leaf_mask  <= ~((all_leaves << log_rows) << log_blowup);
            coset_last <= ~(all_cosets << log_blowup);
            row_step   <= 10'd1 << (5'd10 - log_rows);
            rows       <= 11'd1 << log_rows;
        end
        inverse4 <= inverse3;
        scale4   <= scale3 || chain3;
        twiddle <= power_chain3 ? step : table_chain3 ? root : scale3 ? power_data : minus_one3 ? 31'd1744830467
            : table_data;
    end
endmodule

`default_nettype wire
