//! The transform in external memory in Verilator, against its model and Plonky3, with a memory model behind its AXI4 port.

use galena_hdl::block::{Job, Point, Size, block};
use galena_hdl::emit;
use galena_sim::SimError;
use galena_sim::lint::lint;
use galena_sim::tools;
use galena_sim::verilated::{Build, End, Limits, Memory, Model, StallPattern};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

const LIMITS: Limits = Limits { cycles: 5_000_000, silence: 200_000 };

/// Memory of the tiny circuits.
const BYTES: u64 = 1 << 22;

/// Where the memory of a job begins that is not at 0.
const BASE: u32 = 0x0020_5000;

fn points() -> Vec<Point> {
    (block("lde-external").unwrap().points)()
}

fn open(point: &Point) -> Model {
    let module = point.harness.as_ref().unwrap();
    let mut model = Build::new(&module.name, &emit(module).unwrap()).open().unwrap();
    model.attach_memory("axi_", &Memory::dram(BYTES)).unwrap();
    // Pins start anywhere: a sink that happens to be ready would take the beat of a failure that comes with the start.
    for port in ["s_valid", "m_ready"] {
        let port = model.port(port).unwrap();
        model.set_u32(port, 0);
    }
    model.reset(3).unwrap();
    model
}

/// Sets a job's pins, a clock each.
fn begin(model: &mut Model, job: &Job) {
    for clock in &job.pins {
        for (port, words) in clock {
            let port = model.port(port).unwrap();
            model.set_wide(port, words);
        }
        model.step().unwrap();
    }
}

/// Runs a job and checks every beat; returns the clocks from the first word on.
fn check(model: &mut Model, job: &Job, stalls: [StallPattern; 2], what: &str) -> u64 {
    begin(model, job);
    let mut s = [model.stream("s_").unwrap().stalls(stalls[0])];
    let mut m = [model.stream("m_").unwrap().stalls(stalls[1])];
    let before = model.cycles();
    s[0].send(&job.inputs[0]);
    m[0].want(job.model[0].len() / m[0].beat_words());
    let end = model.run(&mut s, &mut m, LIMITS).unwrap();
    assert_eq!(end, End::Done, "{what}: {} words in, {} rows out", s[0].done(), m[0].done());
    if let Some(at) = m[0].received().iter().zip(&job.model[0]).position(|(a, b)| a != b) {
        panic!("{what}: row {} of {} is wrong", at / m[0].beat_words(), job.model[0].len() / m[0].beat_words());
    }
    assert!(m[0].received() == job.reference[0], "{what}");
    let clocks = model.cycles() - before;
    // The last word of a beat says whether the job has failed; then some of what it asked of memory is still under way.
    let failed = job.model[0].last().copied();
    assert_eq!(Some(model.get_u32(model.port("error").unwrap())), failed, "{what}");
    if failed == Some(1) {
        model.steps(20_000).unwrap();
    }
    clocks
}

#[test]
fn every_point_with_stalls_and_slow_memory() {
    let seed = 301;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    for point in points().iter().take(6) {
        let mut model = open(point);
        for round in 0..30 {
            let size = [Size::Edge, Size::Small, Size::Random][round % 3];
            let mut job = (point.job)(&mut rng, size);
            // The memory need not begin at address 0.
            if round % 2 == 1 {
                let pins = job.pins.iter_mut().flatten().filter(|(name, _)| *name == "base");
                pins.for_each(|(_, words)| *words = vec![BASE]);
            }
            let all = StallPattern::all(rng.random());
            let memory = match round % 5 {
                0 => Memory::quick(BYTES),
                1 => Memory::dram(BYTES),
                2 => Memory { latency: 300, outstanding: 2, ..Memory::dram(BYTES) },
                3 => Memory { stalls: StallPattern::half(rng.random()), ..Memory::quick(BYTES) },
                _ => Memory { stalls: StallPattern::bursts(rng.random()), outstanding: 1, ..Memory::dram(BYTES) },
            };
            // A new memory is empty: nothing of the job before may be needed.
            model.attach_memory("axi_", &memory).unwrap();
            let stalls = [all[rng.random_range(0..4)], all[rng.random_range(0..4)]];
            let what = format!("{} round {round} {size:?} {} {stalls:?} {memory:?} seed {seed}", point.name, job.what);
            check(&mut model, &job, stalls, &what);
        }
    }
}

