// field_mul with a free output: the abstract multiplier of the proofs of pipelines.

module field_mul (
    input  wire        clk,
    input  wire [30:0] a,
    input  wire [30:0] b,
    output wire [30:0] y
);

    (* anyseq *) wire [30:0] free;

    assign y = free;
endmodule
