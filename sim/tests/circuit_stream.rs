//! The stream blocks in Verilator: order, completeness and content under every pair of stall patterns; lint and yosys.

use galena_hdl::netlist::Module;
use galena_hdl::{emit, stream};
use galena_sim::lint::lint;
use galena_sim::verilated::{BitTime, Build, End, Limits, Model, StallPattern, UartLine};
use galena_target::frame::{BREAK_CLOCKS, MAGIC};
use rand::{Rng, SeedableRng};

const LIMITS: Limits = Limits { cycles: 2_000_000, silence: 20_000 };

/// Runs `input` (in the beats of `s_`) through `circuit` under every pair of stall patterns; `expected` must come out.
fn check(circuit: &Module, input: &[u32], expected: &[u32], beats_out: usize) {
    let files = emit(circuit).unwrap();
    lint(&files, &circuit.name).unwrap();
    let build = Build::new(&circuit.name, &files);
    for from in StallPattern::all(21) {
        for to in StallPattern::all(22) {
            let mut model = build.open().unwrap();
            model.reset(3).unwrap();
            let (mut s, mut m) = ([model.stream("s_").unwrap().stalls(from)], [model.stream("m_").unwrap().stalls(to)]);
            s[0].send(input);
            m[0].want(beats_out);
            assert_eq!(model.run(&mut s, &mut m, LIMITS).unwrap(), End::Done, "{} {from:?} {to:?}", circuit.name);
            assert!(m[0].received() == expected, "{} {from:?} {to:?}", circuit.name);
            // And nothing more than was put in.
            m[0].want(1);
            let end = model.run(&mut [], &mut m, Limits { cycles: 1000, silence: 200 }).unwrap();
            assert_eq!((end, m[0].done()), (End::Silence, beats_out), "{} {from:?} {to:?}", circuit.name);
        }
    }
}

fn words(seed: u64, count: usize) -> Vec<u32> {
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
    (0..count).map(|_| rng.random()).collect()
}

#[test]
fn registers_and_fifos_keep_every_beat_in_order() {
    let input = words(1, 700);
    for circuit in [stream::register(32), stream::fifo(32, 2), stream::fifo(32, 16), stream::fifo(32, 128)] {
        check(&circuit, &input, &input, 700);
    }
}

#[test]
fn gather_and_scatter_are_inverse() {
    // 9 words of 32 bits: the beat of the harness is the same words.
    let input = words(2, 9 * 60);
    check(&stream::gather(32, 9), &input, &input, 60);
    // Its beats carry `m_last` as a second word.
    let marked: Vec<u32> = input.iter().enumerate().flat_map(|(k, &w)| [w, (k % 9 == 8) as u32]).collect();
    check(&stream::scatter(32, 9), &input, &marked, 9 * 60);
}

#[test]
fn a_full_rate_stream_is_not_slowed_down() {
    let input = words(3, 1000);
    for (circuit, latency) in [(stream::register(32), 1), (stream::fifo(32, 16), 2), (stream::fifo(32, 128), 3)] {
        let mut model = Build::new(&circuit.name, &emit(&circuit).unwrap()).open().unwrap();
        model.reset(3).unwrap();
        let before = model.cycles();
        let (mut s, mut m) = ([model.stream("s_").unwrap()], [model.stream("m_").unwrap()]);
        s[0].send(&input);
        m[0].want(1000);
        model.run(&mut s, &mut m, LIMITS).unwrap();
        assert_eq!(model.cycles() - before, 1000 + latency, "{}", circuit.name);
    }
}

#[test]
fn delays_delay() {
    for clocks in [1, 2, 3, 4, 5, 8, 15, 16, 17] {
        let circuit = stream::delay(9, clocks);
        let files = emit(&circuit).unwrap();
        lint(&files, &circuit.name).unwrap();
        let mut model = Build::new(&circuit.name, &files).open().unwrap();
        let (s, m) = (model.port("s_data").unwrap(), model.port("m_data").unwrap());
        let input: Vec<u32> = words(4, 200).iter().map(|w| w & 0x1ff).collect();
        for (k, &word) in input.iter().enumerate() {
            model.set_u32(s, word);
            model.step().unwrap();
            // After the edge that takes word k, the word of clocks - 1 edges before is out. The ring may begin anywhere.
            if k >= 64 {
                assert_eq!(model.get_u32(m), input[k + 1 - clocks], "delay {clocks} at {k}");
            }
        }
    }
}