#[test]
fn a_dropped_job_and_a_reset_leave_nothing_behind() {
    let seed = 302;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    for point in points().iter().take(4) {
        let mut model = open(point);
        for round in 0..40 {
            let job = (point.job)(&mut rng, Size::Random);
            begin(&mut model, &job);
            let (mut s, mut m) = ([model.stream("s_").unwrap()], [model.stream("m_").unwrap()]);
            s[0].send(&job.inputs[0]);
            m[0].accept(rng.random_range(0..100));
            let limits = Limits { cycles: rng.random_range(1..8000), silence: 4000 };
            model.run(&mut s, &mut m, limits).unwrap();
            drop((s, m));
            for port in ["s_valid", "m_ready"] {
                let port = model.port(port).unwrap();
                model.set_u32(port, 0);
            }
            if round % 4 == 3 {
                model.reset(1).unwrap();
            } else {
                let clear = model.port("clear").unwrap();
                model.set_u32(clear, 1);
                model.step().unwrap();
                model.set_u32(clear, 0);
            }
            let job = (point.job)(&mut rng, Size::Small);
            check(&mut model, &job, [StallPattern::NONE; 2], &format!("{} round {round} seed {seed}", point.name));
        }
    }
}

#[test]
fn an_error_of_memory_and_an_illegal_size_end_at_the_pin() {
    let mut rng = ChaCha8Rng::seed_from_u64(303);
    let point = &points()[0];
    let mut model = open(point);
    let error = model.port("error").unwrap();
    for (fail_read, fail_write) in
        [(Some(1), None), (Some(9), None), (None, Some(1)), (None, Some(3)), (None, Some(12))]
    {
        let job = (point.job)(&mut rng, Size::Small);
        model.attach_memory("axi_", &Memory { fail_read, fail_write, ..Memory::dram(BYTES) }).unwrap();
        begin(&mut model, &job);
        let (mut s, mut m) = ([model.stream("s_").unwrap()], [model.stream("m_").unwrap()]);
        s[0].send(&job.inputs[0]);
        m[0].want(job.model[0].len() / m[0].beat_words());
        let end = model.run(&mut s, &mut m, Limits { cycles: 100_000, silence: 5000 }).unwrap();
        assert_eq!(end, End::Silence, "read {fail_read:?} write {fail_write:?}");
        assert_eq!(model.get_u32(error), 1);
        for port in ["s_valid", "m_ready"] {
            let port = model.port(port).unwrap();
            model.set_u32(port, 0);
        }
        let job = (point.job)(&mut rng, Size::Small);
        check(&mut model, &job, [StallPattern::NONE; 2], "after an error");
    }
    for (pin, value) in [("log_rows", 2), ("log_rows", 9), ("log_rows", 31), ("log_blowup", 2), ("log_blowup", 3)] {
        let mut job = (point.job)(&mut rng, Size::Small);
        for (_, words) in job.pins.iter_mut().flatten().filter(|(name, _)| *name == pin) {
            *words = vec![value];
        }
        // Nobody takes its words: the circuit alone.
        job.pins.push(vec![("told", vec![0])]);
        begin(&mut model, &job);
        model.steps(50).unwrap();
        assert_eq!(model.get_u32(error), 1, "{pin} = {value}");
        assert_eq!(model.get_u32(model.port("s_ready").unwrap()), 0, "{pin} = {value}");
        let job = (point.job)(&mut rng, Size::Small);
        check(&mut model, &job, [StallPattern::NONE; 2], "after a refused job");
    }
}

