// product_31x31 with a free output: the abstract multiplier of the proof of the reduction in field_mul.

module product_31x31 (
    input  wire        clk,
    input  wire [30:0] a,
    input  wire [30:0] b,
    output wire [61:0] y
);

    (* anyseq *) wire [61:0] free;

    assign y = free;
endmodule
