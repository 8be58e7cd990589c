//! The PCIe link in Verilator: beats to words and words to packets against the model, the user BAR, reset in the middle of anything, and the rate.

use galena_hdl::netlist::Module;
use galena_hdl::xdma::model::{self, Beat};
use galena_hdl::xdma::{CLEAR_CLOCKS, packets, words, xdma};
use galena_hdl::{emit, stream};
use galena_sim::lint::lint;
use galena_sim::verilated::{Build, End, Limits, Model, StallPattern, Stream};
use galena_sim::{Card, tools};
use galena_target::xdma::ShellRegister;
use galena_target::{Config, Link};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

const LIMITS: Limits = Limits { cycles: 2_000_000, silence: 20_000 };
const WIDTHS: [usize; 4] = [64, 128, 256, 512];
/// A small window makes many packets.
const WINDOW: usize = 2048;

fn open(circuit: &Module) -> Model {
    let files = emit(circuit).unwrap();
    lint(&files, &circuit.name).unwrap();
    let mut model = Build::new(&circuit.name, &files).open().unwrap();
    // Everything begins with random content, inputs too: a bus that nobody drives yet is quiet.
    for name in model.ports().iter().filter(|p| p.input).map(|p| p.name.clone()).collect::<Vec<_>>() {
        let port = model.port(&name).unwrap();
        model.set_wide(port, &[]);
    }
    model.reset(3).unwrap();
    model
}

/// Beats as the harness moves them: data, then the byte enables, in words; then `last` if the stream has it.
fn port_words(beats: &[Beat], with_last: bool) -> Vec<u32> {
    let mut out = vec![];
    for beat in beats {
        out.extend(&beat.words);
        out.push(beat.keep as u32);
        if beat.words.len() > 8 {
            out.push((beat.keep >> 32) as u32);
        }
        if with_last {
            out.push(beat.last.into());
        }
    }
    out
}

/// The inverse, with `last`.
fn port_beats(words: &[u32], bits: usize) -> Vec<Beat> {
    let lanes = bits / 32;
    let keep_words = lanes.div_ceil(8);
    let beat = |b: &[u32]| Beat {
        words: b[..lanes].to_vec(),
        keep: b[lanes..lanes + keep_words].iter().rev().fold(0, |keep, &w| keep << 32 | u64::from(w)),
        last: b[lanes + keep_words] == 1,
    };
    words.chunks(lanes + keep_words + 1).map(beat).collect()
}

/// Beats of every kind: full, short, empty, and one in eight with impossible byte enables.
fn random_beats(rng: &mut ChaCha8Rng, bits: usize, count: usize) -> Vec<Beat> {
    let lanes = bits / 32;
    let beat = |_| {
        let keep = match rng.random_range(0..8) {
            0 => rng.random::<u64>() & model::keep(lanes),
            1 => model::keep(lanes) & !(0xf << (4 * rng.random_range(0..lanes))),
            2..4 => model::keep(rng.random_range(0..=lanes)),
            _ => model::keep(lanes),
        };
        Beat { words: (0..lanes).map(|_| rng.random()).collect(), keep, last: rng.random() }
    };
    (0..count).map(beat).collect()
}

/// `words` with a counter of dropped beats.
fn counted(bits: usize) -> Module {
    Module::new("counted", "counts what is dropped")
        .clk_rst()
        .input("s_valid", 1, "")
        .output("s_ready", 1, "")
        .input("s_data", bits, "")
        .input("s_keep", bits / 8, "")
        .output("m_valid", 1, "")
        .input("m_ready", 1, "")
        .output("m_data", 32, "")
        .output_reg("dropped", 32, "")
        .link(
            "circuit",
            words(bits),
            "clk rst s_valid s_ready s_data s_keep m_valid m_ready m_data bad",
            [("clk", ""); 0],
        )
        .body("always @(posedge clk) if (rst) dropped <= 32'd0; else if (bad) dropped <= dropped + 1'b1;")
}

