//! The stream blocks in Verilator: order, completeness and content under every pair of stall patterns; lint and yosys.

use galena_hdl::netlist::Module;
use galena_hdl::{emit, stream};
use galena_sim::tools;
use galena_sim::verilated::{Build, End, Limits, StallPattern, UartLine};
use rand::{Rng, SeedableRng};

/// An output that is left open on purpose is connected to nothing by name; that is not a mistake.
const WAIVERS: &[&str] = &["PINCONNECTEMPTY"];

const LIMITS: Limits = Limits { cycles: 2_000_000, silence: 20_000 };

/// Runs `input` (in the beats of `s_`) through `circuit` under every pair of stall patterns; `expected` must come out.
fn check(circuit: &Module, input: &[u32], expected: &[u32], beats_out: usize) {
    let files = emit(circuit).unwrap();
    tools::lint(&files, &circuit.name, WAIVERS).unwrap();
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
        tools::lint(&files, &circuit.name, WAIVERS).unwrap();
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
    tools::lint(&files, &circuit.name, WAIVERS).unwrap();
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

/// A serial loop: what is received is sent again, through a FIFO.
fn echo(divisor: usize) -> Module {
    Module::new("uart_echo", "sends back what it receives")
        .clk_rst()
        .input("rx", 1, "")
        .input("align", 1, "")
        .output("tx", 1, "")
        .wire("valid", 1)
        .wire("data", 32)
        .wire("out_valid", 1)
        .wire("out_ready", 1)
        .wire("out_data", 32)
        .instance(
            "receive",
            stream::uart::receive(divisor, 0x4e4c_4701),
            [
                ("clk", "clk"),
                ("rst", "rst"),
                ("rx", "rx"),
                ("align", "align"),
                ("m_valid", "valid"),
                ("m_data", "data"),
            ],
        )
        .instance(
            "hold",
            stream::fifo(32, 64),
            [
                ("clk", "clk"),
                ("rst", "rst"),
                ("s_valid", "valid"),
                ("s_ready", ""),
                ("s_data", "data"),
                ("m_valid", "out_valid"),
                ("m_ready", "out_ready"),
                ("m_data", "out_data"),
            ],
        )
        .instance(
            "send",
            stream::uart::send(divisor),
            [
                ("clk", "clk"),
                ("rst", "rst"),
                ("s_valid", "out_valid"),
                ("s_ready", "out_ready"),
                ("s_data", "out_data"),
                ("tx", "tx"),
            ],
        )
}

#[test]
fn the_uart_carries_words_both_ways_at_line_rate() {
    for divisor in [4, 8, 17] {
        for stalls in [StallPattern::NONE, StallPattern::half(6)] {
            let circuit = echo(divisor);
            let files = emit(&circuit).unwrap();
            tools::lint(&files, &circuit.name, WAIVERS).unwrap();
            let mut model = Build::new(&circuit.name, &files).open().unwrap();
            let mut line = UartLine::new(&mut model, divisor as u32, stalls).unwrap();
            model.reset(50).unwrap();
            let input = words(7, 100);
            let mut got = vec![0; 100];
            let (_, received, end) = line.run(&mut model, &input, &mut got, false, LIMITS).unwrap();
            assert_eq!((received, end), (100, End::Done), "divisor {divisor}");
            assert!(got == input, "divisor {divisor} {stalls:?}");
            assert_eq!(line.frame_errors(), 0);
        }
    }
}

#[test]
fn a_search_finds_the_magic_word_at_any_byte() {
    for lost in 1..4 {
        let mut model = Build::new("uart_echo", &emit(&echo(8)).unwrap()).open().unwrap();
        let align = model.port("align").unwrap();
        let mut line = UartLine::new(&mut model, 8, StallPattern::NONE).unwrap();
        model.set_u32(align, 1);
        model.reset(50).unwrap();
        // The stream begins in the middle of a word: the first bytes of word 0 are lost.
        let sent = [0x1122_3344u32, 0x4e4c_4701, 0x5566_7788, 0x99aa_bbcc, 0];
        let bytes: Vec<u8> = sent.iter().flat_map(|w| w.to_le_bytes()).skip(lost).chain(vec![0; lost]).collect();
        let shifted: Vec<u32> = bytes.chunks(4).map(|c| u32::from_le_bytes(c.try_into().unwrap())).collect();
        // At most one foreign word is made of what came before.
        let mut got = vec![0; 4];
        line.run(&mut model, &shifted, &mut got[..3], false, LIMITS).unwrap();
        let place = got.iter().position(|&w| w == 0x4e4c_4701).unwrap();
        assert!(place <= 1, "{lost} bytes lost: {got:x?}");
        line.run(&mut model, &[], &mut got[3..3 + place], false, LIMITS).unwrap();
        assert_eq!(got[place..place + 3], [0x4e4c_4701, 0x5566_7788, 0x99aa_bbcc], "{lost} bytes lost");
    }
}
