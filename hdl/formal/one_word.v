// A memory that remembers one word: what any memory of the proofs can be replaced by (yosys techmap, before flattening).
//
// `address` is any address, the same in all clocks; `word` is what was written there last. A read of another address gives anything, in every clock
// anew: the real memory can do no more, so what is proved with this one for every address holds for the real one. One write port, one read port.

(* techmap_celltype = "$mem_v2" *)
module one_word #(
    parameter MEMID = "", INIT = 0, SIZE = 0, OFFSET = 0, ABITS = 1, WIDTH = 1,
    parameter RD_PORTS = 1, RD_CLK_ENABLE = 0, RD_CLK_POLARITY = 0, RD_TRANSPARENCY_MASK = 0, RD_COLLISION_X_MASK = 0,
    parameter RD_WIDE_CONTINUATION = 0, RD_CE_OVER_SRST = 0, RD_ARST_VALUE = 0, RD_SRST_VALUE = 0, RD_INIT_VALUE = 0,
    parameter WR_PORTS = 1, WR_CLK_ENABLE = 1, WR_CLK_POLARITY = 1, WR_PRIORITY_MASK = 0, WR_WIDE_CONTINUATION = 0
) (
    input  wire [RD_PORTS-1:0]       RD_CLK, RD_EN, RD_ARST, RD_SRST,
    input  wire [RD_PORTS*ABITS-1:0] RD_ADDR,
    output wire [RD_PORTS*WIDTH-1:0] RD_DATA,
    input  wire [WR_PORTS-1:0]       WR_CLK,
    input  wire [WR_PORTS*WIDTH-1:0] WR_EN,
    input  wire [WR_PORTS*ABITS-1:0] WR_ADDR,
    input  wire [WR_PORTS*WIDTH-1:0] WR_DATA
);

    // Other shapes of memory are refused: the cell stays, and with it its name.
    wire _TECHMAP_FAIL_ = RD_PORTS != 1 || WR_PORTS != 1 || RD_CLK_ENABLE != 0 || WR_CLK_ENABLE != 1 || WR_CLK_POLARITY != 1;

    (* anyconst, keep *) wire [ABITS-1:0] \_TECHMAP_REPLACE_.address ;
    (* anyseq *)         wire [WIDTH-1:0] other;
    (* keep *)           reg  [WIDTH-1:0] \_TECHMAP_REPLACE_.word ;

    assign RD_DATA = RD_ADDR == \_TECHMAP_REPLACE_.address ? \_TECHMAP_REPLACE_.word : other;

    always @(posedge WR_CLK)
        if (WR_ADDR == \_TECHMAP_REPLACE_.address )
            \_TECHMAP_REPLACE_.word <= (\_TECHMAP_REPLACE_.word & ~WR_EN) | (WR_DATA & WR_EN);
endmodule