#[test]
fn words_leave_in_order_and_damaged_beats_are_dropped_and_counted() {
    let seed = 91;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    for bits in WIDTHS {
        let beats = random_beats(&mut rng, bits, 400);
        let expected: Vec<u32> = beats.iter().filter_map(model::words).flatten().copied().collect();
        let bad = beats.iter().filter(|b| model::words(b).is_none()).count();
        assert!(bad > 20 && expected.len() > 400, "the cases are there");
        for from in StallPattern::all(1) {
            for to in StallPattern::all(2) {
                let mut model = open(&counted(bits));
                let dropped = model.port("dropped").unwrap();
                let mut s = [model.stream("s_").unwrap().stalls(from)];
                let mut m = [model.stream("m_").unwrap().stalls(to)];
                s[0].send(&port_words(&beats, false));
                m[0].want(expected.len());
                assert_eq!(model.run(&mut s, &mut m, LIMITS).unwrap(), End::Done, "{bits} {from:?} {to:?} seed {seed}");
                assert!(m[0].received() == expected, "{bits} {from:?} {to:?} seed {seed}");
                m[0].want(1);
                assert_eq!(model.run(&mut s, &mut m, Limits { cycles: 1000, silence: 100 }).unwrap(), End::Silence);
                assert_eq!(model.get_u32(dropped), bad as u32, "{bits} {from:?} {to:?} seed {seed}");
            }
        }
    }
}

#[test]
fn packets_are_those_of_the_model() {
    let seed = 92;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    for bits in WIDTHS {
        // Frames from one word to more than two packets.
        let mut sent: Vec<(u32, bool)> = vec![];
        while sent.len() < 6 * WINDOW {
            let length =
                if rng.random_range(0..3) == 0 { rng.random_range(1..=WINDOW + 70) } else { rng.random_range(1..40) };
            sent.extend((1..=length).map(|k| (rng.random(), k == length)));
        }
        // One that ends exactly where the longest packet does, and a word alone after it.
        sent.extend((1..=WINDOW / 2).map(|k| (rng.random(), k == WINDOW / 2)));
        sent.push((rng.random(), true));
        let expected: Vec<Beat> =
            model::packets(&sent, WINDOW / 2).iter().flat_map(|p| model::beats(p, bits)).collect();
        let port: Vec<u32> = sent.iter().flat_map(|&(w, last)| [w, last.into()]).collect();
        for from in StallPattern::all(3) {
            for to in StallPattern::all(4) {
                let mut model = open(&packets(bits, WINDOW));
                let [clear, count] = ["clear", "packets"].map(|p| model.port(p).unwrap());
                model.set_u32(clear, 0);
                let mut s = [model.stream("s_").unwrap().stalls(from)];
                let mut m = [model.stream("m_").unwrap().stalls(to)];
                s[0].send(&port);
                m[0].want(expected.len());
                assert_eq!(model.run(&mut s, &mut m, LIMITS).unwrap(), End::Done, "{bits} {from:?} {to:?} seed {seed}");
                assert!(port_beats(m[0].received(), bits) == expected, "{bits} {from:?} {to:?} seed {seed}");
                model.step().unwrap();
                assert_eq!(model.get_u32(count), 0);
            }
        }
    }
}

#[test]
fn a_packet_is_offered_only_when_it_is_complete() {
    for bits in WIDTHS {
        let mut model = open(&packets(bits, WINDOW));
        let [clear, count] = ["clear", "packets"].map(|p| model.port(p).unwrap());
        model.set_u32(clear, 0);
        let (mut s, mut m) = ([model.stream("s_").unwrap()], [model.stream("m_").unwrap()]);
        let quiet = Limits { cycles: 5000, silence: 200 };
        // All but the last word: nothing is offered.
        let words: Vec<u32> = (0..200).collect();
        let port: Vec<u32> = words.iter().flat_map(|&w| [w, (w == 199).into()]).collect();
        s[0].send(&port[..2 * 199]);
        m[0].want(1);
        assert_eq!(model.run(&mut s, &mut m, quiet).unwrap(), End::Silence);
        assert_eq!((m[0].done(), model.get_u32(count)), (0, 0));
        // With it: the whole packet, a beat a clock.
        s[0].send(&port[2 * 199..]);
        let beats = 200usize.div_ceil(bits / 32);
        m[0].want(beats);
        let before = model.cycles();
        model.run(&mut s, &mut m, quiet).unwrap();
        let clocks = model.cycles() - before;
        assert!(clocks <= beats as u64 + 5, "{bits}: {beats} beats in {clocks} clocks");
        assert_eq!(port_beats(m[0].received(), bits), model::beats(&words, bits));
    }
}

