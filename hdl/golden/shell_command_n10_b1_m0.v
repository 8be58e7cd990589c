// shell_command_n10_b1_m0: decodes commands and checks them against the limits
// Latency:    2 clocks from a command's end to `accept` or `refuse`
// Throughput: one word a clock
// log_rows 2 to 10 of a transform, to 11 otherwise; blow-up to 2^1; up to 16384 columns.
// Words are taken into a register first: nothing here is on the way of the link's words.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module shell_command_n10_b1_m0 (
    input wire         clk,
    input wire         rst,            // synchronous, active high
    input wire         begin_command,
    input wire         s_word,
    input wire   [4:0] s_index,
    input wire  [31:0] s_data,
    input wire         s_finish,       // the CRC of the payload was right
    input wire   [7:0] kernel,
    output reg         accept,
    output reg         refuse,
    output reg   [3:0] refuse_code,
    output reg   [4:0] refuse_offset,
    output reg  [31:0] refuse_found,
    output reg   [4:0] log_rows,
    output reg   [1:0] log_blowup,
    output reg         return_rows,
    output reg         return_digests,
    output reg  [10:0] group_last,     // groups of 8 columns - 1
    output reg   [3:0] last_columns,   // columns of the last group
    output reg   [4:0] levels,         // of a search the bits
    output reg   [4:0] first_level,    // the lowest whose digests are sent
    output reg         keep_rows,
    output reg         keep_digests,
    output reg  [19:0] rows_base,      // beat of row 0 of group 0
    output reg  [19:0] digests_base,   // beat of digest 0 of level 0
    output reg  [16:0] beats,          // of a read
    output reg  [15:0] divisor,        // of a rate
    output reg  [31:0] total,          // data words
    output reg  [30:0] step,           // s^16; of a search the first candidate
    output reg  [30:0] candidates,     // of a search
    output wire        seed,           // seed_data is s^k / 2^n, or word k of the state
    output wire  [3:0] seed_index,     // k
    output wire [30:0] seed_data
);

    wire  [4:0] log_rows_least;
    wire  [4:0] log_rows_limit;
    wire        canonical;
    reg         word;
    reg   [4:0] index;
    reg  [31:0] data;
    reg         finish;
    reg         works;
    reg         transforms;
    reg         compresses;
    reg         tree;
    reg         read;
    reg         rate;
    reg         searches;
    reg   [4:0] levels_limit;
    reg  [11:0] groups;
    reg  [35:0] expected;
    reg         bad;
    reg         wrong;
    reg   [3:0] wrong_code;

    assign log_rows_least = read || searches ? 5'd0 : 5'd2;
    assign log_rows_limit = read || searches ? 5'd0 : transforms ? 5'd10 : 5'd11;
    assign canonical      = !data[31] && (data[30:27] != 4'd15 || data[26:0] == 0);
    assign seed           = word && index[4:3] != 0;
    assign seed_data      = data[30:0];
    assign seed_index     = {!index[3], index[2:0]};

    // What is wrong with the word that is there now.
    always @(*) begin
        wrong      = 1'b0;
        wrong_code = 4'd6;
        case (index)
        5'd0: wrong = data[4:0] < log_rows_least || data[4:0] > log_rows_limit
                   || data[9:8] > (transforms ? 2'd1 : 2'd0)
                   || (data[18] && !(1'b0)) || (data[19] && !(1'b0));
        5'd1: wrong = tree ? data != 32'd8 : data == 0 || data > (read ? 32'd65536 : searches ? 32'd8 : 32'd16384);
        5'd2: wrong = data > {27'd0, levels_limit} || first_level > data[4:0];
        5'd3: begin
            wrong      = {4'd0, data} != expected;
            wrong_code = 4'd3;
        end
        5'd5: wrong = searches && (data == 0 || data > 32'd2013265921);
        5'd6, 5'd7: wrong = 1'b0;
        default: begin
            wrong      = !canonical;
            wrong_code = 4'd4;
        end
        endcase
        if (!works) wrong = 1'b0;
        if (rate && index == 5'd7) wrong = data < 32'd4 || data > 32'd65535;
    end

    always @(posedge clk) begin
        // The kernel is there before the first word is.
        works      <= kernel == 8'd1 || kernel == 8'd2 || kernel == 8'd3 || kernel == 8'd4 || kernel == 8'd5
            || kernel == 8'd7;
        transforms <= kernel == 8'd1 || kernel == 8'd2;
        compresses <= kernel == 8'd2 || kernel == 8'd3 || kernel == 8'd4;
        tree       <= kernel == 8'd4;
        read       <= kernel == 8'd5;
        rate       <= kernel == 8'd6;
        searches   <= kernel == 8'd7;

        word     <= s_word;
        index    <= s_index;
        data     <= s_data;
        finish   <= s_finish;
        accept   <= finish && !bad;
        refuse   <= finish && bad;
        // Of words before the last one: each is there when the word that it is for is.
        levels_limit <= compresses ? log_rows + {3'd0, log_blowup} : searches ? 5'd30 : 5'd0;
        expected     <= read ? {19'd0, beats} : searches ? 36'd0 : {24'd0, groups} << (log_rows + 5'd3);
        if (word) begin
            case (index)
            5'd0: begin
                log_rows       <= data[4:0];
                log_blowup     <= data[9:8];
                return_rows    <= data[16];
                return_digests <= data[17];
                keep_rows      <= data[18];
                keep_digests   <= data[19];
                first_level    <= data[28:24];
            end
            5'd1: begin
                beats        <= data[16:0];
                group_last   <= data[13:3] - {10'd0, data[2:0] == 0};
                groups       <= data[14:3] + {11'd0, data[2:0] != 0};
                last_columns <= data[2:0] == 0 ? 4'd8 : {1'b0, data[2:0]};
            end
            5'd2: levels <= data[4:0];
            5'd3: total  <= works ? data : 32'd0;
            5'd4: step   <= data[30:0];
            5'd5: begin
                rows_base  <= data[19:0];
                candidates <= data[30:0];
            end
            5'd6: digests_base <= data[19:0];
            5'd7: divisor      <= data[15:0];
            default: ;
            endcase
            if (wrong && !bad) begin
                bad           <= 1'b1;
                refuse_code   <= wrong_code;
                refuse_offset <= index;
                refuse_found  <= data;
            end
        end
        if (begin_command) bad <= 1'b0;
        if (rst) begin
            // A verdict of before the reset would begin a job that nobody sends.
            word   <= 1'b0;
            finish <= 1'b0;
            accept <= 1'b0;
            refuse <= 1'b0;
        end
    end
endmodule

`default_nettype wire
