//! The simulated link against designs that only echo: exchange keeps its contract on streams and on serial lines.

use galena_device::link::{Transport, TransportError};
use galena_hdl::VerilogFile;
use galena_sim::SimTransport;
use galena_sim::verilated::{Build, StallPattern};
use galena_target::{Config, Link};

/// Echoes words through eight places; `DEAD` takes 100 words and then nothing.
const ECHO_STREAM: &str = "module echo #(parameter DEAD = 0) (
  input wire clk, input wire rst,
  input wire s_valid, output wire s_ready, input wire [31:0] s_data,
  output wire m_valid, input wire m_ready, output wire [31:0] m_data);
  reg [31:0] place [0:7];
  reg [3:0] head, tail;
  reg [7:0] taken;
  wire [3:0] level = head - tail;
  assign s_ready = !level[3] && (DEAD == 0 || taken < 8'd100);
  assign m_valid = level != 4'd0 && DEAD == 0;
  assign m_data = place[tail[2:0]];
  always @(posedge clk)
    if (rst) begin
      head <= 4'd0;
      tail <= 4'd0;
      taken <= 8'd0;
    end else begin
      if (s_valid && s_ready) begin
        place[head[2:0]] <= s_data;
        head <= head + 4'd1;
        taken <= taken + 8'd1;
      end
      if (m_valid && m_ready) tail <= tail + 4'd1;
    end
endmodule
";

const ECHO_UART: &str =
    "module echo #(parameter DEAD = 0) (input wire clk, input wire rst, input wire rx, output reg tx);
  always @(posedge clk) tx <= rst || rx || (DEAD != 0);
endmodule
";

/// Every beat is a packet; the user BAR answers everything with zero, and a write empties the store.
const ECHO_XDMA: &str = "module echo #(parameter DEAD = 0) (
  input wire clk, input wire rst,
  input wire [63:0] s_axis_h2c_tdata, input wire [7:0] s_axis_h2c_tkeep, input wire s_axis_h2c_tlast,
  input wire s_axis_h2c_tvalid, output wire s_axis_h2c_tready,
  output wire [63:0] m_axis_c2h_tdata, output wire [7:0] m_axis_c2h_tkeep, output wire m_axis_c2h_tlast,
  output wire m_axis_c2h_tvalid, input wire m_axis_c2h_tready,
  input wire [11:0] s_axil_awaddr, input wire [2:0] s_axil_awprot, input wire s_axil_awvalid, output wire s_axil_awready,
  input wire [31:0] s_axil_wdata, input wire [3:0] s_axil_wstrb, input wire s_axil_wvalid, output wire s_axil_wready,
  output wire [1:0] s_axil_bresp, output reg s_axil_bvalid, input wire s_axil_bready,
  input wire [11:0] s_axil_araddr, input wire [2:0] s_axil_arprot, input wire s_axil_arvalid, output wire s_axil_arready,
  output wire [31:0] s_axil_rdata, output wire [1:0] s_axil_rresp, output reg s_axil_rvalid, input wire s_axil_rready);
  reg [71:0] place [0:7];
  reg [3:0] head, tail;
  reg [7:0] taken;
  wire [3:0] level = head - tail;
  wire write = s_axil_awvalid && s_axil_wvalid && !s_axil_bvalid;
  wire unused = &{1'b0, s_axis_h2c_tlast, s_axil_awaddr, s_axil_awprot, s_axil_wdata, s_axil_wstrb, s_axil_araddr, s_axil_arprot};
  assign s_axis_h2c_tready = !level[3] && (DEAD == 0 || taken < 8'd50);
  assign m_axis_c2h_tvalid = level != 4'd0 && DEAD == 0;
  assign {m_axis_c2h_tkeep, m_axis_c2h_tdata} = place[tail[2:0]];
  assign m_axis_c2h_tlast = 1'b1;
  assign {s_axil_awready, s_axil_wready} = {2{write}};
  assign s_axil_arready = !s_axil_rvalid;
  assign {s_axil_bresp, s_axil_rdata, s_axil_rresp} = {35'd0, unused && 1'b0};
  always @(posedge clk) begin
    if (s_axis_h2c_tvalid && s_axis_h2c_tready) begin
      place[head[2:0]] <= {s_axis_h2c_tkeep, s_axis_h2c_tdata};
      head <= head + 4'd1;
      taken <= taken + 8'd1;
    end
    if (m_axis_c2h_tvalid && m_axis_c2h_tready) tail <= tail + 4'd1;
    s_axil_bvalid <= write || (s_axil_bvalid && !s_axil_bready);
    s_axil_rvalid <= (s_axil_arvalid && s_axil_arready) || (s_axil_rvalid && !s_axil_rready);
    if (rst || write) begin
      head <= 4'd0;
      tail <= 4'd0;
      taken <= 8'd0;
    end
    if (rst) begin
      s_axil_bvalid <= 1'b0;
      s_axil_rvalid <= 1'b0;
    end
  end
endmodule
";

const LINKS: [Link; 3] = [Link::Stream, Link::Uart, Link::Xdma];

fn open(link: Link, dead: bool, stalls: StallPattern) -> SimTransport {
    let (config, text) = match link {
        Link::Stream => ("tiny", ECHO_STREAM),
        Link::Uart => ("small-uart", ECHO_UART),
        Link::Xdma => ("tiny-pcie", ECHO_XDMA),
    };
    let config = Config::named(config);
    let files = [VerilogFile { name: "echo.v".into(), text: text.into() }];
    let model = Build::new("echo", &files).parameter("DEAD", if dead { "1" } else { "0" }).open().unwrap();
    SimTransport::new(model, config.unwrap(), stalls, stalls).unwrap().silence(50_000)
}

fn words(n: u32) -> Vec<u32> {
    (0..n).map(|i| i.wrapping_mul(0x9e37_79b9)).collect()
}

#[test]
fn everything_sent_comes_back_in_pieces_of_any_size() {
    for link in LINKS {
        for stalls in [StallPattern::NONE, StallPattern::half(3), StallPattern::bursts(4)] {
            let mut transport = open(link, false, stalls);
            let sent = words(300);
            let (mut at, mut rx) = (0, vec![]);
            for want in [1, 4, 61, 7].into_iter().cycle() {
                let room = (300 - rx.len()).min(want);
                at += transport.exchange(&sent[at..], &mut rx, room).unwrap();
                if rx.len() == 300 {
                    break;
                }
            }
            assert!(rx == sent && at == 300, "{link:?} {stalls:?}");
        }
    }
}

#[test]
fn a_host_that_changes_its_mind_sends_whole_words_in_order() {
    for link in LINKS {
        let mut transport = open(link, false, StallPattern::half(9));
        let (mut sent, mut rx): (Vec<u32>, Vec<u32>) = (vec![], vec![]);
        for round in 0..50u32 {
            // Offers eight words, stops at the first that comes back, and offers others.
            let offer: Vec<u32> = (0..8).map(|i| round << 8 | i).collect();
            let taken = transport.exchange(&offer, &mut rx, 1).unwrap();
            sent.extend(&offer[..taken]);
        }
        while rx.len() < sent.len() {
            transport.exchange(&[], &mut rx, 1).unwrap();
        }
        assert!(rx == sent, "{link:?}");
    }
}

#[test]
fn a_dead_core_is_silent_not_a_hang() {
    for link in LINKS {
        let mut transport = open(link, true, StallPattern::NONE);
        let mut rx = vec![];
        let mut end = Ok(0);
        for _ in 0..1000 {
            end = transport.exchange(&words(150), &mut rx, 1);
            if end.is_err() {
                break;
            }
            // A serial line takes whatever it is given: stop giving.
            end = transport.exchange(&[], &mut rx, 1);
            if end.is_err() {
                break;
            }
        }
        assert!(matches!(end, Err(TransportError::Silent { .. })) && rx.is_empty());
    }
}

#[test]
fn a_reset_empties_the_link() {
    for link in LINKS {
        let mut transport = open(link, false, StallPattern::NONE);
        let mut rx = vec![];
        // Words come back after the host has stopped listening.
        transport.exchange(&words(4), &mut vec![], 0).unwrap();
        assert!(transport.reset().unwrap(), "{link:?}");
        let sent = words(40);
        let mut at = 0;
        while rx.len() < 40 {
            let room = 40 - rx.len();
            at += transport.exchange(&sent[at..], &mut rx, room).unwrap();
        }
        assert!(rx == sent, "{link:?}: nothing from before is left");
    }
}