#[test]
fn a_full_store_of_short_packets_holds_the_sender_and_loses_nothing() {
    let bits = 512;
    let mut model = open(&packets(bits, WINDOW));
    let [clear, count] = ["clear", "packets"].map(|p| model.port(p).unwrap());
    model.set_u32(clear, 0);
    let (mut s, mut m) = ([model.stream("s_").unwrap()], [model.stream("m_").unwrap()]);
    let port: Vec<u32> = (0..1000u32).flat_map(|w| [w, 1]).collect();
    s[0].send(&port);
    model.run(&mut s, &mut [], Limits { cycles: 5000, silence: 100 }).unwrap();
    // Each packet of one word takes a beat of sixteen.
    let held = s[0].done();
    assert!((WINDOW / 16..WINDOW / 16 + 4).contains(&held), "{held} packets");
    assert!(model.get_u32(count) as usize >= WINDOW / 16);
    m[0].want(1000);
    assert_eq!(model.run(&mut s, &mut m, LIMITS).unwrap(), End::Done);
    let got = port_beats(m[0].received(), bits);
    assert!(got.iter().zip(0..).all(|(beat, w)| beat.last && model::words(beat) == Some(&[w])));
}

fn config(bits: usize) -> Config {
    Config { link: Link::Xdma, stream_bits: bits, window: WINDOW, ..Config::named("tiny-pcie").unwrap().clone() }
}

