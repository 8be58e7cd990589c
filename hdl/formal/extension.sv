// check_extension: the whole of extension_mac with abstract multipliers and reductions, whose outputs are free in every clock.
//
// For job k, for every k: its five steps meet the multipliers in the five clocks after it is taken, step i with coefficient i of a against X^i b; what
// the multipliers give seven clocks later is added to c, in whole numbers; the sums stand before the reductions when the last is in; and what the
// reductions give four clocks later is the k-th result offered. So no job is lost, doubled, reordered or mixed with another, and with field_mul and
// field_reduce proved by themselves, the result is a b + c.

module check_extension (
    input wire          clk,
    input wire          rst,
    input wire          s_valid,
    input wire          s_ready,
    input wire [154:0]  s_a,
    input wire [154:0]  s_b,
    input wire [154:0]  s_c,
    input wire          m_valid,
    input wire          m_ready,
    input wire [154:0]  m_data,
    // inside
    input wire [154:0]  a,
    input wire [154:0]  b,
    input wire [154:0]  c,
    input wire          busy,
    input wire [2:0]    step,
    input wire [3:0]    owed,
    input wire [6:0]    begins,
    input wire [11:0]   ends,
    input wire [169:0]  sums,
    input wire [154:0]  products,
    input wire [184:0]  operands, // of the reductions
    input wire [154:0]  reduced,
    input wire [2:0]    place,    // of the ring in which c waits
    input wire [929:0]  ring,
    input wire [154:0]  start,
    input wire          room,     // the queue of results
    input wire [3:0]    head,
    input wire [3:0]    tail,
    input wire          pop,
    input wire [2:0]    address,
    input wire [154:0]  kept
);

    localparam [31:0] P = 32'h78000001;

    wire         live;
    wire   [5:0] held, before, number, late;
    reg    [5:0] taken;               // jobs
    wire   [5:0] pushed = taken - under_way;
    reg    [4:0] age = 0;             // clocks since job k was taken, 1 to 17; 0 before and after
    reg  [154:0] job_a, job_b, job_c; // of job k: a moves down as its steps go, b becomes X^i b
    reg  [169:0] sum;                 // of job k
    reg    [2:0] slot;                // where its c waits
    wire   [3:0] turn  = slot + age[3:0] - 1; // where the ring is, once round, while the c of job k waits
    wire         take  = s_valid && s_ready;
    wire  [16:0] ages  = {ends, busy && step == 4, busy && step == 3, busy && step == 2, busy && step == 1, busy && step == 0}; // bit j: a job of age j + 1
    wire  [18:0] stages = {m_valid, tail != head, ages};
    reg    [5:0] under_way, older;
    reg   [16:0] spread_begins;
    wire  [31:0] twice = {job_b[154:124], 1'b0};
    integer      n;

    always @(*) begin
        under_way = 0;
        older     = 0;
        for (n = 0; n < 17; n = n + 1) begin
            under_way = under_way + ages[n];
            if (n >= age) older = older + ages[n];
        end
        // A job of age g has had its first step g - 1 clocks ago.
        spread_begins = 0;
        for (n = 1; n < 17; n = n + 1)
            if (ages[n]) spread_begins = spread_begins | (17'd1 << (n - 1));
    end

    always @(posedge clk) begin
        if (take) taken <= taken + 1;
        if (age != 0) age <= age == 17 ? 0 : age + 1;
        if (take && taken == number) begin
            age <= 1;
            {job_a, job_b, job_c} <= {s_a, s_b, s_c};
        end else begin
            job_a <= job_a >> 31;
            job_b <= {job_b[123:0], twice >= P ? twice[30:0] - P[30:0] : twice[30:0]};
        end
        if (age == 1) slot <= place;
        for (n = 0; n < 5; n = n + 1)
            sum[34*n +: 34] <= (age == 8 ? {3'd0, job_c[31*n +: 31]} : sum[34*n +: 34]) + {3'd0, products[31*n +: 31]};
        if (rst) {taken, age} <= 0;
    end

    rules #(.WIDTH(465), .ASSUME(1)) source (
        .clk(clk), .rst(rst), .valid(s_valid), .ready(s_ready), .data({s_a, s_b, s_c}));
    check_fifo #(.WIDTH(155), .DEPTH(8), .COVER(0)) results (
        .clk(clk), .rst(rst), .s_valid(ends[11]), .s_ready(room), .s_data(reduced), .m_valid(m_valid), .m_ready(m_ready), .m_data(m_data),
        .head(head), .tail(tail), .pop(pop), .read_valid(1'b0), .read(155'd0), .address(address), .kept(kept), .live(live), .held(held),
        .place(before), .number(number));
    progress #(.LIMIT(18)) offers (
        .clk(clk), .rst(rst), .live(live), .waiting(owed != 0), .m_valid(m_valid), .late(late));

    always @(*) if (live) begin
        // Where jobs are: never closer than five clocks, each with its beginning.
        if (busy) assert (step < 5);
        for (n = 0; n < 16; n = n + 1) if (ages[n]) assert (((ages >> (n + 1)) & 15) == 0);
        assert (begins == spread_begins[6:0]);
        // None is lost, and each has its place at the end.
        assert (owed <= 8 && owed == under_way + held);
        assert (number - before + held == pushed); // the queue counts as the jobs are counted
        assert (room);
        assert (s_ready == ((!busy || step == 4) && owed != 8));
        if (late != 0) assert ((stages >> late) != 0);
        // Job k.
        assert (age <= 17);
        if (age == 0) assert (number - pushed >= under_way);
        if (age != 0) assert ((ages >> (age - 5'd1)) % 2 == 1 && pushed + older == number);
        if (age >= 1 && age <= 5) assert (step == age - 1 && a[30:0] == job_a[30:0] && b == job_b && c == job_c);
        if (age >= 1 && age <= 5) assert (a[154:31] == job_a[154:31]);
        assert (place < 6);
        if (age >= 2 && age <= 7) assert (slot < 6 && place == (turn < 6 ? turn : turn - 6));
        if (age == 8) assert (start == job_c);
        if (age >= 9 && age <= 13) assert (sums == sum);
        if (age == 17) assert (ends[11] && number == pushed);
        cover (age == 13 && ages[7] && ages[2]);
        cover (owed == 4 && m_valid && !m_ready && s_valid);
        cover (before == 0 && m_valid && m_ready && under_way == 3);
    end

    genvar j;
    generate
        for (j = 0; j < 6; j = j + 1) begin : waits
            always @(*) if (live && age >= 2 && age <= 7 && slot == j) assert (ring[155*j +: 155] == job_c);
        end
        for (j = 0; j < 5; j = j + 1) begin : word
            // Elements are reduced, and X b stays so.
            always @(*) begin
                if (s_valid) assume (s_b[31*j +: 31] < P);
                if (live && age >= 1 && age <= 5) assert (job_b[31*j +: 31] < P);
            end
            always @(*) if (live) assert (operands[37*j +: 37] == {3'd0, sums[34*j +: 34]});
        end
    endgenerate
endmodule