#[test]
fn the_crc_circuit_is_the_models_and_ieee() {
    let circuit = stream::crc::crc32_circuit();
    let files = emit(&circuit).unwrap();
    lint(&files, &circuit.name).unwrap();
    let mut model = Build::new(&circuit.name, &files).open().unwrap();
    let [clear, valid, data, crc] = ["clear", "valid", "data", "crc"].map(|p| model.port(p).unwrap());
    let input = words(5, 300);
    model.set_u32(clear, 1);
    model.step().unwrap();
    model.set_u32(clear, 0);
    model.set_u32(valid, 1);
    for k in 0..input.len() {
        assert_eq!(model.get_u32(crc), stream::crc::crc32(&input[..k]), "after {k} words");
        model.set_u32(data, input[k]);
        model.step().unwrap();
    }
    // zlib.crc32(b"Galena, " * 3) as computed by Python.
    let text: Vec<u32> =
        b"Galena, Galena, Galena, ".chunks(4).map(|c| u32::from_le_bytes(c.try_into().unwrap())).collect();
    assert_eq!(stream::crc::crc32(&text), 0x2e3f_e06e);
}

#[test]
fn the_store_says_how_many_words_it_holds() {
    let circuit = stream::store(2048);
    let input = words(8, 3000);
    check(&circuit, &input, &input, 3000);
    let mut model = Build::new(&circuit.name, &emit(&circuit).unwrap()).open().unwrap();
    model.reset(3).unwrap();
    let level = model.port("level").unwrap();
    let (mut s, mut m) = ([model.stream("s_").unwrap()], [model.stream("m_").unwrap()]);
    s[0].send(&words(9, 3000));
    m[0].accept(0);
    // Nobody takes anything: at least the window goes in, and all that went in is counted.
    assert_eq!(model.run(&mut s, &mut m, LIMITS).unwrap(), End::Silence);
    let stored = s[0].done();
    assert!((2048..=2052).contains(&stored), "{stored}");
    assert_eq!(model.get_u32(level) as usize, stored);
    s[0].withdraw();
    m[0].want(stored - 1);
    model.run(&mut s, &mut m, LIMITS).unwrap();
    model.step().unwrap();
    assert_eq!(model.get_u32(level), 2, "one is left, and the one that stood outside has come in");
}

/// A serial link whose received words are sent again, through a FIFO. `take` low: the FIFO has no room.
fn echo(divisor: u32) -> Module {
    let link = stream::serial(divisor, MAGIC, TRIAL);
    let ports = |name: &str| link.ports.iter().find(|p| p.name == name).map_or(1, |p| p.width);
    let mut module = Module::new("serial_echo", "sends back what it receives").clk_rst().input("take", 1, "");
    for input in ["rx", "align", "restart", "rate_set", "rate_divisor", "header_seen"] {
        module = module.input(input, ports(input), "");
    }
    for output in ["tx", "line_break", "line_errors"] {
        module = module.output(output, ports(output), "");
    }
    let own = "clk rst rx align restart rate_set rate_divisor header_seen tx line_break line_errors";
    module
        .wire("room", 1)
        .wire("out_valid", 1)
        .wire("out_data", 32)
        .link(
            "line",
            link,
            own,
            [
                ("m_valid", "valid"),
                ("m_ready", "room && take"),
                ("m_data", "data"),
                ("s_valid", "out_valid"),
                ("s_ready", "out_ready"),
                ("s_data", "out_data"),
            ],
        )
        .instance(
            "hold",
            stream::fifo(32, 64),
            [
                ("clk", "clk"),
                ("rst", "rst"),
                ("s_valid", "valid && take"),
                ("s_ready", "room"),
                ("s_data", "data"),
                ("m_valid", "out_valid"),
                ("m_ready", "out_ready"),
                ("m_data", "out_data"),
            ],
        )
}

