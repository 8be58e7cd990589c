// progress: no deadlock on the giving side. Whatever waits inside is offered within LIMIT clocks, whether or not anybody is ready.
// (On the taking side each checker says exactly when `s_ready` may be low.)

module progress #(
    parameter LIMIT = 1
) (
    input  wire      clk,
    input  wire      rst,
    input  wire      live,
    input  wire      waiting, // something that could be given is inside
    input  wire      m_valid,
    output reg [5:0] late     // clocks in a row, until now, in which something was waiting and nothing was offered
);

    initial late = 0;

    always @(posedge clk) late <= rst || m_valid || !waiting ? 0 : late + 1;

    always @(*) if (live) begin
        assert (late <= LIMIT);
        if (late == LIMIT) assert (m_valid || !waiting);
    end
endmodule
