//! The Verilator harness on small hand-written designs: ports of every width, clocking, streams, stalls, UART, faults.

use galena_hdl::VerilogFile;
use galena_sim::SimError;
use galena_sim::lint::lint;
use galena_sim::tools;
use galena_sim::verilated::{BitTime, Build, End, Limits, Stall, StallPattern, UartLine};

const LIMITS: Limits = Limits { cycles: 1_000_000, silence: 10_000 };

fn files(sources: &[(&str, &str)]) -> Vec<VerilogFile> {
    sources.iter().map(|(name, text)| VerilogFile { name: name.to_string(), text: text.to_string() }).collect()
}

/// A register stage with a payload of two ports; `BROKEN` withdraws a stalled beat.
const STAGE: &str = "`default_nettype none
module stage #(parameter BROKEN = 0) (
  input wire clk, input wire rst,
  input wire s_valid, output wire s_ready, input wire [247:0] s_data, input wire [4:0] s_tag,
  output reg m_valid, input wire m_ready, output reg [247:0] m_data, output reg [4:0] m_tag);
  assign s_ready = !m_valid || m_ready;
  always @(posedge clk)
    if (rst) m_valid <= 1'b0;
    else if (s_ready) begin
      m_valid <= s_valid;
      m_data <= s_data;
      m_tag <= s_tag;
    end else if (BROKEN != 0) m_valid <= 1'b0;
endmodule
`default_nettype wire
";

const WIDTHS: &str = "`default_nettype none
module widths (
  input wire clk, input wire [6:0] a, input wire [11:0] b, input wire [30:0] c, input wire [61:0] d, input wire [511:0] e,
  output reg [6:0] qa, output reg [11:0] qb, output reg [30:0] qc, output reg [61:0] qd, output reg [511:0] qe,
  output wire [6:0] na, output reg [31:0] count = 0);
  assign na = ~a;
  always @(posedge clk) begin
    qa <= a; qb <= b; qc <= c; qd <= d; qe <= e;
    count <= count + 1'b1;
  end
