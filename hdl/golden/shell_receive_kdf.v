// shell_receive_kdf: parses frames: commands between jobs, data within one
// Latency:    1 clock from a data word to m_data, 2 from a frame's last word to the verdict
// Throughput: one word a clock
// Payload words of a command go to the decoder as they come; `command_end` says that their CRC is right.
// Data words are handed on before their CRC is known: a fault drops the job.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module shell_receive_kdf (
    input wire         clk,
    input wire         rst,            // synchronous, active high
    input wire         s_valid,        // from the link
    output wire        s_ready,
    input wire  [31:0] s_data,
    output wire        searching,      // between frames, at no known place
    output wire        header_seen,    // a header with a right CRC
    output wire        take,           // a word is taken
    output reg  [31:0] taken,          // words since the first of the last command
    input wire         hold,           // a job is under way or its status is: no command may begin
    input wire         computing,      // all data are in and the job is under way: a cancel may end it
    output reg         restart,        // a reset frame: no word is taken in this clock and the next
    output reg         command_begin,  // a command's header was read a clock ago
    output wire        command_word,   // a word of its payload
    output wire  [4:0] command_index,
    output wire [31:0] command_data,
    output wire        command_end,    // its CRC is right
    output reg   [7:0] kernel,         // of the last command
    output reg  [15:0] job_number,     // of the last command
    input wire         accept,         // the decoder takes the command
    input wire         refuse,         // or does not
    input wire   [3:0] refuse_code,
    input wire   [4:0] refuse_offset,
    input wire  [31:0] refuse_found,
    input wire  [31:0] total,          // data words of the command
    output reg         m_valid,        // data words
    input wire         m_ready,
    output reg  [30:0] m_data,
    output reg         data_open,      // data are expected
    output reg         data_end,       // all data are in and right
    output wire        waiting,        // a job waits for a word now
    output wire        moved,          // a word of a job is taken
    input wire         starved,        // it has waited too long
    input wire         stuck,          // the job moves no more
    output reg         fault,          // the job is over
    output reg   [3:0] fault_code,
    output reg  [15:0] fault_sequence,
    output reg  [31:0] fault_offset,
    output reg  [31:0] fault_found
);

    wire        header;
    wire [15:0] frame_length;
    wire        last_word;
    wire        crc_right;
    wire        canonical;
    reg   [2:0] state;
    reg  [31:0] word1;
    reg  [31:0] word2;
    reg  [31:0] word3;
    reg  [31:0] crc1;
    reg  [31:0] crc2;
    reg  [31:0] kind;
    reg  [15:0] length;
    reg  [15:0] frame_job;
    reg  [15:0] frame_number;
    reg  [10:0] index;
    reg  [31:0] crc;
    reg  [31:0] remaining;
    reg         is_command;
    reg         is_cancel;
    reg         is_reset;
    reg         cancels;
    reg         known;
    reg         too_long;
    reg         other_frame;
    reg         other_job;
    reg         other_length;
    reg         command_sized;
    reg         closed;

    // One word of CRC-32: x is the state xor the word.
    function [31:0] crc_step(input [31:0] x);
        crc_step = {
            ^(x & 32'h826880ef),
            ^(x & 32'hc35cc098),
            ^(x & 32'he3c6e0a3),
            ^(x & 32'h71e37051),
            ^(x & 32'hba9938c7),
            ^(x & 32'hdf241c8c),
            ^(x & 32'h6f920e46),
            ^(x & 32'hb5a187cc),
            ^(x & 32'hd8b84309),
            ^(x & 32'h6c5c2184),
            ^(x & 32'hb446902d),
            ^(x & 32'hd84bc8f9),
            ^(x & 32'hee4d6493),
            ^(x & 32'h7726b249),
            ^(x & 32'h3b935924),
            ^(x & 32'h1dc9ac92),
            ^(x & 32'h8c8c56a6),
            ^(x & 32'h46462b53),
            ^(x & 32'h232315a9),
            ^(x & 32'h11918ad4),
            ^(x & 32'h08c8c56a),
            ^(x & 32'h046462b5),
            ^(x & 32'h805ab1b5),
            ^(x & 32'hc245d835),
            ^(x & 32'h6122ec1a),
            ^(x & 32'h3091760d),
            ^(x & 32'h9a203be9),
            ^(x & 32'h4d101df4),
            ^(x & 32'h26880efa),
            ^(x & 32'h1344077d),
            ^(x & 32'h09a203be),
            ^(x & 32'h04d101df)
        };
    endfunction

    localparam [2:0] SEARCH = 3'd0, HEADER = 3'd1, CHECK = 3'd2, PAYLOAD = 3'd3, TAIL = 3'd4, VERDICT = 3'd5;
    localparam [31:0] MAGIC = 32'h4e4c4702;
    localparam [31:0] AFTER_MAGIC = 32'hcccf1fb3; // the CRC register after the magic word

    assign s_ready     = !closed && (state == SEARCH || state == HEADER || state == TAIL
                      || (state == PAYLOAD && (!data_open || !m_valid || m_ready)));
    assign take        = s_valid && s_ready;
    assign searching   = state == SEARCH;
    assign header_seen = state == CHECK;
    // word3, word2, word1 and s_data are a header; crc2 is the CRC register after word3 .. word1 if word3 is the magic
    // word.
    assign header      = word3 == MAGIC && s_data == ~crc2;
    assign last_word   = index == length[10:0] - 1'b1;
    assign crc_right   = s_data == ~crc;
    // The data of a read are addresses.
    assign canonical   = kernel == 8'd5 || (!s_data[31] && (s_data[30:27] != 4'd15 || s_data[26:0] == 0));
    // Data come in frames as long as can be.
    assign frame_length = remaining < 32'd1024 ? remaining[15:0] : 16'd1024;
    assign waiting     = s_ready && !s_valid && state != SEARCH;
    assign moved       = take && state != SEARCH;

    // What a header says, found while its last word comes: word2 is its second word, word1 its third. What it is
    // compared with does not
    // change until it is judged.
    always @(posedge clk)
        if (take && (state == SEARCH || state == HEADER)) begin
            kind          <= word2;
            length        <= word1[15:0];
            frame_job     <= word1[31:16];
            known         <= word2[7:0] == 8'd0 || word2[7:0] == 8'd1 || word2[7:0] == 8'd2 || word2[7:0] == 8'd3
                || word2[7:0] == 8'd4 || word2[7:0] == 8'd6 || word2[7:0] == 8'd7;
            is_command    <= word2[31:8] == {16'd0, 8'd0} && word1[15:0] <= 16'd1024 && word1[31:16] != 16'hffff;
            // These two have no payload; its CRC, zero, is filler.
            is_cancel     <= word2[15:8] == 8'd6 && word1[15:0] == 0;
            is_reset      <= word2[15:8] == 8'd7 && word1[15:0] == 0;
            cancels       <= word1[31:16] == job_number || word1[31:16] == 16'hffff;
            too_long      <= word1[15:0] > 16'd1024;
            other_frame   <= word2 != {frame_number, 8'd1, kernel};
            other_job     <= word1[31:16] != job_number;
            other_length  <= word1[15:0] != frame_length;
            command_sized <= word1[15:0] == 16'd24;
        end

    assign command_word  = take && state == PAYLOAD && !data_open;
    assign command_index = index[4:0];
    assign command_data  = s_data;
    assign command_end   = take && state == TAIL && !data_open && crc_right;

    always @(posedge clk) begin
        fault    <= 1'b0;
        data_end <= 1'b0;
        restart  <= 1'b0;
        closed   <= restart;
        command_begin <= 1'b0;
        if (!fault) fault_sequence <= frame_number;
        if (m_ready) m_valid <= 1'b0;
        if (take) taken <= taken + 1'b1;

        if (take && (state == SEARCH || state == HEADER)) begin
            word1 <= s_data;
            word2 <= word1;
            word3 <= word2;
            crc1  <= crc_step(AFTER_MAGIC ^ s_data);
            crc2  <= crc_step(crc1 ^ s_data);
        end

        case (state)
        SEARCH: if (take && header) state <= CHECK;
        HEADER: if (take && (index != 0 || s_data != 0)) begin
            index <= index + 1'b1;
            if (index == 0 ? s_data != MAGIC : index == 11'd3 && !header) begin
                fault        <= 1'b1;
                fault_code   <= 4'd8;
                fault_offset <= 0;
                fault_found  <= s_data;
            end else if (index == 11'd3) state <= CHECK;
        end
        CHECK: begin
            index <= 0;
            crc   <= 32'hffffffff;
            word1 <= 0;
            word2 <= 0;
            word3 <= 0;
            fault_offset <= 0;
            fault_found  <= kind;
            state        <= PAYLOAD;
            if (data_open) begin
                if (is_cancel) begin
                    fault       <= cancels;
                    fault_code  <= 4'd9;
                    fault_found <= 0;
                    state       <= HEADER;
                end else if (too_long) begin
                    fault       <= 1'b1;
                    fault_code  <= 4'd8;
                    fault_found <= {16'd0, length};
                end else if (other_frame) begin
                    fault      <= 1'b1;
                    fault_code <= 4'd2;
                end else if (other_job) begin
                    fault       <= 1'b1;
                    fault_code  <= 4'd2;
                    fault_found <= {frame_job, length};
                end else if (other_length) begin
                    fault       <= 1'b1;
                    fault_code  <= 4'd3;
                    fault_found <= {16'd0, length};
                end
            end else if (!is_command) begin
                state       <= SEARCH;
                // Until the reset has come back, two clocks later, no word is taken.
                restart     <= is_reset && !hold;
                closed      <= is_reset && !hold;
                fault       <= is_cancel && cancels && computing;
                fault_code  <= 4'd9;
                fault_found <= 0;
            end else if (hold) begin
                state <= CHECK;
            end else begin
                command_begin  <= 1'b1;
                kernel         <= kind[7:0];
                job_number     <= frame_job;
                taken          <= 32'd4;
                frame_number   <= 16'd0;
                fault_sequence <= 16'd0;
                if (!known) begin
                    fault       <= 1'b1;
                    fault_code  <= 4'd5;
                    fault_found <= {24'd0, kind[7:0]};
                end else if (!command_sized) begin
                    fault       <= 1'b1;
                    fault_code  <= 4'd3;
                    fault_found <= {16'd0, length};
                end
            end
        end
        PAYLOAD: if (take) begin
            index <= index + 1'b1;
            crc   <= crc_step(crc ^ s_data);
            if (data_open) begin
                m_valid   <= canonical;
                m_data    <= s_data[30:0];
                remaining <= remaining - 1'b1;
                if (!canonical) begin
                    fault        <= 1'b1;
                    fault_code   <= 4'd4;
                    fault_offset <= {21'd0, index};
                    fault_found  <= s_data;
                end
            end
            if (last_word) state <= TAIL;
        end
        TAIL: if (take) begin
            index <= 0;
            if (!crc_right) begin
                fault        <= 1'b1;
                fault_code   <= 4'd1;
                fault_offset <= {21'd0, index};
                fault_found  <= s_data;
            end else if (!data_open) begin
                state <= VERDICT;
            end else begin
                frame_number <= frame_number + 1'b1;
                data_end  <= remaining == 0;
                data_open <= remaining != 0;
                state     <= remaining == 0 ? SEARCH : HEADER;
            end
        end
        default: begin
            remaining <= total;
            if (accept) begin
                frame_number <= 16'd1;
                data_open <= total != 0;
                data_end  <= total == 0;
                state     <= total != 0 ? HEADER : SEARCH;
            end
            if (refuse) begin
                fault        <= 1'b1;
                fault_code   <= refuse_code;
                fault_offset <= {27'd0, refuse_offset};
                fault_found  <= refuse_found;
            end
        end
        endcase

        if (starved || stuck) begin
            fault        <= 1'b1;
            fault_code   <= starved ? 4'd7 : 4'd10;
            fault_offset <= starved ? {21'd0, index} : 32'd0;
            fault_found  <= 0;
        end
        // The clock after a fault: whatever was decided above in the meantime is void, but for a command that waits.
        if (fault) begin
            fault     <= 1'b0;
            state     <= state == CHECK && !data_open ? CHECK : SEARCH;
            data_open <= 1'b0;
            m_valid   <= 1'b0;
            data_end  <= 1'b0;
        end
        if (rst) begin
            fault     <= 1'b0;
            restart   <= 1'b0;
            closed    <= 1'b0;
            command_begin <= 1'b0;
            state     <= SEARCH;
            data_open <= 1'b0;
            m_valid   <= 1'b0;
            word1     <= 0;
            word2     <= 0;
            word3     <= 0;
        end
    end
endmodule

`default_nettype wire
