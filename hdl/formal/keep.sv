// check_keep: memory_keep writes every digest two clocks after it comes, at the address of its level and index; and every row once, in order, at
// ascending addresses. A row is taken unless one waits behind a digest, and is written in the first clock that has no digest.
// Assumed: a job starts when nothing is left of the one before.

module check_keep #(
    parameter LOG = 12
) (
    input wire           clk,
    input wire           rst,
    input wire           start,
    input wire [4:0]     log_leaves,
    input wire [19:0]    row_base,
    input wire [19:0]    digest_base,
    input wire           row_valid,
    input wire           row_ready,
    input wire [247:0]   row_data,
    input wire           digest_valid,
    input wire [247:0]   digest_data,
    input wire [4:0]     digest_level,
    input wire [19:0]    digest_index,
    input wire           busy,
    input wire           write,
    input wire [LOG-1:0] write_address,
    input wire [247:0]   write_data,
    // inside
    input wire           row_here,
    input wire [247:0]   row,
    input wire [LOG-1:0] row_address,
    input wire           digest_here,
    input wire [247:0]   digest,
    input wire [LOG-1:0] level_address,
    input wire [LOG-1:0] index,
    input wire [21:0]    twice_leaves,
    input wire [LOG-1:0] digest_base_low
);

    reg           begun = 0;       // a job has started since the last reset
    reg    [19:0] rows, digests;   // its bases
    reg    [21:0] twice;           // twice its leaves
    reg   [247:0] data1, data2;    // digests of one and of two clocks ago
    reg    [21:0] place1, place2;  // and where they belong, over their base
    reg           came1, came2;
    reg [LOG-1:0] next;            // rows written
    wire          live, tracked;
    wire    [3:0] held, place;
    wire  [247:0] word;
    wire          row_write = write && !came2;

    always @(posedge clk) begin
        if (start) {begun, rows, digests, twice} <= {1'b1, row_base, digest_base, 22'd2 << log_leaves};
        {came2, came1} <= {came1, digest_valid};
        {data2, data1} <= {data1, digest_data};
        {place2, place1} <= {place1, twice - (twice >> digest_level) + {2'd0, digest_index}};
        next <= start ? 0 : next + row_write;
        if (rst) {begun, came1, came2} <= 0;
    end

    // A word stays until it is taken, and a start finds nothing under way.
    rules #(.WIDTH(248), .ASSUME(1)) source (
        .clk(clk), .rst(rst), .valid(row_valid), .ready(row_ready), .data(row_data));
    scoreboard #(.WIDTH(248), .CAPACITY(2), .BITS(4)) board (
        .clk(clk), .rst(rst), .s_count({3'd0, row_valid && row_ready}), .s_data(row_data), .m_valid(row_write), .m_taken(row_write),
        .m_data(write_data), .live(live), .held(held), .place(place), .tracked(tracked), .word(word));

    always @(*) if (live) begin
        if (start) assume (!busy);
        if (start || !begun) assume (!row_valid && !digest_valid);
    end

    always @(*) if (live) begin
        if (begun) assert (twice_leaves == twice && digest_base_low == digests[LOG-1:0]);
        if (!begun) assert (!busy);
        assert (digest_here == came1);
        if (came1) assert (digest == data1 && level_address + index == digests[LOG-1:0] + place1[LOG-1:0]);
        if (came2) assert (write && write_data == data2 && write_address == digests[LOG-1:0] + place2[LOG-1:0]);
        assert (held == {3'd0, row_here} + {3'd0, row_write});
        if (tracked && place == {3'd0, row_write}) assert (row == word);
        if (row_write) assert (write_address == rows[LOG-1:0] + next);
        if (begun) assert (row_address == rows[LOG-1:0] + next + row_write);
        assert (row_ready == !(row_here && came1));
        assert (busy == (held != 0 || came1 || came2));
        cover (row_write && tracked && place == 0 && next == 3 && came1 && row_here);
        cover (came2 && digests + place2 != write_address);
    end
endmodule
