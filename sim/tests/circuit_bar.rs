//! The user BAR of several cores in Verilator: each page has the registers of its own core, whatever the neighbours do, and nothing is lost under stalls.

use galena_hdl::netlist::Module;
use galena_hdl::xdma::registers;
use galena_hdl::{emit, pages};
use galena_sim::lint::lint;
use galena_sim::verilated::{Build, Model};
use galena_target::xdma::{BAR_BYTES, ShellRegister};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

const SCRATCH: u32 = ShellRegister::Scratch as u32;
const PACKETS: u32 = ShellRegister::Packets as u32;
const CONTROL: u32 = ShellRegister::Control as u32;

/// Clocks within which an access must have ended.
const ANSWER: usize = 100;

/// The pages with the registers of so many cores behind them; the word of the register map is that of the page and the index.
fn bench(count: usize) -> Module {
    let split = pages(count);
    let mut module = Module::new("bar_bench", "pages with registers behind them").timing("", "").clk_rst();
    for port in split.ports.iter().filter(|p| p.name.starts_with("bar_")) {
        let input = port.direction == galena_hdl::netlist::Direction::Input;
        module =
            if input { module.input(&port.name, port.width, "") } else { module.output(&port.name, port.width, "") };
    }
    let own: Vec<(String, String)> = split.ports.iter().map(|p| (p.name.clone(), p.name.clone())).collect();
    for (name, width) in split.ports.iter().filter(|p| p.name.starts_with("page_")).map(|p| (&p.name, p.width)) {
        module = module.wire(name, width);
    }
    module = module.instance("split", split, own);
    for k in 0..count {
        let slave = registers();
        module = module
            .wire(format!("index_{k}"), 6)
            .wire(format!("take_{k}"), 1)
            .wire(format!("clear_{k}"), 1)
            .reg(format!("word_{k}"), 32);
        let net = |port: &str| match port {
            "clk" | "rst" => port.to_string(),
            "map_index" | "map_take" | "clear" => format!("{}_{k}", port.trim_start_matches("map_")),
            "map_word" => format!("word_{k}"),
            "packets" | "space" => format!("32'd{k}"),
            _ => format!("page_{}_{k}", port.trim_start_matches("s_axil_")),
        };
        let all: Vec<(String, String)> = slave.ports.iter().map(|p| (p.name.clone(), net(&p.name))).collect();
        module = module
            .instance(format!("core_{k}"), slave, all)
            .body(format!("always @(posedge clk) if (take_{k}) word_{k} <= {{16'd{k}, 10'd0, index_{k}}};"));
    }
    let clears = (0..count).rev().map(|k| format!("clear_{k}")).collect::<Vec<_>>().join(", ");
    module.output("clears", count, "").body(format!("assign clears = {{{clears}}};"))
}

struct Bus {
    model: Model,
    rng: ChaCha8Rng,
    clears: u32,
}

impl Bus {
    fn new(count: usize, seed: u64) -> Self {
        let circuit = bench(count);
        let files = emit(&circuit).unwrap();
        lint(&emit(&pages(count)).unwrap(), &pages(count).name).unwrap();
        let mut model = Build::new(&circuit.name, &files).open().unwrap();
        for name in model.ports().iter().filter(|p| p.input).map(|p| p.name.clone()).collect::<Vec<_>>() {
            let port = model.port(&name).unwrap();
            model.set_wide(port, &[]);
        }
        model.reset(3).unwrap();
        Self { model, rng: ChaCha8Rng::seed_from_u64(seed), clears: 0 }
    }

    fn set(&mut self, name: &str, value: u32) {
        let port = self.model.port(name).unwrap();
        self.model.set_u32(port, value);
    }

    fn get(&mut self, name: &str) -> u32 {
        let port = self.model.port(name).unwrap();
        self.model.get_u32(port)
    }

    fn clock(&mut self) {
        self.model.step().unwrap();
        self.clears |= self.get("clears");
    }

    /// Offers a beat after a random pause until it is taken.
    fn offered(&mut self, valid: &str, ready: &str, left: &mut usize, there: &mut bool) {
        if !*there {
            self.set(valid, 0);
            return;
        }
        if *left > 0 {
            *left -= 1;
            self.set(valid, 0);
            return;
        }
        self.set(valid, 1);
        if self.get(ready) == 1 {
            *there = false;
        }
    }

    fn write(&mut self, address: u32, value: u32) {
        self.set("bar_awaddr", address);
        self.set("bar_wdata", value);
        self.set("bar_wstrb", 0xf);
        let (mut aw, mut w) = (true, true);
        let (mut aw_left, mut w_left, mut b_left) =
            (self.rng.random_range(0..4), self.rng.random_range(0..4), self.rng.random_range(0..6));
        for _ in 0..ANSWER {
            self.offered("bar_awvalid", "bar_awready", &mut aw_left, &mut aw);
            self.offered("bar_wvalid", "bar_wready", &mut w_left, &mut w);
            let valid = self.get("bar_bvalid") == 1;
            b_left = if valid && b_left > 0 { b_left - 1 } else { b_left };
            let take = valid && b_left == 0;
            self.set("bar_bready", take.into());
            self.clock();
            if take {
                assert!(!aw && !w, "answered before address and data were taken");
                self.set("bar_bready", 0);
                return;
            }
        }
        panic!("a write to {address:#x} does not return");
    }

    fn read(&mut self, address: u32) -> u32 {
        self.set("bar_araddr", address);
        let mut ar = true;
        let (mut ar_left, mut r_left) = (self.rng.random_range(0..4), self.rng.random_range(0..6));
        for _ in 0..ANSWER {
            self.offered("bar_arvalid", "bar_arready", &mut ar_left, &mut ar);
            let valid = self.get("bar_rvalid") == 1;
            r_left = if valid && r_left > 0 { r_left - 1 } else { r_left };
            let take = valid && r_left == 0;
            self.set("bar_rready", take.into());
            let value = self.get("bar_rdata");
            self.clock();
            if take {
                self.set("bar_rready", 0);
                return value;
            }
        }
        panic!("a read of {address:#x} does not return");
    }
}

#[test]
fn every_page_is_its_own_cores() {
    for count in [2, 4] {
        let mut bus = Bus::new(count, count as u64);
        let mut kept = vec![0; count];
        let page = |k: usize| (k * BAR_BYTES) as u32;
        for _ in 0..400 {
            let k = bus.rng.random_range(0..count);
            let index = bus.rng.random_range(0..40);
            if bus.rng.random() {
                kept[k] = bus.rng.random();
                bus.write(page(k) + SCRATCH, kept[k]);
            }
            let other = bus.rng.random_range(0..count);
            assert_eq!(bus.read(page(other) + SCRATCH), kept[other]);
            assert_eq!(bus.read(page(k) + 4 * index), (k as u32) << 16 | index);
            assert_eq!(bus.read(page(k) + PACKETS), k as u32);
        }
        assert_eq!(bus.clears, 0, "nobody was reset");
        // `control` resets the core of its page alone.
        bus.write(page(1) + CONTROL, 1);
        for _ in 0..ANSWER {
            bus.clock();
        }
        assert_eq!(bus.clears, 0b10);
    }
}
