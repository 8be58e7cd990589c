// shell_transmit_c10: puts chunks, credits, the register map and the status into frames
// Latency:    2 clocks from a decision to the first word of its frame
// Throughput: one word a clock within a frame
// A credit every 2^10 words taken, and when nothing was sent for 2^16 clocks. Chunks frames of 64 while a job runs; on
// `finish` what is left, then the map if asked, then the status, then `done`.
// On `discard` the frame under way is finished and waiting chunks are dropped; `finish` must come with it or later.
// Printed by galena-hdl: change the generator, not this file.

`default_nettype none

module shell_transmit_c10 (
    input wire         clk,
    input wire         rst,         // synchronous, active high
    input wire   [7:0] kernel,
    input wire  [15:0] job_number,
    input wire         first,       // a job begins: frame 0 is next
    input wire         active,      // there is a job
    input wire         data_open,   // its data are not all in
    input wire         take,        // a word is taken
    input wire  [31:0] taken,       // words of the job taken so far
    input wire         s_valid,     // words of chunks
    output wire        s_ready,
    input wire  [31:0] s_data,
    input wire         s_last,      // last of a chunk
    input wire         discard,
    input wire         finish,      // the job is over; stays until done
    input wire         registers,   // with finish: the map comes first
    output reg   [5:0] index,       // word of the map or the status
    output wire        map_take,    // it is of the map, and read now
    input wire  [31:0] map_word,    // a clock later
    input wire  [31:0] status_word, // a clock later
    output reg         frozen,      // the status is being sent: it must not change
    output reg         done,        // the status has left
    output reg         m_valid,     // to the link
    input wire         m_ready,
    output reg  [31:0] m_data,
    output reg         m_last       // last word of a credit or a status: what the host waits for
);

    wire        begin_credit;
    wire        credited;
    wire [31:0] sum;
    wire        counted;
    wire  [6:0] frame_chunks;
    wire        begin_chunks;
    wire        chunk_valid;
    wire        chunk_ready;
    wire [31:0] chunk_data;
    wire        store_ready;
    wire        go;
    wire        send;
    reg   [9:0] uncredited;
    reg         credit_due;
    reg  [16:0] silent;
    reg   [1:0] phase;
    reg   [1:0] word;
    reg   [7:0] frame_type;
    reg  [15:0] frame_number;
    reg  [10:0] length;
    reg  [10:0] left;
    reg  [31:0] crc;
    reg         summed;
    reg         credit_wanted;
    reg         chunks_full;
    reg         fetched;
    reg         map_sent;
    reg         dropping;
    reg         empty_store;
    reg         ending;
    reg   [7:0] chunks;
    reg         from_store;
    reg         from_credit;
    reg         from_map;
    reg  [31:0] next;

    stream_fifo_block #(.WIDTH(32), .DEPTH(1024)) store (
        .clk(clk),
        .rst(rst || empty_store),
        .s_valid(s_valid),
        .s_ready(store_ready),
        .s_data(s_data),
        .m_valid(chunk_valid),
        .m_ready(chunk_ready),
        .m_data(chunk_data)
    );

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

    localparam [1:0] IDLE = 2'd0, HEAD = 2'd1, BODY = 2'd2, TAIL = 2'd3;

    assign s_ready      = store_ready;
    assign counted      = s_valid && s_ready && s_last;
    assign map_take     = phase == BODY && from_map && !fetched;
    assign go           = m_ready || !m_valid;
    assign frame_chunks = chunks_full ? 7'd64 : chunks[6:0];
    assign begin_credit = phase == IDLE && !dropping && !discard && active && !finish && credit_wanted;
    assign credited     = phase == BODY && from_credit && go && send;
    assign begin_chunks = phase == IDLE && !dropping && !discard && !ending && !begin_credit
        && (chunks_full || (finish && chunks != 0));
    assign chunk_ready  = phase == BODY && from_store && go;
    assign send         = phase == HEAD || phase == TAIL || (phase == BODY && (from_store ? chunk_valid : fetched));

    // The CRC register: the word in the output register is in it a clock late.
    assign sum = summed ? crc : crc_step(crc ^ m_data);

    // The word that leaves next.
    always @(*)
        case (phase)
        HEAD: case (word)
            2'd0: next = 32'h4e4c4702;
            2'd1: next = {frame_number, frame_type, kernel};
            2'd2: next = {job_number, 5'd0, length};
            default: next = ~sum;
        endcase
        BODY: next = from_store ? chunk_data : from_credit ? taken : from_map ? map_word : status_word;
        default: next = ~sum;
        endcase

    always @(posedge clk) begin
        done        <= 1'b0;
        empty_store <= 1'b0;
        // Known long before the payload: the header goes first.
        from_store  <= frame_type == 8'd2;
        from_credit <= frame_type == 8'd5;
        from_map    <= frame_type == 8'd4;
        // Both are a clock late, which is before the next frame.
        credit_wanted <= (credit_due && data_open) || silent[16];
        chunks_full   <= chunks >= 8'd64;
        crc    <= sum;
        summed <= 1'b1;
        if (go) begin
            m_valid <= send;
            m_data  <= next;
            summed  <= !send;
            m_last  <= phase == TAIL && (from_credit || frozen);
        end
        case (phase)
        IDLE: begin
            word   <= 2'd0;
            crc    <= 32'hffffffff;
            summed <= 1'b1;
            if (begin_credit) begin
                frame_type <= 8'd5;
                length     <= 11'd1;
                phase      <= HEAD;
            end else if (begin_chunks) begin
                frame_type <= 8'd2;
                length     <= {1'b0, frame_chunks, 3'd0} + {4'd0, frame_chunks};
                phase      <= HEAD;
            end else if (dropping) begin
                // Two clocks: the store is empty before anything is counted again.
                empty_store <= 1'b1;
                dropping    <= !empty_store;
            end else if (finish && !ending && !done && !discard) begin
                frame_type <= registers && !map_sent ? 8'd4 : 8'd3;
                length     <= registers && !map_sent ? 11'd48 : 11'd16;
                frozen     <= !(registers && !map_sent);
                map_sent   <= 1'b1;
                phase      <= HEAD;
            end
        end
        HEAD: if (go) begin
            word    <= word + 1'b1;
            left    <= length;
            index   <= 6'd0;
            fetched <= 1'b0;
            if (word == 2'd3) begin
                crc    <= 32'hffffffff;
                summed <= 1'b1;
                phase  <= BODY;
            end
        end
        BODY: begin
            // A word of the map or the status is there a clock after its index.
            fetched <= 1'b1;
            if (go && send) begin
                fetched <= 1'b0;
                index   <= index + 1'b1;
                left    <= left - 1'b1;
                if (left == 11'd1) phase <= TAIL;
            end
        end
        default: if (go) begin
            frame_number <= frame_number + 1'b1;
            ending   <= frozen;
            phase    <= IDLE;
        end
        endcase
        chunks <= chunks + {7'd0, counted} - (begin_chunks ? {1'b0, frame_chunks} : 8'd0);
        // The status is over when its last word is taken.
        if (ending && go) begin
            ending   <= 1'b0;
            frozen   <= 1'b0;
            map_sent <= 1'b0;
            done     <= 1'b1;
        end

        // A word that is taken in the clock in which the credit is made is not in it.
        if (take) uncredited <= uncredited + 1'b1;
        if (take && &uncredited) credit_due <= 1'b1;
        if (credited) begin
            uncredited <= {9'd0, take};
            credit_due <= 1'b0;
        end
        if (first) begin
            uncredited <= 10'd4 + {9'd0, take};
            credit_due <= 1'b0;
        end
        if (!silent[16]) silent <= silent + 1'b1;
        if (!active || m_valid) silent <= 0;

        if (discard) dropping <= 1'b1;
        if (empty_store) begin
            chunks      <= 8'd0;
            chunks_full <= 1'b0;
        end
        if (first) frame_number <= 16'd0;
        if (rst) begin
            silent   <= 0;
            m_valid  <= 1'b0;
            done     <= 1'b0;
            phase    <= IDLE;
            frame_number <= 16'd0;
            chunks   <= 8'd0;
            chunks_full   <= 1'b0;
            credit_wanted <= 1'b0;
            dropping <= 1'b0;
            ending   <= 1'b0;
            frozen   <= 1'b0;
            map_sent <= 1'b0;
        end
    end
endmodule

`default_nettype wire