#[test]
fn whole_jobs_keep_the_lanes_and_the_memory_busy() {
    let mut rng = ChaCha8Rng::seed_from_u64(304);
    let point = points().into_iter().next_back().unwrap();
    let mut model = open(&point);
    let job = (point.job)(&mut rng, Size::Whole);
    model.attach_memory("axi_", &Memory::dram(BYTES)).unwrap();
    let clocks = check(&mut model, &job, [StallPattern::NONE; 2], &job.what);
    let figures = model.memory_figures();
    let lanes = point.multipliers as u64 - 1;
    let utilisation = job.multiplies as f64 / (lanes * clocks) as f64;
    println!(
        "{}: {}: {clocks} clocks, {utilisation:.4} of the butterflies' multipliers, {:.4} of all; {figures:?}, efficiency {:.4}",
        point.name,
        job.what,
        job.multiplies as f64 / ((lanes + 1) * clocks) as f64,
        figures.efficiency()
    );
    assert!(figures.shortest(32) >= 1024);
    // Neighbouring bursts go together, so that some find their row open.
    let bursts: u64 = figures.read_bursts.iter().chain(&figures.write_bursts).sum();
    println!("{} rows opened for {bursts} bursts", figures.row_opens);
    assert!(figures.row_opens * 100 <= 80 * bursts, "{} rows opened for {bursts} bursts", figures.row_opens);
    assert!(utilisation >= 0.80, "{utilisation}");
}

#[test]
fn the_memory_notices_a_broken_protocol() {
    // A manager that asks for a burst across 4 KiB, and one that withdraws an address.
    for (text, words) in [
        ("assign araddr_now = 12'hfe0; assign valid_now = 1'b1;", "crosses a 4 KiB boundary"),
        ("assign araddr_now = 12'h000; assign valid_now = !flip;", "withdrawn or changed"),
        ("assign araddr_now = 12'h004; assign valid_now = 1'b1;", "not aligned"),
    ] {
        let file = galena_hdl::VerilogFile { name: "manager.v".into(), text: manager(text) };
        let mut model = Build::new("manager", &[file]).waive("fatal").open().unwrap();
        let memory = Memory { stalls: StallPattern { seed: 1, enter: 255, leave: 1 }, ..Memory::dram(1 << 16) };
        let quick = Memory::quick(1 << 16);
        model.attach_memory("axi_", if words.starts_with("withdrawn") { &memory } else { &quick }).unwrap();
        match model.steps(200) {
            Err(SimError::Fatal { message, .. }) => assert!(message.contains(words), "{message}"),
            other => panic!("{words}: {other:?}"),
        }
    }
}

/// A manager that only reads.
fn manager(text: &str) -> String {
    format!(
        "`default_nettype none
module manager(input wire clk, output wire [0:0] axi_awid, output wire [15:0] axi_awaddr, output wire [7:0] axi_awlen,
    output wire [2:0] axi_awsize, output wire [1:0] axi_awburst, output wire axi_awvalid, input wire axi_awready,
    output wire [63:0] axi_wdata, output wire [7:0] axi_wstrb, output wire axi_wlast, output wire axi_wvalid, input wire axi_wready,
    input wire [0:0] axi_bid, input wire [1:0] axi_bresp, input wire axi_bvalid, output wire axi_bready,
    output wire [0:0] axi_arid, output wire [15:0] axi_araddr, output wire [7:0] axi_arlen, output wire [2:0] axi_arsize,
    output wire [1:0] axi_arburst, output wire axi_arvalid, input wire axi_arready,
    input wire [0:0] axi_rid, input wire [63:0] axi_rdata, input wire [1:0] axi_rresp, input wire axi_rlast, input wire axi_rvalid,
    output wire axi_rready);
    reg flip;
    wire [11:0] araddr_now;
    wire valid_now;
    {text}
    always @(posedge clk) flip <= !flip;
    assign axi_awid = 0; assign axi_awaddr = 0; assign axi_awlen = 0; assign axi_awsize = 3; assign axi_awburst = 1;
    assign axi_awvalid = 0; assign axi_wdata = 0; assign axi_wstrb = 0; assign axi_wlast = 0; assign axi_wvalid = 0;
    assign axi_bready = 1; assign axi_arid = 0; assign axi_araddr = {{4'd0, araddr_now}}; assign axi_arlen = 8'd7;
    assign axi_arsize = 3; assign axi_arburst = 1; assign axi_arvalid = valid_now; assign axi_rready = 1;
endmodule
"
    )
}

#[test]
fn lint_and_yosys_accept_it() {
    for (k, point) in points().iter().enumerate() {
        let files = emit(&point.module).unwrap();
        lint(&files, &point.module.name).unwrap();
        if k == 0 {
            let script = format!("hierarchy -check -top {}; proc; check -assert", point.module.name);
            tools::yosys(&files, &[], &script).unwrap();
        }
    }
}
