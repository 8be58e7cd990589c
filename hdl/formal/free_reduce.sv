// field_reduce with a free output: the abstract reduction of the proofs of pipelines.

module field_reduce (
    input  wire        clk,
    input  wire [36:0] v,
    output wire [30:0] y
);

    (* anyseq *) wire [30:0] free;

    assign y = free;
endmodule
