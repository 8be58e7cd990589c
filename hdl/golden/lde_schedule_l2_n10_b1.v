// lde_schedule_l2_n10_b1: decides which pass runs next and walks through its elements
// Latency:    1 clock from the count of an element to its addresses
// Throughput: one element of every butterfly a clock, one clock between passes
// The outputs below `read` are valid together.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module lde_schedule_l2_n10_b1 (
    input wire         clk,
    input wire         rst,            // synchronous, active high
    input wire         start,          // a job begins
    input wire   [9:0] half_mask,      // 2^(log_rows - 1) - 1
    input wire   [9:0] coset_last,     // 2^log_blowup - 1
    input wire         small_job,      // a pass must wait for the one before it
    input wire         powers_done,
    output wire        space,          // a buffer may be filled
    input wire         loaded,         // it is full after this clock
    output wire  [1:0] ready,          // buffers 1 and 2 hold finished rows
    input wire   [1:0] release_buffer, // they have been read out
    output reg   [2:0] read,           // which buffer
    output reg   [2:0] write,          // which buffer takes the result
    output reg   [1:0] write_bank,
    output reg  [10:0] address0,
    output reg  [10:0] address1,
    output reg         swap,           // the bank of operand a of the first butterfly
    output reg         inverse,
    output reg         scale,
    output reg         minus_one,      // the twiddle is -1
    output reg   [9:0] twiddle_index,
    output reg   [9:0] scale_index,
    output wire        multiplying     // every lane begins a multiplication in this clock
);

    wire [9:0] next_coset;
    wire       running;
    wire       element_last;
    wire       column_last;
    wire       pass_last;
    wire       finish;
    wire [9:0] i;
    wire [8:0] j;
    wire       odd;
    wire [9:0] below;
    reg        values;
    reg  [1:0] phase;
    reg  [4:0] wait_count;
    reg        inverted;
    reg        coefficients;
    reg  [9:0] inverse_mask;
    reg  [9:0] entering;
    reg  [1:0] busy;
    reg  [1:0] ready_buffer;
    reg        front;
    reg        rear;
    reg  [9:0] rear_coset;
    reg  [9:0] rear_mask;
    reg  [9:0] rear_first;
    reg        enter;
    reg        invert;
    reg        scaling;
    reg  [2:0] source;
    reg  [2:0] target;
    reg  [9:0] mask;
    reg  [9:0] first;
    reg  [9:0] element;
    reg  [9:0] block;
    reg  [1:0] column;

    localparam [1:0] PICK = 2'd0, RUN = 2'd1, SETTLE = 2'd2;

    assign running      = phase == RUN;
    assign element_last = element == (scaling ? {half_mask[8:0], 1'b1} : half_mask);
    assign column_last  = column == 2'd3;
    assign pass_last    = element_last && column_last;
    assign finish       = (running && pass_last && !small_job) || (phase == SETTLE && wait_count == 0);
    assign multiplying  = running;
    assign space        = !values && !coefficients;
    assign ready        = ready_buffer;
    assign next_coset   = rear_coset == coset_last ? 10'd0 : rear_coset + 1'b1;

    always @(posedge clk) begin
        case (phase)
        PICK: begin
            enter   <= 1'b0;
            invert  <= 1'b0;
            scaling <= 1'b0;
            source  <= 3'd1;
            target  <= 3'd1;
            first   <= 0;
            block   <= 0;
            element <= 0;
            column  <= 0;
            if (coefficients && !busy[front] && !ready_buffer[front]) begin
                enter  <= 1'b1;
                target <= front ? 3'd4 : 3'd2;
                mask   <= half_mask;
                first  <= entering;
                block  <= entering;
                phase  <= RUN;
            end else if (busy[rear]) begin
                source <= rear ? 3'd4 : 3'd2;
                target <= rear ? 3'd4 : 3'd2;
                mask   <= rear_mask;
                first  <= rear_first;
                block  <= rear_first;
                phase  <= RUN;
            end else if (values && powers_done) begin
                invert  <= !inverted;
                scaling <= inverted;
                mask    <= inverse_mask;
                phase   <= RUN;
            end
        end
        RUN: begin
            element <= element_last ? 10'd0 : element + 1'b1;
            block   <= element_last ? first : (element & mask) == mask ? block + 1'b1 : block;
            if (element_last) column <= column + 1'b1;
            wait_count <= 5'd15;
            if (pass_last) phase <= small_job ? SETTLE : PICK;
        end
        default: begin
            wait_count <= wait_count - 1'b1;
            if (wait_count == 0) phase <= PICK;
        end
        endcase

        ready_buffer <= ready_buffer & ~release_buffer;
        if (loaded) values <= 1'b1;
        if (finish) begin
            if (enter) begin
                front    <= !front;
                entering <= entering == coset_last ? 10'd0 : entering + 1'b1;
                if (entering == coset_last) coefficients <= 1'b0;
                // With two rows the first stage is the last.
                if (half_mask == 0) begin
                    ready_buffer[front] <= 1'b1;
                    rear                <= !rear;
                    rear_coset          <= next_coset;
                end else begin
                    busy[front] <= 1'b1;
                end
            end else if (invert) begin
                inverse_mask <= {inverse_mask[8:0], 1'b1};
                if (mask == half_mask) inverted <= 1'b1;
            end else if (scaling) begin
                inverted     <= 1'b0;
                values       <= 1'b0;
                inverse_mask <= 0;
                coefficients <= 1'b1;
            end else if (mask != 0) begin
                rear_mask  <= rear_mask >> 1;
                rear_first <= rear_first << 1;
            end else begin
                busy[rear]         <= 1'b0;
                ready_buffer[rear] <= 1'b1;
                rear               <= !rear;
                rear_coset         <= next_coset;
                rear_mask          <= half_mask >> 1;
                rear_first         <= next_coset << 1;
            end
        end
        if (rst || start) begin
            phase        <= PICK;
            values       <= 1'b0;
            inverted     <= 1'b0;
            coefficients <= 1'b0;
            inverse_mask <= 0;
            entering     <= 0;
            busy         <= 2'b00;
            ready_buffer <= 2'b00;
            front        <= 1'b0;
            rear         <= 1'b0;
            rear_coset   <= 0;
            rear_mask    <= half_mask >> 1;
            rear_first   <= 0;
        end
    end

    // Element t of a stage with half-size mask + 1: t with a zero put in at the half-size's bit, and its partner with a
    // one (without
    // its lowest bit, which no address needs).
    assign i   = scaling ? element : (element & mask) | ((element & ~mask) << 1);
    assign j   = i[9:1] | (mask[8:0] ^ mask[9:1]);
    assign odd = ^i;

    // The inverse takes the twiddle of a block with the bits below its leading one complemented.
    wire [9:0] spread0 = block | (block >> 1);
    wire [9:0] spread1 = spread0 | (spread0 >> 2);
    wire [9:0] spread2 = spread1 | (spread1 >> 4);
    wire [9:0] spread3 = spread2 | (spread2 >> 8);
    assign below = invert ? spread3 >> 1 : 10'd0;

    always @(posedge clk) begin
        read          <= running ? source : 3'd0;
        write         <= running ? target : 3'd0;
        write_bank    <= !scaling ? 2'b11 : odd ? 2'b10 : 2'b01;
        address0      <= {column, odd ? j : i[9:1]};
        address1      <= {column, odd ? i[9:1] : j};
        minus_one     <= invert && block == 0;
        swap          <= odd;
        inverse       <= invert;
        scale         <= scaling;
        twiddle_index <= block ^ below;
        scale_index   <= element;
    end
endmodule

`default_nettype wire
