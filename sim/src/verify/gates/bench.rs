//! The testbench of a netlist: generated Verilog that plays jobs from files and writes down what comes out, run by iverilog.
//!
//! A beat is one line of hexadecimal digits: the payload ports one after another, the first highest.

use crate::tools::{self, Scratch};
use galena_hdl::VerilogFile;
use galena_hdl::block::{Face, Job, Point};
use galena_hdl::gates::CELLS;
use galena_hdl::netlist::{Direction, Port};
use std::fmt::Write;
use std::process::Command;

/// Clocks without a beat after which a job counts as stuck.
const SILENCE: u64 = 20_000;

/// What came out of a netlist.
pub(super) struct Found {
    /// Of each job, of each output: its name, the words of a beat, the words.
    pub(super) jobs: Vec<Vec<(String, usize, Vec<u32>)>>,
    pub(super) clocks: u64,
}

/// Ports that move together: a stream's payload, or all inputs or outputs of a circuit with a fixed latency.
struct Bundle<'a> {
    name: String,
    ports: Vec<&'a Port>,
}

impl<'a> Bundle<'a> {
    fn new(point: &'a Point, name: &str, takes: impl Fn(&Port) -> bool) -> Self {
        let ports = point.module.ports.iter().filter(|p| p.name != "clk" && p.name != "rst" && takes(p)).collect();
        Self { name: name.into(), ports }
    }

    /// The payload of a stream.
    fn stream(point: &'a Point, prefix: &str) -> Self {
        let hand = [format!("{prefix}valid"), format!("{prefix}ready")];
        Self::new(point, prefix, |p| p.name.starts_with(prefix) && !hand.contains(&p.name))
    }

    fn bits(&self) -> usize {
        self.ports.iter().map(|p| p.width).sum()
    }

    fn words(&self) -> usize {
        self.ports.iter().map(|p| p.width.div_ceil(32)).sum()
    }

    fn verilog(&self) -> String {
        format!("{{{}}}", self.ports.iter().map(|p| p.name.as_str()).collect::<Vec<_>>().join(", "))
    }

    /// A beat as a line.
    fn line(&self, words: &[u32]) -> String {
        let mut bits = vec![];
        let mut words = words.iter();
        for port in &self.ports {
            let own: Vec<u32> = words.by_ref().take(port.width.div_ceil(32)).copied().collect();
            bits.extend((0..port.width).rev().map(|b| own.get(b / 32).is_some_and(|w| w >> (b % 32) & 1 == 1)));
        }
        hexadecimal(&bits)
    }

    /// A line as a beat; nothing if a bit of it is unknown.
    fn beat(&self, line: &str) -> Option<Vec<u32>> {
        let mut bits: Vec<bool> = vec![];
        for digit in line.trim().chars() {
            let digit = digit.to_digit(16)?;
            bits.extend((0..4).rev().map(|b| digit >> b & 1 == 1));
        }
        let mut bits = bits.get(bits.len().checked_sub(self.bits())?..)?;
        let mut words = vec![];
        for port in &self.ports {
            let (own, rest) = bits.split_at(port.width);
            words.extend(own.rchunks(32).map(|w| w.iter().fold(0, |sum, &bit| sum << 1 | bit as u32)));
            bits = rest;
        }
        Some(words)
    }
}

/// Bits, the highest first, as digits.
fn hexadecimal(bits: &[bool]) -> String {
    let digit = |four: &[bool]| four.iter().fold(0, |sum, &bit| sum << 1 | bit as u32);
    let mut digits: Vec<char> = bits.rchunks(4).map(|four| char::from_digit(digit(four), 16).unwrap_or('0')).collect();
    digits.reverse();
    digits.into_iter().collect()
}

/// Whether iverilog is there.
pub(super) fn installed() -> bool {
    ["iverilog", "vvp"].iter().all(|program| Command::new(program).arg("-V").output().is_ok())
}

/// Compiles Verilog files and runs their module `bench` in `dir`. Returns what it printed.
pub(super) fn execute(dir: &Scratch, files: &[VerilogFile]) -> Result<String, String> {
    let names = dir.write(files).map_err(|e| e.to_string())?;
    let mut compile = Command::new("iverilog");
    compile.current_dir(dir.path()).args(["-g2012", "-s", "bench", "-o", "bench.vvp"]).args(names);
    let mut simulate = Command::new("vvp");
    simulate.current_dir(dir.path()).args(["-n", "bench.vvp"]);
    let mut printed = String::new();
    for (name, run) in [("iverilog", compile), ("vvp", simulate)] {
        let output = tools::output(run, "iverilog").map_err(|e| e.to_string())?;
        if !output.status.success() {
            return Err(format!("{name} failed: {}", tools::log(&output)));
        }
        printed += &String::from_utf8_lossy(&output.stdout);
    }
    Ok(printed)
}