/// The link with a loop of words behind it; a word with bit 31 ends a packet.
fn bench(bits: usize) -> Module {
    let link = xdma(&config(bits));
    let ports: Vec<_> =
        link.ports.iter().filter(|p| p.name.starts_with("s_ax") || p.name.starts_with("m_ax")).cloned().collect();
    let mut module = Module::new("bench", "the link and a loop").clk_rst();
    for port in &ports {
        module = match port.direction {
            galena_hdl::netlist::Direction::Input => module.input(&port.name, port.width, ""),
            _ => module.output(&port.name, port.width, ""),
        };
    }
    let names: Vec<&str> = ports.iter().map(|p| p.name.as_str()).collect();
    module
        .output("clear", 1, "")
        .output("dropped", 32, "")
        .reg("map_word", 32)
        .link(
            "link",
            link,
            &format!("clk rst in_valid in_data clear map_take map_index map_word out_ready {}", names.join(" ")),
            [
                ("in_ready", "in_ready"),
                ("in_space", "32'd1234"),
                ("restart", "1'b0"),
                ("line_errors", "dropped"),
                ("out_valid", "out_valid"),
                ("out_data", "out_data"),
                ("out_last", "out_data[31]"),
            ],
        )
        .link(
            "hold",
            stream::fifo(32, 64),
            "clk",
            [
                ("rst", "rst || clear"),
                ("s_valid", "in_valid"),
                ("s_ready", "in_ready"),
                ("s_data", "in_data"),
                ("m_valid", "out_valid"),
                ("m_ready", "out_ready"),
                ("m_data", "out_data"),
            ],
        )
        .body(
            "
            always @(posedge clk) if (map_take) map_word <= {26'h2aaaaaa, map_index};
            ",
        )
}

/// The five channels of the user BAR.
struct Bar {
    into: [Stream; 3],
    from: [Stream; 2],
}

impl Bar {
    fn new(model: &Model, stalls: [StallPattern; 2]) -> Self {
        let stream = |prefix, stalls| model.stream(prefix).unwrap().stalls(stalls);
        Self {
            into: [stream("s_axil_aw", stalls[0]), stream("s_axil_w", stalls[1]), stream("s_axil_ar", stalls[0])],
            from: [stream("s_axil_b", stalls[1]), stream("s_axil_r", stalls[0])],
        }
    }

    fn read(&mut self, model: &mut Model, address: u64) -> u32 {
        self.into[2].send(&[address as u32, 0]);
        self.from[1].want(1);
        assert_eq!(model.run(&mut self.into[2..], &mut self.from[1..], LIMITS).unwrap(), End::Done);
        let [data, response] = self.from[1].received() else { panic!("a beat of two words") };
        let data = (*data, *response);
        self.into[2].clear();
        self.from[1].clear();
        assert_eq!(data.1, 0, "OKAY");
        data.0
    }

    fn write_part(&mut self, model: &mut Model, address: u64, value: u32, strobes: u32) {
        self.into[0].send(&[address as u32, 0]);
        self.into[1].send(&[value, strobes]);
        self.from[0].want(1);
        assert_eq!(model.run(&mut self.into[..2], &mut self.from[..1], LIMITS).unwrap(), End::Done);
        assert_eq!(self.from[0].received(), [0], "OKAY");
        self.into[..2].iter_mut().chain(&mut self.from[..1]).for_each(Stream::clear);
    }

    fn write(&mut self, model: &mut Model, address: u64, value: u32) {
        self.write_part(model, address, value, 0xf);
    }
}

#[test]
fn the_user_bar_reads_and_writes_under_every_stall() {
    let scratch = ShellRegister::Scratch.address();
    for aw in StallPattern::all(5) {
        for w in StallPattern::all(6) {
            let mut model = open(&bench(64));
            let mut bar = Bar::new(&model, [aw, w]);
            assert_eq!(bar.read(&mut model, scratch), 0);
            bar.write(&mut model, scratch, 0xfeed_beef);
            for strobes in 0..15 {
                bar.write_part(&mut model, scratch, 0x1111_1111, strobes);
            }
            assert_eq!(bar.read(&mut model, scratch), 0xfeed_beef, "partial writes are ignored");
            // The map, its end, what is not there, and addresses that are not those of a word.
            assert_eq!(bar.read(&mut model, 0), 0xaaaa_aa80);
            assert_eq!(bar.read(&mut model, 4 * 47 + 3), 0xaaaa_aa80 | 47);
            for nothing in [4 * 48, 0xfc, 0x100, 0x110, 0x80c, 0xd0c, 0xffc] {
                assert_eq!(bar.read(&mut model, nothing), 0, "{nothing:x}");
            }
            bar.write(&mut model, 0, 5);
            bar.write(&mut model, 0xd0c, 5);
            assert_eq!((bar.read(&mut model, 0), bar.read(&mut model, scratch)), (0xaaaa_aa80, 0xfeed_beef));
            assert_eq!(bar.read(&mut model, ShellRegister::Space.address()), 1234);
            assert_eq!(bar.read(&mut model, ShellRegister::Packets.address()), 0);
        }
    }
}

#[test]
fn writes_take_their_halves_in_any_order() {
    let mut model = open(&bench(64));
    let mut bar = Bar::new(&model, [StallPattern::NONE; 2]);
    let scratch = ShellRegister::Scratch.address();
    let quiet = Limits { cycles: 100, silence: 20 };
    for (first, second, value) in [(0, 1, 7u32), (1, 0, 9)] {
        let halves = [[scratch as u32, 0], [value, 0xf]];
        bar.from[0].want(1);
        bar.into[first].send(&halves[first]);
        model.run(&mut bar.into[first..first + 1], &mut bar.from[..1], quiet).unwrap();
        assert_eq!((bar.into[first].done(), bar.from[0].done()), (1, 0), "half a write is no write");
        bar.into[second].send(&halves[second]);
        assert_eq!(model.run(&mut bar.into[second..second + 1], &mut bar.from[..1], quiet).unwrap(), End::Done);
        bar.into.iter_mut().chain(&mut bar.from).for_each(Stream::clear);
        assert_eq!(bar.read(&mut model, scratch), value);
    }
    // A response that nobody takes holds the next ones, and loses none.
    for value in 0..3u32 {
        bar.into[0].send(&[scratch as u32, 0]);
        bar.into[1].send(&[value, 0xf]);
    }
    model.run(&mut bar.into[..2], &mut [], quiet).unwrap();
    assert!(bar.into[0].done() < 3);
    bar.from[0].want(3);
    assert_eq!(model.run(&mut bar.into[..2], &mut bar.from[..1], quiet).unwrap(), End::Done);
    bar.into.iter_mut().chain(&mut bar.from).for_each(Stream::clear);
    assert_eq!(bar.read(&mut model, scratch), 2);
}

#[test]
fn words_go_round_at_one_a_clock() {
    for bits in WIDTHS {
        let mut model = open(&bench(bits));
        let mut h2c = [model.stream("s_axis_h2c_t").unwrap()];
        let mut c2h = [model.stream("m_axis_c2h_t").unwrap()];
        let sent: Vec<u32> = (1..=8 * WINDOW as u32).collect();
        h2c[0].send(&port_words(&model::beats(&sent, bits), true));
        let expected: Vec<Beat> = sent.chunks(WINDOW / 2).flat_map(|p| model::beats(p, bits)).collect();
        c2h[0].want(expected.len());
        let before = model.cycles();
        assert_eq!(model.run(&mut h2c, &mut c2h, LIMITS).unwrap(), End::Done);
        let clocks = model.cycles() - before;
        assert!(port_beats(c2h[0].received(), bits) == expected, "{bits}");
        // All words in, then the last packet out at a beat a clock, and some latency.
        let least = (sent.len() + WINDOW / 2 / (bits / 32)) as u64;
        println!("{bits} bits: {} words in and out in {clocks} clocks", sent.len());
        assert!(clocks <= least + 20, "{bits} bits: {clocks} clocks, the least is {least}");
    }
}

#[test]
fn control_empties_both_directions_and_the_bar_answers_meanwhile() {
    for bits in WIDTHS {
        let lanes = bits / 32;
        let mut model = open(&bench(bits));
        let mut bar = Bar::new(&model, [StallPattern::NONE; 2]);
        let clear = model.port("clear").unwrap();
        bar.write(&mut model, ShellRegister::Scratch.address(), 77);
        for value in [0, 2, 0x8000_0001] {
            bar.write(&mut model, ShellRegister::Control.address(), value);
            model.step().unwrap();
            assert_eq!(model.get_u32(clear), 0, "only 1 resets");
        }
        // A complete packet that nobody reads, and half of the next.
        let mut h2c = [model.stream("s_axis_h2c_t").unwrap()];
        let sent: Vec<u32> = (1..=100).map(|k| if k == 50 { 1 << 31 } else { k }).collect();
        h2c[0].send(&port_words(&model::beats(&sent, bits), true));
        model.run(&mut h2c, &mut [], LIMITS).unwrap();
        model.steps(200).unwrap();
        assert_eq!(bar.read(&mut model, ShellRegister::Packets.address()), 1);
        bar.write(&mut model, ShellRegister::Control.address(), 1);
        let mut held = 0;
        assert_eq!(model.get_u32(clear), 1);
        assert_eq!(bar.read(&mut model, ShellRegister::Scratch.address()), 77, "answered");
        assert_eq!(model.get_u32(clear), 1, "in the middle of the reset");
        while model.get_u32(clear) == 1 {
            model.step().unwrap();
            held += 1;
        }
        assert!(held < CLEAR_CLOCKS);
        assert_eq!(bar.read(&mut model, ShellRegister::Packets.address()), 0);
        assert_eq!(bar.read(&mut model, ShellRegister::Scratch.address()), 77, "survives");
        // Nothing of before is left: the next packet begins with the next word.
        let mut c2h = [model.stream("m_axis_c2h_t").unwrap()];
        let again = [5, 6, 7, 1 << 31];
        h2c[0].clear();
        h2c[0].send(&port_words(&model::beats(&again, bits), true));
        c2h[0].want(4usize.div_ceil(lanes));
        assert_eq!(model.run(&mut h2c, &mut c2h, LIMITS).unwrap(), End::Done);
        assert_eq!(port_beats(c2h[0].received(), bits), model::beats(&again, bits));
    }
}

#[test]
fn a_reset_in_the_middle_of_a_packet_ends_it() {
    let seed = 93;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    for round in 0..40 {
        let bits = WIDTHS[round % 4];
        let mut model = open(&bench(bits));
        let mut bar = Bar::new(&model, [StallPattern::NONE; 2]);
        let mut h2c = [model.stream("s_axis_h2c_t").unwrap()];
        let mut sent: Vec<u32> = (1..=600).collect();
        sent[599] |= 1 << 31;
        h2c[0].send(&port_words(&model::beats(&sent, bits), true));
        model.run(&mut h2c, &mut [], LIMITS).unwrap();
        model.steps(700).unwrap();
        let beats = 600 / (bits / 32);
        let taken = rng.random_range(1..beats);
        let mut c2h = [model.stream("m_axis_c2h_t").unwrap()];
        c2h[0].want(taken);
        model.run(&mut [], &mut c2h, LIMITS).unwrap();
        bar.write(&mut model, ShellRegister::Control.address(), 1);
        // The engine's transfer goes on, from the reset's first clocks or later: it gets one word of filler, and its end.
        model.steps(rng.random_range(0..40)).unwrap();
        let mut c2h = [model.stream("m_axis_c2h_t").unwrap()];
        c2h[0].want(2);
        assert_eq!(model.run(&mut [], &mut c2h, Limits { cycles: 1000, silence: 100 }).unwrap(), End::Silence);
        let filler = Beat { words: vec![0; bits / 32], keep: 0xf, last: true };
        assert_eq!(port_beats(c2h[0].received(), bits), [filler], "{bits} after {taken} beats, seed {seed}");
        assert_eq!(bar.read(&mut model, ShellRegister::Packets.address()), 0);
    }
}

fn bytes(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|w| w.to_le_bytes()).collect()
}

