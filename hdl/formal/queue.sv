// check_queue: poseidon2_queue keeps every element in order and has it at its head a clock later, as long as its users push no more than DEPTH
// elements and pop only what is there (assumed here; who uses it must see to it).

module check_queue #(
    parameter WIDTH = 8,
    parameter DEPTH = 4
) (
    input wire                     clk,
    input wire                     rst,
    input wire                     push,
    input wire [WIDTH-1:0]         s_data,
    input wire                     m_valid,
    input wire                     pop,
    input wire [WIDTH-1:0]         m_data,
    // inside
    input wire [$clog2(DEPTH)-1:0] first,
    input wire [$clog2(DEPTH)-1:0] last,
    input wire [$clog2(DEPTH)-1:0] stored,
    input wire                     waiting,
    input wire [WIDTH*DEPTH-1:0]   memory
);

    localparam ADDRESS = $clog2(DEPTH);
    localparam BITS    = ADDRESS + 2;

    wire               live;
    wire               tracked;
    wire    [BITS-1:0] held;
    wire    [BITS-1:0] place;
    wire   [WIDTH-1:0] word;
    wire    [BITS-1:0] deeper = place - 1;
    wire [ADDRESS-1:0] at     = first + deeper[ADDRESS-1:0];

    always @(*) if (live) begin
        if (pop) assume (m_valid);
        if (push) assume (held < DEPTH || pop);
    end

    rules #(.WIDTH(WIDTH)) sink (
        .clk(clk), .rst(rst), .valid(m_valid), .ready(pop), .data(m_data));
    scoreboard #(.WIDTH(WIDTH), .CAPACITY(DEPTH), .BITS(BITS)) board (
        .clk(clk), .rst(rst), .s_count({{BITS-1{1'b0}}, push}), .s_data(s_data), .m_valid(m_valid), .m_taken(pop),
        .m_data(m_data), .live(live), .held(held), .place(place), .tracked(tracked), .word(word));
    progress #(.LIMIT(0)) offers (
        .clk(clk), .rst(rst), .live(live), .waiting(held != 0), .m_valid(m_valid));

    always @(*) if (live) begin
        assert (stored == last - first);
        assert (waiting == (stored != 0));
        assert (held == {2'd0, stored} + {{BITS-1{1'b0}}, m_valid});
        cover (held == DEPTH);
        cover (tracked && place == 0 && push && pop && first == 1);
    end

    // The magic word, place by place: fixed slices are easier for a solver than one that moves.
    genvar j;
    generate
        for (j = 0; j < DEPTH; j = j + 1) begin : slot
            always @(*) if (live && tracked && place != 0 && at == j) assert (memory[WIDTH*j +: WIDTH] == word);
        end
    endgenerate
endmodule