/// Runs jobs, back to back, each with whether its streams pause, through a netlist of a point's circuit.
pub(super) fn run(point: &Point, netlist: &str, jobs: &[(Job, bool)]) -> Result<Found, String> {
    let (inputs, outputs): (Vec<Bundle>, Vec<Bundle>) = match &point.face {
        Face::Fixed { .. } => (
            vec![Bundle::new(point, "inputs", |p| p.direction == Direction::Input)],
            vec![Bundle::new(point, "outputs", |p| p.direction != Direction::Input)],
        ),
        Face::Streams { inputs, outputs, .. } => (
            inputs.iter().map(|prefix| Bundle::stream(point, prefix)).collect(),
            outputs.iter().map(|prefix| Bundle::stream(point, prefix)).collect(),
        ),
    };
    let dir = Scratch::new("gates").map_err(|e| e.to_string())?;
    let file = |name: &str, text: &str| VerilogFile { name: name.into(), text: text.into() };
    let mut files = vec![file("bench.v", &testbench(point, &inputs, &outputs, jobs)), file("netlist.v", netlist)];
    files.extend(CELLS.iter().map(|(cell, text)| file(&format!("{cell}.v"), text)));
    for (k, bundle) in inputs.iter().enumerate() {
        let beats =
            jobs.iter().flat_map(|(job, _)| job.inputs.get(k)).flat_map(|words| words.chunks(bundle.words().max(1)));
        let lines: String = beats.map(|beat| bundle.line(beat) + "\n").collect();
        files.push(file(&format!("in_{k}.hex"), &(lines + &"0".repeat(bundle.bits().div_ceil(4)) + "\n")));
    }
    let printed = execute(&dir, &files)?;
    let clocks = printed.lines().find_map(|l| l.strip_prefix("done after ")?.trim().parse().ok());
    let clocks = clocks.ok_or_else(|| format!("the netlist did not end its jobs: {}", printed.trim()))?;
    let mut rest: Vec<Vec<String>> = vec![];
    for k in 0..outputs.len() {
        let text = dir.read(&format!("out_{k}.hex")).map_err(|e| e.to_string())?;
        rest.push(text.lines().map(str::to_string).collect());
    }
    let mut found = vec![];
    for (number, (job, _)) in jobs.iter().enumerate() {
        let mut streams = vec![];
        for (k, bundle) in outputs.iter().enumerate() {
            let count = job.model.get(k).map_or(0, Vec::len) / bundle.words().max(1);
            let mut words = vec![];
            let count = count.min(rest[k].len());
            for line in rest[k].drain(..count) {
                let unknown = || format!("job {number} ({}): unknown bits from {}: {line}", job.what, bundle.name);
                words.extend(bundle.beat(&line).ok_or_else(unknown)?);
            }
            streams.push((bundle.name.clone(), bundle.words(), words));
        }
        found.push(streams);
    }
    Ok(Found { jobs: found, clocks })
}

fn testbench(point: &Point, inputs: &[Bundle], outputs: &[Bundle], jobs: &[(Job, bool)]) -> String {
    let mut t = String::from(
        "`timescale 1ns / 1ns\n\nmodule bench;\n    integer bench_clocks = 0, bench_seed = 1;\n    reg bench_moved;\n",
    );
    for port in &point.module.ports {
        let (kind, zero) = if port.direction == Direction::Input { ("reg", " = 0") } else { ("wire", "") };
        let _ = writeln!(t, "    {kind} [{}:0] {}{zero};", port.width - 1, port.name);
    }
    let connections: Vec<String> = point.module.ports.iter().map(|p| format!(".{0}({0})", p.name)).collect();
    let _ = writeln!(t, "    {} dut ({});", point.module.name, connections.join(", "));
    for (k, bundle) in inputs.iter().enumerate() {
        let beats: usize =
            jobs.iter().filter_map(|(job, _)| job.inputs.get(k)).map(|w| w.len() / bundle.words().max(1)).sum();
        let _ = writeln!(t, "    reg [{}:0] in_{k} [0:{beats}];", bundle.bits().max(1) - 1);
        let _ = writeln!(t, "    integer at_{k} = 0, end_{k} = 0;\n    reg offered_{k} = 0;");
        let _ = writeln!(t, "    initial $readmemh(\"in_{k}.hex\", in_{k});");
    }
    for k in 0..outputs.len() {
        let _ =
            writeln!(t, "    integer out_{k}, left_{k} = 0;\n    initial out_{k} = $fopen(\"out_{k}.hex\", \"w\");");
    }
    t += "\n    task tick; begin #1 clk = 1; #5 clk = 0; bench_clocks = bench_clocks + 1; end endtask\n\n";
    match &point.face {
        Face::Fixed { latency } => flow(&mut t, &inputs[0], &outputs[0], *latency),
        Face::Streams { .. } => streams(&mut t, inputs, outputs),
    }
    t += "    initial begin\n        #4;\n";
    if point.module.ports.iter().any(|p| p.name == "rst") {
        t += "        rst = 1; tick; tick; tick; tick; rst = 0;\n";
    }
    for (job, stalls) in jobs {
        for entry in &job.pins {
            for (name, words) in entry {
                let width = point.module.ports.iter().find(|p| p.name == *name).map_or(1, |p| p.width);
                let bits: Vec<bool> =
                    (0..width).rev().map(|b| words.get(b / 32).is_some_and(|w| w >> (b % 32) & 1 == 1)).collect();
                let _ = writeln!(t, "        {name} = {width}'h{};", hexadecimal(&bits));
            }
            t += "        #4 tick;\n";
        }
        let count = |side: &[Vec<u32>], k: usize, b: &Bundle| side.get(k).map_or(0, Vec::len) / b.words().max(1);
        let into: Vec<usize> = inputs.iter().enumerate().map(|(k, b)| count(&job.inputs, k, b)).collect();
        let out: Vec<usize> = outputs.iter().enumerate().map(|(k, b)| count(&job.model, k, b)).collect();
        let all: Vec<String> = into.iter().chain(&out).map(usize::to_string).collect();
        let _ = writeln!(t, "        play({}, {});", *stalls as u8, all.join(", "));
    }
    t + "        $display(\"done after %0d\", bench_clocks);\n        $finish;\n    end\nendmodule\n"
}

