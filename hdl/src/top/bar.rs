//! The user BAR of several cores: an AXI-Lite slave whose address says which core's page is meant.

use super::endpoint::AXIL;
use crate::netlist::Module;
use galena_target::xdma::BAR_BYTES;

/// Bits of a byte address in a page.
const PAGE: usize = BAR_BYTES.ilog2() as usize;

/// `bar_pages_n{pages}`: page k of 4 KiB is the slave behind `page_*_k`. Two or four pages.
///
/// One write and one read are under way at most, each in registers: a write goes on once address and data are there. A page that does not answer holds its own
/// kind of access back, and no other.
pub fn pages(pages: usize) -> Module {
    assert!(pages == 2 || pages == 4, "two or four pages, found {pages}");
    let select = pages.ilog2() as usize;
    let address = PAGE + select;
    let mut module = Module::new(format!("bar_pages_n{pages}"), "splits an AXI-Lite bus into pages of 4 KiB")
        .timing("3 clocks on top of the page's for a read, 3 for a write", "one of each at a time")
        .clk_rst();
    // The master's side, then the pages: what goes to a slave is an input here, and an output of every page.
    for (name, width, back) in AXIL {
        let width = if width == 0 { address } else { width };
        let name = format!("bar_{name}");
        let register = ["bar_bvalid", "bar_bresp", "bar_rvalid", "bar_rdata", "bar_rresp"].contains(&name.as_str());
        module = match (back, register) {
            (false, _) => module.input(name, width, ""),
            (true, true) => module.output_reg(name, width, ""),
            (true, false) => module.output(name, width, ""),
        };
    }
    for k in 0..pages {
        for (name, width, back) in AXIL {
            let width = if width == 0 { PAGE } else { width };
            let name = format!("page_{name}_{k}");
            module = if back { module.input(name, width, "") } else { module.output(name, width, "") };
        }
    }
    let module = module
        .reg("aw_here", 1)
        .reg("aw_sent", 1)
        .reg("aw_address", address)
        .reg("aw_prot", 3)
        .reg("w_here", 1)
        .reg("w_sent", 1)
        .reg("w_data", 32)
        .reg("w_strobes", 4)
        .reg("ar_here", 1)
        .reg("ar_sent", 1)
        .reg("ar_address", address)
        .reg("ar_prot", 3)
        .wire("write", 1)
        .wire("written", pages)
        .wire("answered", pages);
    let (top, low) = (address - 1, PAGE - 1);
    let each = |text: &dyn Fn(usize) -> String| (0..pages).map(text).collect::<String>();
    let forward = each(&|k| {
        format!(
            "
            assign page_awaddr_{k}  = aw_address[{low}:0];
            assign page_awprot_{k}  = aw_prot;
            assign page_awvalid_{k} = write && !aw_sent && aw_address[{top}:{PAGE}] == {select}'d{k};
            assign page_wdata_{k}   = w_data;
            assign page_wstrb_{k}   = w_strobes;
            assign page_wvalid_{k}  = write && !w_sent && aw_address[{top}:{PAGE}] == {select}'d{k};
            assign page_bready_{k}  = write && !bar_bvalid && aw_address[{top}:{PAGE}] == {select}'d{k};
            assign written[{k}]     = page_bvalid_{k} && page_bready_{k};
            assign page_araddr_{k}  = ar_address[{low}:0];
            assign page_arprot_{k}  = ar_prot;
            assign page_arvalid_{k} = ar_here && !ar_sent && ar_address[{top}:{PAGE}] == {select}'d{k};
            assign page_rready_{k}  = ar_here && ar_address[{top}:{PAGE}] == {select}'d{k};
            assign answered[{k}]    = page_rvalid_{k} && page_rready_{k};
"
        )
    });
    let sent = each(&|k| {
        format!(
            "
                if (page_awvalid_{k} && page_awready_{k}) aw_sent <= 1'b1;
                if (page_wvalid_{k} && page_wready_{k}) w_sent <= 1'b1;
                if (written[{k}]) bar_bresp <= page_bresp_{k};"
        )
    });
    let read = each(&|k| {
        format!(
            "
                if (page_arvalid_{k} && page_arready_{k}) ar_sent <= 1'b1;
                if (answered[{k}]) begin
                    bar_rdata <= page_rdata_{k};
                    bar_rresp <= page_rresp_{k};
                end"
        )
    });
    module
        .body(forward)
        .body(format!(
            "
            assign bar_awready = !aw_here;
            assign bar_wready  = !w_here;
            assign write       = aw_here && w_here;

            always @(posedge clk) begin
                if (bar_awvalid && bar_awready) begin
                    aw_here    <= 1'b1;
                    aw_address <= bar_awaddr;
                    aw_prot    <= bar_awprot;
                end
                if (bar_wvalid && bar_wready) begin
                    w_here    <= 1'b1;
                    w_data    <= bar_wdata;
                    w_strobes <= bar_wstrb;
                end
                if (bar_bready) bar_bvalid <= 1'b0;{sent}
                if (written != 0) begin
                    bar_bvalid <= 1'b1;
                    aw_here    <= 1'b0;
                    aw_sent    <= 1'b0;
                    w_here     <= 1'b0;
                    w_sent     <= 1'b0;
                end
                if (rst) begin
                    bar_bvalid <= 1'b0;
                    aw_here    <= 1'b0;
                    aw_sent    <= 1'b0;
                    w_here     <= 1'b0;
                    w_sent     <= 1'b0;
                end
            end
            "
        ))
        .body(format!(
            "
            assign bar_arready = !ar_here && !bar_rvalid;

            always @(posedge clk) begin
                if (bar_arvalid && bar_arready) begin
                    ar_here    <= 1'b1;
                    ar_address <= bar_araddr;
                    ar_prot    <= bar_arprot;
                end
                if (bar_rready) bar_rvalid <= 1'b0;{read}
                if (answered != 0) begin
                    bar_rvalid <= 1'b1;
                    ar_here    <= 1'b0;
                    ar_sent    <= 1'b0;
                end
                if (rst) begin
                    bar_rvalid <= 1'b0;
                    ar_here    <= 1'b0;
                    ar_sent    <= 1'b0;
                end
            end
            "
        ))
}
