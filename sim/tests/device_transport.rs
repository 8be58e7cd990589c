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

fn open(link: Link, dead: bool, stalls: StallPattern) -> SimTransport {
    let config = match link {
        Link::Stream => Config::named("tiny"),
        Link::Uart => Config::named("small-uart"),
    };
    let text = if link == Link::Stream { ECHO_STREAM } else { ECHO_UART };
    let files = [VerilogFile { name: "echo.v".into(), text: text.into() }];
    let model = Build::new("echo", &files).parameter("DEAD", if dead { "1" } else { "0" }).open().unwrap();
    SimTransport::new(model, config.unwrap(), stalls, stalls).unwrap().silence(50_000)
}

fn words(n: u32) -> Vec<u32> {
    (0..n).map(|i| i.wrapping_mul(0x9e37_79b9)).collect()
}

#[test]
fn everything_sent_comes_back_in_pieces_of_any_size() {
    for link in [Link::Stream, Link::Uart] {
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
    for link in [Link::Stream, Link::Uart] {
        let mut transport = open(link, false, StallPattern::half(9));
        let (mut sent, mut rx) = (vec![], vec![]);
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
    for link in [Link::Stream, Link::Uart] {
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
