// rules: what a valid/ready stream promises while a beat waits: valid stays, and the payload does not change.
// ASSUME = 1 demands it of the environment, 0 of the circuit. Reset ends every promise.

module rules #(
    parameter WIDTH  = 8,
    parameter ASSUME = 0
) (
    input wire             clk,
    input wire             rst,
    input wire             valid,
    input wire             ready,
    input wire [WIDTH-1:0] data
);

    reg             waited = 0;
    reg [WIDTH-1:0] offered;

    always @(posedge clk) begin
        waited  <= valid && !ready && !rst;
        offered <= data;
    end

    generate
        if (ASSUME) begin : environment
            always @(*) if (waited && !rst) assume (valid && data == offered);
        end else begin : circuit
            always @(*) if (waited && !rst) assert (valid && data == offered);
        end
    endgenerate
endmodule