/// Clocks after which an unconfirmed rate is given up, in these tests.
const TRIAL: u32 = 1 << 14;

/// An opened echo with its line; the rest of its inputs are low, `take` is high.
fn open_echo(divisor: u32, stalls: StallPattern) -> (Model, UartLine) {
    let circuit = echo(divisor);
    let files = emit(&circuit).unwrap();
    lint(&files, &circuit.name).unwrap();
    let mut model = Build::new(&circuit.name, &files).open().unwrap();
    let line = UartLine::new(&mut model, divisor, stalls).unwrap();
    model.set_u32(model.port("take").unwrap(), 1);
    model.reset(50).unwrap();
    (model, line)
}

/// Sends words and compares what comes back.
fn echoes(model: &mut Model, line: &mut UartLine, input: &[u32]) -> bool {
    let mut got = vec![0; input.len()];
    let (_, received, _) = line.run(model, input, &mut got, false, LIMITS).unwrap();
    received == input.len() && got == input
}

/// Raises a one-bit input for one clock.
fn pulse(model: &mut Model, name: &str) {
    let port = model.port(name).unwrap();
    model.set_u32(port, 1);
    model.step().unwrap();
    model.set_u32(port, 0);
}

#[test]
fn the_serial_line_carries_words_both_ways_at_line_rate() {
    for divisor in [4, 5, 8, 17] {
        for stalls in [StallPattern::NONE, StallPattern::half(6)] {
            let (mut model, mut line) = open_echo(divisor, stalls);
            let input = words(7, 100);
            let before = model.cycles();
            assert!(echoes(&mut model, &mut line, &input), "divisor {divisor} {stalls:?}");
            assert_eq!(line.frame_errors(), 0);
            if stalls == StallPattern::NONE {
                // In and out overlap but for a word and a bit.
                let clocks = model.cycles() - before;
                assert!(clocks < u64::from(divisor) * 10 * 4 * 102 + 50, "divisor {divisor}: {clocks}");
            }
        }
    }
}

#[test]
fn a_new_rate_holds_once_a_header_has_come_and_not_otherwise() {
    let (mut model, mut line) = open_echo(8, StallPattern::NONE);
    let divisor = model.port("rate_divisor").unwrap();
    let input = words(10, 20);
    for (rate, confirmed) in [(23, true), (4, true), (5, false), (9, false), (12, true)] {
        model.set_u32(divisor, rate);
        pulse(&mut model, "rate_set");
        model.steps(1000).unwrap();
        line.set_bit_times(BitTime::clocks(rate), BitTime::clocks(rate));
        assert!(echoes(&mut model, &mut line, &input), "the new rate {rate}");
        if confirmed {
            pulse(&mut model, "header_seen");
        } else {
            model.steps(TRIAL.into()).unwrap();
            line.set_bit_times(BitTime::clocks(8), BitTime::clocks(8));
        }
        model.steps(2 * u64::from(TRIAL)).unwrap();
        assert!(echoes(&mut model, &mut line, &input), "after the trial of {rate}");
    }
    // A reset frame brings the base rate back.
    pulse(&mut model, "restart");
    model.steps(100).unwrap();
    line.set_bit_times(BitTime::clocks(8), BitTime::clocks(8));
    assert!(echoes(&mut model, &mut line, &input), "the base rate");
}

#[test]
fn a_rate_changes_when_the_last_bit_has_left() {
    let (mut model, mut line) = open_echo(8, StallPattern::NONE);
    let input = words(11, 3);
    let mut got = [0; 3];
    // The new rate is asked for while the echo is on its way.
    line.run(&mut model, &input, &mut got[..1], false, LIMITS).unwrap();
    let divisor = model.port("rate_divisor").unwrap();
    model.set_u32(divisor, 31);
    pulse(&mut model, "rate_set");
    line.run(&mut model, &[], &mut got[1..], false, LIMITS).unwrap();
    assert!(got[..] == input, "the old rate to the end: {got:x?}");
    assert_eq!(line.frame_errors(), 0);
    model.steps(1000).unwrap();
    line.set_bit_times(BitTime::clocks(31), BitTime::clocks(31));
    assert!(echoes(&mut model, &mut line, &input));
}