endmodule
`default_nettype wire
";

#[test]
fn ports_of_every_width_and_the_clock() {
    let mut model = Build::new("widths", &files(&[("widths.v", WIDTHS)])).open().unwrap();
    for (input, output, width) in [("a", "qa", 7), ("b", "qb", 12), ("c", "qc", 31), ("d", "qd", 62), ("e", "qe", 512)]
    {
        let (input, output) = (model.port(input).unwrap(), model.port(output).unwrap());
        let ones = vec![u32::MAX; 16];
        model.set_wide(input, &ones);
        model.step().unwrap();
        let got = model.get_wide(output);
        assert_eq!(got.len(), (width as usize).div_ceil(32));
        assert_eq!(got.iter().map(|w| w.count_ones()).sum::<u32>(), width, "bits past the width are dropped");
        model.set_u32(input, 0x55);
        model.step().unwrap();
        assert_eq!(model.get_u32(output), 0x55, "missing words are zero");
    }
    let (a, na) = (model.port("a").unwrap(), model.port("na").unwrap());
    model.set_u32(a, 1);
    model.settle().unwrap();
    assert_eq!(model.get_u32(na), 0x7e, "settle shows combinational outputs");
    let before = model.cycles();
    model.step().unwrap();
    model.steps(5).unwrap();
    assert_eq!(model.cycles(), before + 6);
    assert_eq!(model.get_u32(model.port("count").unwrap()) as u64, model.cycles());
    assert!(matches!(model.port("nothing"), Err(SimError::Port { .. })));
}

#[test]
fn streams_keep_order_under_every_pair_of_stall_patterns() {
    let build = Build::new("stage", &files(&[("stage.v", STAGE)]));
    let beats: Vec<u32> = (0..200u32).flat_map(|i| (0..8).map(move |w| i << 8 | w).chain([i % 32])).collect();
    let masked: Vec<u32> = beats.iter().enumerate().map(|(k, w)| if k % 9 == 7 { w & 0xff_ffff } else { *w }).collect();
    for input in StallPattern::all(11) {
        for output in StallPattern::all(12) {
            let mut model = build.open().unwrap();
            model.reset(2).unwrap();
            let (mut s, mut m) =
                ([model.stream("s_").unwrap().stalls(input)], [model.stream("m_").unwrap().stalls(output)]);
            s[0].send(&beats);
            // In two runs, so that an offered beat survives the boundary.
            m[0].want(77);
            assert_eq!(model.run(&mut [], &mut m, Limits { cycles: 50, silence: 20 }).unwrap(), End::Silence);
            let mut done = 0;
            for part in [77, 123] {
                done += part;
                m[0].want(done - m[0].done());
                if part == 77 {
                    let end = model.run(&mut s, &mut m, Limits { cycles: 30, silence: 10_000 }).unwrap();
                    assert_eq!(end, End::Cycles);
                    m[0].want(done - m[0].done());
                }
                while m[0].done() < done {
                    model.run(&mut s, &mut m, Limits { cycles: 100, silence: 10_000 }).unwrap();
                }
            }
            assert!(m[0].received() == masked, "{input:?} {output:?}");
            assert_eq!(s[0].done(), 200);
        }
    }
}

#[test]
fn a_withdrawn_beat_is_reported_and_the_honest_stage_is_not() {
    for (broken, expect) in [("0", true), ("1", false)] {
        let mut model = Build::new("stage", &files(&[("stage.v", STAGE)])).parameter("BROKEN", broken).open().unwrap();
        model.reset(2).unwrap();
        let (mut s, mut m) =
            ([model.stream("s_").unwrap()], [model.stream("m_").unwrap().stalls(StallPattern::half(3))]);
        s[0].send(&[0; 9 * 50]);
        m[0].want(50);
        match model.run(&mut s, &mut m, LIMITS) {
            Ok(end) => assert!(expect && end == End::Done),
            Err(SimError::StreamRule { stream, .. }) => assert!(!expect && stream == "m_"),
            Err(other) => panic!("{other}"),
        }
    }
}

/// Echoes bytes after a registered delay, one at a time: enough to test the line code of the shim, not a product.
const ECHO: &str = "`default_nettype none
module echo (input wire clk, input wire rst, input wire rx, output reg tx);
  // A whole frame is 80 clocks; delaying the line itself by 133 clocks echoes every bit unchanged.
  reg [132:0] line;
  always @(posedge clk)
    if (rst) begin
      line <= {133{1'b1}};
      tx <= 1'b1;
    end else begin
      line <= {line[131:0], rx};
      tx <= line[132];
    end
endmodule
`default_nettype wire
";

#[test]
fn the_uart_line_sends_and_samples_words() {
    for stalls in [StallPattern::NONE, StallPattern::half(5)] {
        let mut model = Build::new("echo", &files(&[("echo.v", ECHO)])).open().unwrap();
        let mut line = UartLine::new(&mut model, 8, stalls).unwrap();
        model.reset(200).unwrap();
        let words: Vec<u32> = (0..40u32).map(|i| i.wrapping_mul(0x9e37_79b9)).collect();
        let mut got = vec![0; 40];
        // In pieces that end in the middle of words.
        let (mut sent, mut received) = (0, 0);
        while received < 40 {
            let limits = Limits { cycles: 333, silence: 100_000 };
            let (s, r, _) = line.run(&mut model, &words[sent..], &mut got[received..], false, limits).unwrap();
            (sent, received) = (sent + s, received + r);
            assert!(model.cycles() < 100_000, "sent {sent}, received {received}");
        }
        assert_eq!(got, words);
        assert_eq!(line.frame_errors(), 0);
    }
}

#[test]
fn bytes_pass_at_any_rate_and_only_at_the_same_one() {
    let mut model = Build::new("echo", &files(&[("echo.v", ECHO)])).open().unwrap();
    let mut line = UartLine::new(&mut model, 8, StallPattern::NONE).unwrap();
    model.reset(200).unwrap();
    let bytes: Vec<u8> = (0..=255).collect();
    let mut talk = |send: BitTime, receive: BitTime| {
        line.set_bit_times(send, receive);
        let mut got = vec![0; 1000];
        let (errors, before) = (line.frame_errors(), model.cycles());
        let limits = Limits { cycles: u64::MAX, silence: 2000 };
        let (sent, received, end) = line.run_bytes(&mut model, &bytes, &mut got, false, limits).unwrap();
        assert_eq!((sent, end), (256, End::Silence));
        got.truncate(received);
        (got, line.frame_errors() - errors, model.cycles() - before - 2000)
    };
    // 48 MHz: 6 Mbaud, and rates that are no whole number of clocks.
    for baud in [6_000_000, 2_764_800, 921_600] {
        let bit = BitTime::of_rate(48_000_000, baud);
        let (got, errors, clocks) = talk(bit, bit);
        assert!(got == bytes && errors == 0, "{baud} baud");
        // The echo is some clocks late, and the last byte is known in the middle of its stop bit.
        let whole = bit.clocks_of(256);
        assert!((whole - bit.clocks_of(1) / 10..whole + 200).contains(&clocks), "{baud} baud: {clocks} of {whole}");
    }
    // Three per cent beside it still works, a third does not.
    let of = |baud| BitTime::of_rate(48_000_000, baud);
    let (got, errors, _) = talk(of(1_000_000), of(1_030_000));
    assert!(got == bytes && errors == 0);
    let (got, errors, _) = talk(of(1_000_000), of(1_333_333));
    assert!(got != bytes && errors > 0);
}

#[test]
fn the_rust_walk_and_the_compiled_walk_pause_in_the_same_cycles() {
    let mut model = Build::new("stage", &files(&[("stage.v", STAGE)])).open().unwrap();
    model.reset(2).unwrap();
    let pattern = StallPattern::half(99);
    let (mut s, mut m) = ([model.stream("s_").unwrap().stalls(pattern)], [model.stream("m_").unwrap()]);
    s[0].send(&[0; 9 * 100]);
    m[0].want(100);
    let before = model.cycles();
    model.run(&mut s, &mut m, LIMITS).unwrap();
    let mut walk = Stall::from(pattern);
    let mut expected = 0;
    let mut left = 100;
    while left > 0 {
        left -= !walk.pause() as u32;
        expected += 1;
    }
    assert_eq!(model.cycles() - before, expected + 1, "one more cycle for the register");
}

#[test]
fn a_design_that_stops_itself_is_an_error_not_an_exit() {
    let text = "module stops (input wire clk, output reg [7:0] n = 0);\n  always @(posedge clk) begin\n    n <= n + 8'd1;\n    \
                if (n == 8'd9) $fatal(1, \"nine\");\n  end\nendmodule\n";
    let mut model = Build::new("stops", &files(&[("stops.v", text)])).open().unwrap();
    model.steps(9).unwrap();
    match model.steps(9) {
        Err(SimError::Fatal { cycle, .. }) => assert_eq!(cycle, 9),
        other => panic!("expected a fatal error, found {other:?}"),
    }
}

#[test]
fn memory_content_is_found_from_any_directory() {
    let rom = "module rom (input wire clk, input wire [1:0] a, output reg [15:0] q);\n  reg [15:0] m [0:3];\n  \
               initial $readmemh(\"rom.hex\", m);\n  always @(posedge clk) q <= m[a];\nendmodule\n";
    let mut model =
        Build::new("rom", &files(&[("rom.v", rom), ("rom.hex", "0001\nbeef\n0003\ncafe\n")])).open().unwrap();
    let (a, q) = (model.port("a").unwrap(), model.port("q").unwrap());
    for (address, value) in [(1, 0xbeef), (3, 0xcafe), (0, 1)] {
        model.set_u32(a, address);
        model.step().unwrap();
        assert_eq!(model.get_u32(q), value);
    }
}

#[test]
fn tools_refuse_what_is_wrong_and_pass_what_is_right() {
    let good = files(&[("stage.v", STAGE)]);
    lint(&good, "stage").unwrap();
    let wide = STAGE.replace("m_tag <= s_tag", "m_tag <= {s_tag, 1'b0}");
    let bad = files(&[("stage.v", wide.as_str())]);
    assert!(matches!(lint(&bad, "stage"), Err(SimError::Refused { .. })));
    assert!(matches!(Build::new("absent", &good).open(), Err(SimError::Refused { tool: "verilator", .. })));
    let report = tools::yosys(&good, &[], "hierarchy -check -top stage; proc; check -assert; stat").unwrap();
    assert!(report.contains("$dff"), "{report}");
    let missing = files(&[("m.v", "module m(input wire a); nowhere u(.a(a)); endmodule\n")]);
    let refused = tools::yosys(&missing, &[], "hierarchy -check -top m");
    assert!(matches!(refused, Err(SimError::Refused { tool: "yosys", .. })), "{refused:?}");
}

#[test]
fn waves_are_written_or_the_missing_package_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("stage.fst");
    match Build::new("stage", &files(&[("stage.v", STAGE)])).waves(true).open() {
        Ok(mut model) => {
            model.waves(&path).unwrap();
            model.reset(5).unwrap();
            assert!(matches!(model.waves(&dir.path().join("no/such/x.fst")), Err(SimError::Waves { .. })));
            drop(model);
            assert!(std::fs::metadata(&path).unwrap().len() > 100);
        }
        Err(SimError::WavesUnavailable { package, .. }) => {
            assert!(["zlib1g-dev", "liblz4-dev"].contains(&package));
            eprintln!("skipped: waves need {package}");
        }
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn builds_of_one_model_at_once_do_not_meet() {
    // A comment of its own, so that the cache cannot have it.
    let text = format!("// process {} at {:?}\n{WIDTHS}", std::process::id(), std::time::SystemTime::now());
    let build = Build::new("widths", &files(&[("widths.v", text.as_str())]));
    std::thread::scope(|scope| {
        let open = || {
            let mut model = build.open().unwrap();
            let (a, qa) = (model.port("a").unwrap(), model.port("qa").unwrap());
            model.set_u32(a, 99);
            model.step().unwrap();
            model.get_u32(qa)
        };
        let threads = [scope.spawn(open), scope.spawn(open), scope.spawn(open)];
        threads.into_iter().for_each(|t| assert_eq!(t.join().unwrap(), 99));
    });
}
