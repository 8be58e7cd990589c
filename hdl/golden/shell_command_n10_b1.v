// shell_command_n10_b1: decodes commands and checks them against the limits
// log_rows 2 to 10 of a transform, to 11 otherwise; blow-up to 2^1; up to 2048 columns.
// One word a clock; the verdict comes a clock after `finish`.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module shell_command_n10_b1 (
    input wire         clk,
    input wire         begin_command,
    input wire         word,
    input wire   [4:0] index,
    input wire  [31:0] data,
    input wire         finish,         // the CRC of the payload was right
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
    output reg   [7:0] group_last,     // groups of 8 columns - 1
    output reg   [3:0] last_columns,   // columns of the last group
    output reg   [4:0] levels,
    output reg  [31:0] total,          // data words
    output reg  [30:0] step,           // s^16
    output wire        seed,           // data[30:0] is s^k / 2^n
    output wire  [3:0] seed_index      // k
);

    wire        transforms;
    wire        compresses;
    wire        tree;
    wire  [4:0] log_rows_limit;
    wire  [4:0] levels_limit;
    wire  [8:0] groups;
    wire        canonical;
    reg  [31:0] expected;
    reg         bad;
    reg         wrong;
    reg   [3:0] wrong_code;

    assign transforms     = kernel == 8'd1 || kernel == 8'd2;
    assign compresses     = kernel == 8'd2 || kernel == 8'd3 || kernel == 8'd4;
    assign tree           = kernel == 8'd4;
    assign log_rows_limit = transforms ? 5'd10 : 5'd11;
    assign levels_limit   = compresses ? log_rows + {3'd0, log_blowup} : 5'd0;
    assign groups         = {1'b0, group_last} + 1'b1;
    assign canonical      = !data[31] && (data[30:27] != 4'd15 || data[26:0] == 0);
    assign seed           = word && index[4:3] != 0;
    assign seed_index     = {!index[3], index[2:0]};

    // What is wrong with the word that is there now.
    always @(*) begin
        wrong      = 1'b0;
        wrong_code = 4'd6;
        case (index)
        5'd0: wrong = data[4:0] < 5'd2 || data[4:0] > log_rows_limit
                   || data[9:8] > (transforms ? 2'd1 : 2'd0);
        5'd1: wrong = tree ? data != 32'd8 : data == 0 || data > 32'd2048;
        5'd2: wrong = data > {27'd0, levels_limit};
        5'd3: begin
            wrong      = data != expected;
            wrong_code = 4'd3;
        end
        5'd5, 5'd6, 5'd7: wrong = 1'b0;
        default: begin
            wrong      = !canonical;
            wrong_code = 4'd4;
        end
        endcase
        if (kernel == 8'd0) wrong = 1'b0;
    end

    always @(posedge clk) begin
        accept   <= finish && !bad;
        refuse   <= finish && bad;
        expected <= {23'd0, groups} << (log_rows + 5'd3);
        if (word) begin
            case (index)
            5'd0: begin
                log_rows       <= data[4:0];
                log_blowup     <= data[9:8];
                return_rows    <= data[16];
                return_digests <= data[17];
            end
            5'd1: begin
                group_last   <= data[10:3] - {7'd0, data[2:0] == 0};
                last_columns <= data[2:0] == 0 ? 4'd8 : {1'b0, data[2:0]};
            end
            5'd2: levels <= data[4:0];
            5'd3: total  <= kernel == 8'd0 ? 32'd0 : data;
            5'd4: step   <= data[30:0];
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
    end
endmodule

`default_nettype wire