#[test]
fn a_card_moves_transfers_and_packets_as_its_driver_does() {
    for bits in WIDTHS {
        let stalls = [StallPattern::half(7), StallPattern::bursts(8)];
        let model = Build::new("bench", &emit(&bench(bits)).unwrap()).open().unwrap();
        let mut card = Card::new(model, &config(bits)).unwrap().stalls(stalls[0], stalls[1]).unwrap();
        assert!(card.idle());
        let mut out = vec![];
        assert!(!card.read(&mut out).unwrap(), "no packet yet");
        // Three packets in five transfers that are cut anywhere.
        let mut words: Vec<u32> = (1..=300).collect();
        for end in [99, 100, 299] {
            words[end] |= 1 << 31;
        }
        let mut rest = &words[..];
        for length in [1, 17, 131, 64, 87] {
            let (now, later) = rest.split_at(length);
            assert_eq!(card.write(&bytes(now)).unwrap(), 4 * length);
            rest = later;
        }
        assert!(rest.is_empty() && !card.idle());
        let before = card.cycles();
        card.run(1000).unwrap();
        assert_eq!((card.cycles() - before, card.queued()), (1000, 0));
        assert_eq!(card.bar_read(ShellRegister::Packets.address()).unwrap(), 3);
        assert!(!card.idle());
        for packet in [&words[..100], &words[100..101], &words[101..]] {
            out.clear();
            assert!(card.read(&mut out).unwrap());
            assert!(out == bytes(packet), "{bits}");
        }
        assert!(card.idle() && !card.read(&mut out).unwrap());
        // Registers, and a reset that loses what is queued and what is offered.
        card.bar_write(ShellRegister::Scratch.address(), 0x1234_5678).unwrap();
        card.write(&bytes(&words)).unwrap();
        card.run(1000).unwrap();
        card.write(&bytes(&words)).unwrap();
        card.bar_write(ShellRegister::Control.address(), 1).unwrap();
        card.run(1000).unwrap();
        assert!(card.idle());
        assert_eq!(card.bar_read(ShellRegister::Scratch.address()).unwrap(), 0x1234_5678);
        // A transfer that ends within a word: its last beat is damaged, what was before it is not.
        let dropped = card.model_mut().port("dropped").unwrap();
        card.write(&[bytes(&words[..bits / 32]), vec![1, 2, 3, 4, 5]].concat()).unwrap();
        card.write(&bytes(&words[99..100])).unwrap();
        card.run(1000).unwrap();
        assert_eq!(card.model_mut().get_u32(dropped), 1);
        out.clear();
        assert!(card.read(&mut out).unwrap());
        assert_eq!(out, [bytes(&words[..bits / 32]), bytes(&words[99..100])].concat());
    }
}

#[test]
fn a_card_takes_a_long_transfer_piece_by_piece() {
    let bits = 64;
    let model = Build::new("bench", &emit(&bench(bits)).unwrap()).open().unwrap();
    let mut card = Card::new(model, &config(bits)).unwrap();
    let words: Vec<u32> = (1..=40_000).collect();
    let all = bytes(&words);
    let (mut at, mut out) = (0, vec![]);
    while out.len() < 4 * (words.len() - words.len() % (WINDOW / 2)) {
        at += card.write(&all[at..]).unwrap();
        card.run(500).unwrap();
        while card.read(&mut out).unwrap() {}
        assert!(card.cycles() < 200_000, "it moves");
    }
    assert!(at == all.len() && all.starts_with(&out));
}

#[test]
fn every_width_passes_yosys() {
    for bits in WIDTHS {
        let files = emit(&xdma(&config(bits))).unwrap();
        lint(&files, "xdma_link").unwrap();
        tools::yosys(&files, &[], "hierarchy -check -top xdma_link; proc; check -assert").unwrap();
    }
}
