//! The user BAR: an AXI-Lite slave of 4 KiB with the register map and the shell's own registers.

use crate::netlist::Module;
use galena_target::register::REGISTER_WORDS;
use galena_target::xdma::{BAR_BYTES, ShellRegister};

/// Clocks that a write of 1 to `control` holds the core in reset.
pub const CLEAR_CLOCKS: usize = 15;

/// Bits of a byte address in the BAR.
const ADDRESS: usize = BAR_BYTES.ilog2() as usize;

/// `xdma_registers`: answers every read and write with OKAY; what is not there reads zero. Writes of less than a word are ignored.
///
/// Address and data of a write may come in any order. One write and one read are under way at most. Only `rst` resets it: it answers while the core is in reset.
pub fn registers() -> Module {
    let word = |register: ShellRegister| format!("10'd{}", register.address() / 4);
    Module::new("xdma_registers", "the user BAR: an AXI-Lite slave with the register map and the shell's registers")
        .timing("a read takes 4 clocks, a write 2", "one of each at a time")
        .doc(&format!("Writing 1 to `control` holds `clear` for {CLEAR_CLOCKS} clocks."))
        .clk_rst()
        .input("s_axil_awaddr", ADDRESS, "")
        .input("s_axil_awprot", 3, "not looked at")
        .input("s_axil_awvalid", 1, "")
        .output("s_axil_awready", 1, "")
        .input("s_axil_wdata", 32, "")
        .input("s_axil_wstrb", 4, "")
        .input("s_axil_wvalid", 1, "")
        .output("s_axil_wready", 1, "")
        .output("s_axil_bresp", 2, "always OKAY")
        .output_reg("s_axil_bvalid", 1, "")
        .input("s_axil_bready", 1, "")
        .input("s_axil_araddr", ADDRESS, "")
        .input("s_axil_arprot", 3, "not looked at")
        .input("s_axil_arvalid", 1, "")
        .output("s_axil_arready", 1, "")
        .output_reg("s_axil_rdata", 32, "")
        .output("s_axil_rresp", 2, "always OKAY")
        .output_reg("s_axil_rvalid", 1, "")
        .input("s_axil_rready", 1, "")
        .output("map_take", 1, "a word of the register map is read now")
        .output("map_index", 6, "which")
        .input("map_word", 32, "a clock later")
        .input("packets", 32, "complete packets to the host")
        .input("space", 32, "words that the input store has room for")
        .output("clear", 1, "the core is in reset, both directions are empty")
        .reg("aw_here", 1)
        .reg("aw_word", ADDRESS - 2)
        .reg("w_here", 1)
        .reg("w_data", 32)
        .reg("w_whole", 1)
        .reg("ar_word", ADDRESS - 2)
        .reg("reading", 1)
        .reg("fetched", 1)
        .reg("scratch", 32)
        .reg("clear_left", 4)
        .wire("write", 1)
        .body(format!(
            "
            assign s_axil_awready = !aw_here;
            assign s_axil_wready  = !w_here;
            assign s_axil_bresp   = 2'b00;
            assign write          = aw_here && w_here && (!s_axil_bvalid || s_axil_bready);
            assign clear          = clear_left != 0;

            always @(posedge clk) begin
                if (s_axil_awvalid && s_axil_awready) begin
                    aw_here <= 1'b1;
                    aw_word <= s_axil_awaddr[{top}:2];
                end
                if (s_axil_wvalid && s_axil_wready) begin
                    w_here  <= 1'b1;
                    w_data  <= s_axil_wdata;
                    w_whole <= &s_axil_wstrb;
                end
                if (s_axil_bready) s_axil_bvalid <= 1'b0;
                if (clear) clear_left <= clear_left - 1'b1;
                if (write) begin
                    aw_here       <= 1'b0;
                    w_here        <= 1'b0;
                    s_axil_bvalid <= 1'b1;
                    if (w_whole && aw_word == {control} && w_data == 32'd1) clear_left <= 4'd{CLEAR_CLOCKS};
                    if (w_whole && aw_word == {scratch}) scratch <= w_data;
                end
                if (rst) begin
                    aw_here       <= 1'b0;
                    w_here        <= 1'b0;
                    s_axil_bvalid <= 1'b0;
                    scratch       <= 32'd0;
                    clear_left    <= 4'd0;
                end
            end
            ",
            top = ADDRESS - 1,
            control = word(ShellRegister::Control),
            scratch = word(ShellRegister::Scratch),
        ))
        .body(format!(
            "
            assign s_axil_arready = !reading && !s_axil_rvalid;
            assign s_axil_rresp   = 2'b00;
            assign map_take       = reading && !fetched;
            assign map_index      = ar_word[5:0];

            // The word of the map is there a clock after its index, which is there a clock after the address was taken.
            always @(posedge clk) begin
                fetched <= reading;
                if (s_axil_arvalid && s_axil_arready) begin
                    reading <= 1'b1;
                    fetched <= 1'b0;
                    ar_word <= s_axil_araddr[{top}:2];
                end
                if (reading && fetched) begin
                    reading       <= 1'b0;
                    s_axil_rvalid <= 1'b1;
                    case (ar_word)
                    {packets}: s_axil_rdata <= packets;
                    {space}: s_axil_rdata <= space;
                    {scratch}: s_axil_rdata <= scratch;
                    default: s_axil_rdata <= ar_word < 10'd{REGISTER_WORDS} ? map_word : 32'd0;
                    endcase
                end
                if (s_axil_rvalid && s_axil_rready) s_axil_rvalid <= 1'b0;
                if (rst) begin
                    reading       <= 1'b0;
                    s_axil_rvalid <= 1'b0;
                end
            end
            ",
            top = ADDRESS - 1,
            packets = word(ShellRegister::Packets),
            space = word(ShellRegister::Space),
            scratch = word(ShellRegister::Scratch),
        ))
}

/// `map_index` has six bits, addresses above have ten.
const _: () = assert!(REGISTER_WORDS <= 64 && ADDRESS == 12 && CLEAR_CLOCKS < 16);