#[test]
fn what_a_line_loses_is_counted() {
    let (mut model, mut line) = open_echo(8, StallPattern::NONE);
    let [errors, take, rx] = ["line_errors", "take", "rx"].map(|p| model.port(p).unwrap());
    assert_eq!(model.get_u32(errors), 0);
    // Three words without room.
    model.set_u32(take, 0);
    line.run(&mut model, &words(12, 3), &mut [0; 1], false, Limits { cycles: 5000, silence: 500 }).unwrap();
    assert_eq!(model.get_u32(errors), 3);
    model.set_u32(take, 1);
    // A byte whose stop bit is low: nine and a half bits.
    model.set_u32(rx, 0);
    model.steps(78).unwrap();
    model.set_u32(rx, 1);
    model.steps(200).unwrap();
    assert_eq!(model.get_u32(errors), 4);
    assert!(echoes(&mut model, &mut line, &words(13, 20)), "nothing of it is left");
    pulse(&mut model, "restart");
    model.step().unwrap();
    assert_eq!(model.get_u32(errors), 0);
}

#[test]
fn a_break_is_seen_and_over_when_the_line_is_high() {
    let (mut model, mut line) = open_echo(8, StallPattern::NONE);
    let [rx, line_break, errors] = ["rx", "line_break", "line_errors"].map(|p| model.port(p).unwrap());
    model.set_u32(rx, 0);
    model.steps(u64::from(BREAK_CLOCKS) - 10).unwrap();
    assert_eq!(model.get_u32(line_break), 0, "a long zero is no break");
    model.steps(20).unwrap();
    assert_eq!(model.get_u32(line_break), 1);
    model.steps(100_000).unwrap();
    assert_eq!(model.get_u32(line_break), 1, "as long as it lasts");
    model.set_u32(rx, 1);
    model.steps(10).unwrap();
    assert_eq!((model.get_u32(line_break), model.get_u32(errors)), (0, 0));
    assert!(echoes(&mut model, &mut line, &words(14, 20)), "no bit of it is left");
}

#[test]
fn a_byte_of_zeros_is_no_break_at_any_rate() {
    // Nine bits of 2000 clocks are longer than a break.
    let (mut model, mut line) = open_echo(2000, StallPattern::NONE);
    const { assert!(9 * 2000 > BREAK_CLOCKS) };
    let [errors, rx, line_break] = ["line_errors", "rx", "line_break"].map(|p| model.port(p).unwrap());
    assert!(echoes(&mut model, &mut line, &[0, 0x0100_0000, 0]));
    assert_eq!(model.get_u32(errors), 0);
    // Without its stop bit it is one.
    model.set_u32(rx, 0);
    model.steps(10 * 2000).unwrap();
    assert_eq!(model.get_u32(line_break), 1);
}

#[test]
fn a_search_finds_the_magic_word_at_any_byte() {
    for lost in 1..4 {
        let (mut model, mut line) = open_echo(8, StallPattern::NONE);
        let align = model.port("align").unwrap();
        model.set_u32(align, 1);
        // The stream begins in the middle of a word: the first bytes of word 0 are lost.
        let sent = [0x1122_3344u32, MAGIC, 0x5566_7788, 0x99aa_bbcc, 0];
        let bytes: Vec<u8> = sent.iter().flat_map(|w| w.to_le_bytes()).skip(lost).chain(vec![0; lost]).collect();
        let shifted: Vec<u32> = bytes.chunks(4).map(|c| u32::from_le_bytes(c.try_into().unwrap())).collect();
        // At most one foreign word is made of what came before.
        let mut got = vec![0; 4];
        line.run(&mut model, &shifted, &mut got[..3], false, LIMITS).unwrap();
        let place = got.iter().position(|&w| w == MAGIC).unwrap();
        assert!(place <= 1, "{lost} bytes lost: {got:x?}");
        line.run(&mut model, &[], &mut got[3..3 + place], false, LIMITS).unwrap();
        assert_eq!(got[place..place + 3], [MAGIC, 0x5566_7788, 0x99aa_bbcc], "{lost} bytes lost");
    }
}