/// A beat a clock, and after the latency a beat a clock.
fn flow(t: &mut String, input: &Bundle, output: &Bundle, latency: usize) {
    let (into, out, fill) = (input.verilog(), output.verilog(), latency.max(1) - 1);
    let write = format!("$fdisplay(out_0, \"%h\", {out})");
    let (before, after) = match latency {
        0 => (format!("if (k >= total - wanted) {write};"), String::new()),
        _ => (String::new(), format!("if (k + 1 >= {latency} + total - wanted) {write};")),
    };
    let _ = writeln!(
        t,
        "    task play(input stalls, input integer total, input integer wanted);
        integer k;
        for (k = 0; k < total + {fill} && total > 0; k = k + 1) begin
            {into} = k < total ? in_0[at_0 + k] : 0;
            #4 {before}
            tick;
            {after}
            if (k + 1 == total + {fill}) at_0 = at_0 + total;
        end
    endtask
"
    );
}

/// Valid/ready streams, with pauses in half of the clocks if asked.
fn streams(t: &mut String, inputs: &[Bundle], outputs: &[Bundle]) {
    let mut arguments = vec!["input stalls".to_string()];
    let (mut begin, mut open, mut offer, mut look, mut end) =
        (String::new(), vec![], String::new(), String::new(), String::new());
    for (k, b) in inputs.iter().enumerate() {
        let (name, payload) = (&b.name, b.verilog());
        arguments.push(format!("input integer send_{k}"));
        let _ = writeln!(begin, "            end_{k} = at_{k} + send_{k};");
        open.push(format!("at_{k} < end_{k}"));
        let _ = writeln!(
            offer,
            "                if (!offered_{k} && at_{k} < end_{k} && !(stalls && ($random(bench_seed) & 1))) offered_{k} = 1;
                {name}valid = offered_{k};
                if (offered_{k}) {payload} = in_{k}[at_{k}];"
        );
        let _ = writeln!(
            look,
            "                if (offered_{k} && {name}ready === 1'b1) begin
                    at_{k} = at_{k} + 1;
                    offered_{k} = 0;
                    bench_moved = 1;
                end"
        );
        let _ = writeln!(end, "            {name}valid = offered_{k};");
    }
    for (k, b) in outputs.iter().enumerate() {
        let (name, payload) = (&b.name, b.verilog());
        arguments.push(format!("input integer want_{k}"));
        let _ = writeln!(begin, "            left_{k} = want_{k};");
        open.push(format!("left_{k} > 0"));
        let _ =
            writeln!(offer, "                {name}ready = left_{k} > 0 && !(stalls && ($random(bench_seed) & 1));");
        let _ = writeln!(
            look,
            "                if ({name}valid === 1'bx) begin
                    $display(\"unknown {name}valid at clock %0d\", bench_clocks);
                    $finish;
                end
                if ({name}valid && {name}ready) begin
                    $fdisplay(out_{k}, \"%h\", {payload});
                    left_{k} = left_{k} - 1;
                    bench_moved = 1;
                end"
        );
        let _ = writeln!(end, "            {name}ready = 0;");
    }
    let _ = writeln!(
        t,
        "    task play({});
        integer quiet;
        begin
            quiet = 0;
{begin}            while (({}) && quiet < {SILENCE}) begin
{offer}                #4 bench_moved = 0;
{look}                tick;
                quiet = bench_moved ? 0 : quiet + 1;
            end
{end}            if (quiet == {SILENCE}) begin
                $display(\"nothing moved for {SILENCE} clocks\");
                $finish;
            end
        end
    endtask
",
        arguments.join(", "),
        open.join(" || ")
    );
}
