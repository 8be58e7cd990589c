// shell_job_l2: sequences a job and keeps its counters
// Latency:    1 clock from an event to what follows; a quiet job ends 9 clocks after the hasher
// Throughput: one job at a time
// A job ends when its data are right, its rows are gone and the hasher is quiet; or by a fault. Then the status goes
// out.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module shell_job_l2 (
    input wire         clk,
    input wire         rst,                 // synchronous, active high
    input wire         command_begin,
    input wire         accept,
    input wire   [7:0] kernel,
    input wire   [4:0] log_rows,
    input wire   [1:0] log_blowup,
    input wire  [10:0] group_last,
    input wire  [16:0] beats,               // of a read
    input wire         return_rows,
    input wire         return_digests,
    output reg         transforms,
    output reg         to_hasher,
    output reg         to_link,             // rows are sent
    output reg         digests,             // digests are sent
    output reg         leaves,              // the input is digests
    output reg         reading,             // the input is addresses
    output reg         searches,            // there is no input, and one answer
    output wire        registers,           // the register map is sent
    output wire        rate_set,            // the line's rate is to change
    output reg  [19:0] row_mask,            // 2^log_rows - 1
    output reg         start,
    output reg         drop,                // the job is dropped
    output wire        hold,                // no command may begin
    output wire        computing,           // the job is accepted and not over
    output reg         active,              // from a command's header to the end of its status
    input wire         data_end,
    input wire         fault,
    input wire   [3:0] fault_code,
    input wire  [15:0] fault_sequence,
    input wire  [31:0] fault_offset,
    input wire  [31:0] fault_found,
    input wire         row_gone,
    input wire         busy,                // hasher, chunks or memory
    output reg         finish,              // send what is left and the status
    input wire         frozen,              // the status is being sent
    input wire         done,                // it has been sent
    input wire         running,             // count clocks: from the command's last word on
    input wire         waiting,             // for an input word
    input wire         blocked,             // an output word waits
    input wire         multiplying,
    input wire  [63:0] hash_multiplies,
    input wire  [31:0] permutations,
    input wire  [47:0] grind_multiplies,
    input wire  [31:0] grind_permutations,
    input wire  [31:0] taken,
    output reg  [31:0] jobs,
    output reg  [31:0] errors,
    output wire [63:0] lde_multiplies,      // of the job
    output wire [63:0] job_hash_multiplies, // of the job
    input wire   [3:0] index,
    output reg  [31:0] status_word          // a clock later
);

    reg  [1:0] state;
    reg        input_done;
    reg [31:0] rows_left;
    reg  [3:0] quiet;
    reg  [3:0] status_code;
    reg [15:0] status_sequence;
    reg [31:0] status_offset;
    reg [31:0] status_found;
    reg        counting;
    reg [47:0] cycles;
    reg [47:0] butterflies;
    reg [47:0] starving;
    reg [47:0] blocking;
    reg        hashing;
    reg        grinding;

    localparam [1:0] IDLE = 2'd0, RUN = 2'd1, SETTLE = 2'd2, END = 2'd3;

    // What the kernel asks for. It is known long before the job is accepted.
    always @(posedge clk) begin
        transforms <= kernel == 8'd1 || kernel == 8'd2;
        to_hasher  <= kernel == 8'd2 || kernel == 8'd3 || kernel == 8'd4;
        to_link    <= kernel == 8'd1 || kernel == 8'd5 || (kernel == 8'd2 && return_rows);
        digests    <= to_hasher && return_digests;
        leaves     <= kernel == 8'd4;
        reading    <= kernel == 8'd5;
        searches   <= kernel == 8'd7;
    end

    assign registers  = kernel == 8'd0 && status_code == 0;
    assign rate_set   = done && kernel == 8'd6 && status_code == 0;
    assign hold       = state != IDLE || fault || accept;
    assign computing  = state == RUN || state == SETTLE;

    // Every lane begins a multiplication at once. The hasher counts from the start of its last job.
    assign lde_multiplies      = {15'd0, butterflies, 1'd0};
    assign job_hash_multiplies = hashing ? hash_multiplies : grinding ? {16'd0, grind_multiplies} : 64'd0;

    always @(posedge clk) begin
        start <= 1'b0;
        drop  <= 1'b0;
        case (state)
        IDLE: if (accept) begin
            state      <= RUN;
            start      <= (kernel == 8'd1 || kernel == 8'd2 || kernel == 8'd3 || kernel == 8'd4 || kernel == 8'd5
                || kernel == 8'd7);
            hashing    <= to_hasher;
            grinding   <= searches;
            input_done <= 1'b0;
            // The beats of a read are rows of one group.
            row_mask   <= kernel == 8'd5 ? 20'hfffff : ~(20'hfffff << log_rows);
            rows_left  <= kernel == 8'd5 ? {15'd0, beats}
                        : (kernel == 8'd1 || kernel == 8'd2 || kernel == 8'd3 || kernel == 8'd4 || kernel == 8'd5
                            || kernel == 8'd7) && !searches ? (({21'd0, group_last} + 32'd1) << log_rows) << log_blowup
                            : 32'd0;
        end
        RUN: begin
            quiet <= 4'd8;
            if (input_done && rows_left == 0) state <= SETTLE;
        end
        SETTLE: begin
            quiet <= busy ? 4'd8 : quiet - 1'b1;
            if (quiet == 0 && !busy) begin
                state  <= END;
                finish <= 1'b1;
            end
        end
        default: if (done) begin
            state  <= IDLE;
            finish <= 1'b0;
        end
        endcase
        if (data_end) input_done <= 1'b1;
        if (row_gone && state == RUN) rows_left <= rows_left - 1'b1;

        // A fault that comes when all is done changes nothing.
        if (fault && state != END) begin
            state  <= END;
            finish <= 1'b1;
            drop   <= 1'b1;
            start  <= 1'b0;
            errors <= errors + 1'b1;
        end
        if (accept) jobs <= jobs + 1'b1;

        if (command_begin) begin
            status_code     <= 4'd0;
            status_sequence <= 16'd0;
            status_offset   <= 32'd0;
            status_found    <= 32'd0;
        end
        if (fault && state != END) begin
            status_code     <= fault_code;
            status_sequence <= fault_sequence;
            status_offset   <= fault_offset;
            status_found    <= fault_found;
        end

        // Counters of the job.
        if (counting && !frozen) begin
            cycles      <= cycles + 1'b1;
            butterflies <= butterflies + {47'd0, multiplying};
            starving    <= starving + {47'd0, waiting};
            blocking    <= blocking + {47'd0, blocked};
        end
        if (running) counting <= 1'b1;
        if (frozen) counting <= 1'b0;
        if (done) active <= 1'b0;
        if (command_begin) begin
            active      <= 1'b1;
            hashing     <= 1'b0;
            grinding    <= 1'b0;
            counting    <= 1'b0;
            cycles      <= 0;
            butterflies <= 0;
            starving    <= 0;
            blocking    <= 0;
        end

        case (index)
        4'd0:  status_word <= {28'd0, status_code};
        4'd1:  status_word <= {16'd0, status_sequence};
        4'd2:  status_word <= status_offset;
        4'd3:  status_word <= status_found;
        4'd4:  status_word <= cycles[31:0];
        4'd5:  status_word <= {16'd0, cycles[47:32]};
        4'd6:  status_word <= lde_multiplies[31:0];
        4'd7:  status_word <= lde_multiplies[63:32];
        4'd8:  status_word <= job_hash_multiplies[31:0];
        4'd9:  status_word <= job_hash_multiplies[63:32];
        4'd10: status_word <= starving[31:0];
        4'd11: status_word <= {16'd0, starving[47:32]};
        4'd12: status_word <= blocking[31:0];
        4'd13: status_word <= {16'd0, blocking[47:32]};
        4'd14: status_word <= hashing ? permutations : grinding ? grind_permutations : 32'd0;
        default: status_word <= taken;
        endcase

        if (rst) begin
            state    <= IDLE;
            finish   <= 1'b0;
            start    <= 1'b0;
            drop     <= 1'b0;
            counting <= 1'b0;
            active   <= 1'b0;
            hashing  <= 1'b0;
            grinding <= 1'b0;
            jobs     <= 32'd0;
            errors   <= 32'd0;
        end
    end
endmodule

`default_nettype wire
