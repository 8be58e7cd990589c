//! `galena device`, `hdl`, `doctor`: what is there, and whether it works.

mod galena;

use galena::Galena;

#[test]
fn devices_are_listed_and_describe_themselves() {
    assert!(Galena::new("device list").run().code(0).text().contains("cpu"));
    let list = Galena::new("device list --json").run().code(0).json();
    assert!(list.as_array().unwrap().iter().any(|device| device["selector"] == "cpu"));
    assert!(Galena::new("device info --device cpu").run().code(0).text().contains("commit"));
    let info = Galena::new("device info --device cpu --json").run().code(0).json();
    assert_eq!(info["name"], "cpu");
    assert!(info["kernels"].as_array().unwrap().len() >= 4);
    Galena::new("device info --device gpu").run().code(1).stderr(&["found `gpu`", "galena device list"]);
}

#[test]
fn the_cpu_passes_its_self_test() {
    let report = Galena::new("device selftest --device cpu --json").run().code(0).json();
    assert_eq!(report["passed"], true);
    let jobs = report["jobs"].as_array().unwrap();
    for kernel in ["lde", "commit", "hash", "tree", "grind"] {
        assert!(jobs.iter().filter(|job| job["kernel"] == kernel).count() >= 3, "{kernel}");
    }
    assert!(jobs.iter().all(|job| job["expected"] == job["found"] && job["fault"].is_null()));
    let text = Galena::new("device selftest --device cpu").run().code(0).text();
    for part in ["equal to the reference", "equal to published answers", "passed: 15 of 15"] {
        assert!(text.contains(part), "{part:?} in:\n{text}");
    }
}

/// Where the pinned tools are: the tests run elsewhere.
fn tools() -> String {
    galena_sim::tools::folder().display().to_string()
}

/// `galena ARGS`, with the pinned tools.
fn simulated(args: &str) -> Galena {
    Galena::new(args).env("GALENA_TOOLS", tools())
}

#[test]
fn the_simulated_hardware_passes_its_self_test_and_counts() {
    let report = simulated("device selftest --device sim:tiny --json").run().code(0).json();
    assert_eq!(report["passed"], true);
    let jobs = report["jobs"].as_array().unwrap();
    assert_eq!(jobs[0]["kernel"], "identify");
    for job in &jobs[1..] {
        assert!(job["cycles"].as_u64().unwrap() > 0, "{job}");
        assert!(job["kernel"] == "read" || job["utilisation"].as_f64().unwrap() > 0.0, "{job}");
    }
    assert!(jobs.iter().any(|job| job["kernel"] == "read"), "tiny has memory");
    let info = simulated("device info --device sim:tiny --json").run().code(0).json();
    assert_eq!(info["config"], "tiny");
    assert!(simulated("device info --device sim:tiny").run().code(0).text().contains("not recorded"));
}

#[test]
fn the_bench_says_what_the_link_and_the_computation_took() {
    let report = simulated("device bench --device sim:tiny --log-rows 5 --seconds 0.01 --json").run().code(0).json();
    assert_eq!(report["clocks"], "simulated");
    let kernels = report["kernels"].as_array().unwrap();
    assert_eq!(kernels.len(), 6, "every kernel that works");
    for kernel in kernels {
        let device = &kernel["device"];
        let number = |name: &str| device[name].as_f64().unwrap_or_else(|| panic!("{name} in {device}"));
        assert!(number("sent_words") > 0.0 && number("received_words") > 0.0);
        assert!(number("seconds") >= number("compute_seconds"), "{kernel}");
        assert!((0.0..=1.0).contains(&number("overlap")), "{kernel}");
        let rate = report["link_bytes_per_second"].as_f64().unwrap();
        assert!(number("sent_bytes_per_second") <= rate * 1.01, "faster than its link: {kernel}");
    }
    let text = simulated("device bench --device cpu --log-rows 5 --seconds 0.01").run().code(0).text();
    assert!(text.contains("it counts nothing itself"), "{text}");
}

#[test]
fn stats_recover_and_lists_of_devices() {
    let stats = simulated("device stats --device sim:tiny --json").run().code(0).json();
    assert!(stats["uptime_clocks"].as_u64().unwrap() > 0 && stats["errors"] == 0, "{stats}");
    assert!(simulated("device stats --device sim:tiny").run().code(0).text().contains("line"));
    Galena::new("device stats --device cpu").run().code(1).stderr(&["keeps registers, found `cpu`", "hint: "]);
    let text = simulated("device recover --device sim:tiny").run().code(0).text();
    assert!(text.contains("no reset was needed") && text.contains("the result is right"), "{text}");
    Galena::new("device recover --device serial:/nonexistent")
        .run()
        .code(1)
        .stderr(&["cannot be recovered", "hint: press"]);
    let both = simulated("device info --device cpu,sim:tiny --json").run().code(0).json();
    assert_eq!((&both[0]["name"], &both[1]["config"]), (&"cpu".into(), &"tiny".into()));
    Galena::new("device info --device cpu,cpu --capture c")
        .run()
        .code(1)
        .stderr(&["one device for --capture, found 2"]);
    Galena::new("device info --device cpu --deadline=-1").run().code(2).stderr(&["expected seconds"]);
}

#[test]
fn a_lab_file_names_devices() {
    let lab = "[device.bench1]\ndriver = \"sim\"\npath = \"tiny\"\nconfig = \"tiny\"\n\
               [device.wrong]\ndriver = \"sim\"\npath = \"tiny\"\nconfig = \"wide\"\n";
    let with_lab = |args: &str| simulated(args).file("lab.toml", lab);
    let info = with_lab("device info --device bench1 --lab lab.toml --json").run().code(0).json();
    assert_eq!((&info["selector"], &info["config"]), (&"bench1".into(), &"tiny".into()));
    with_lab("device info --device wrong --lab lab.toml").run().code(1).stderr(&["`wrong` is a `wide`"]);
    let list = with_lab("device list --lab lab.toml --json").run().code(0).json();
    assert_eq!((&list[0]["selector"], &list[0]["obstacle"]), (&"bench1".into(), &serde_json::Value::Null));
    with_lab("device info --device bench2 --lab lab.toml")
        .run()
        .code(1)
        .stderr(&["`bench1`, `wrong`", "found `bench2`"]);
    let doctor = with_lab("doctor").env("GALENA_LAB", "lab.toml").run().code(0).text();
    assert!(doctor.contains("lab.toml: bench1, wrong"), "{doctor}");
}

#[test]
fn a_capture_is_replayed_and_a_damaged_one_is_noticed() {
    let said = simulated("device selftest --device sim:tiny --capture c").run().code(0);
    let capture = said.read("c");
    let replay = |device: &str, bytes: &[u8]| {
        simulated(&format!("device replay c --device {device} --json")).file("c", bytes).run()
    };
    for device in ["model", "sim"] {
        let report = replay(device, &capture).code(0).json();
        assert!(report["jobs"].as_u64().unwrap() > 10 && report["difference"].is_null(), "{report}");
    }
    // A word of an answer, near the end, as if the device had computed something else.
    let mut damaged = capture.clone();
    let at = damaged.len() * 3 / 4;
    damaged[at] ^= 1;
    let said = replay("model", &damaged);
    assert!(said.code == 1 || said.json()["noise"].as_u64().unwrap() > 0, "{}", said.text());
    simulated("device replay c")
        .file("c", "no capture")
        .run()
        .code(1)
        .stderr(&["cannot read the capture `c`", "hint: "]);
    simulated("device replay c --device board").file("c", &capture).run().code(1).stderr(&["found `board`"]);
}

#[test]
fn a_proof_on_the_simulated_hardware_is_the_proof_of_the_cpu() {
    let prove = |device: &str| {
        let command = format!("prove --input - -o r --json --threads 2 {device}");
        Galena::new(&command).arg(galena::sample("fibonacci-c")).env("GALENA_TOOLS", tools()).stdin("30").run().code(0)
    };
    let (cpu, sim) = (prove("--device cpu"), prove("--device sim:tiny --require-device"));
    assert!(cpu.read("r") == sim.read("r"));
    let device = &sim.json()["devices"][0];
    assert!(device["total"]["jobs"].as_u64().unwrap() > 10, "{device}");
    assert!(device["utilisation"].as_f64().unwrap() > 0.5, "{device}");
    assert_eq!(device["faults"], 0);
    assert_eq!(cpu.json()["devices"], serde_json::json!([]));
    let said = Galena::new("prove --input - -o r --device sim:tiny --offload-rows 4 --sidecar s")
        .arg(galena::sample("fibonacci-c"))
        .env("GALENA_TOOLS", tools())
        .stdin("30")
        .run()
        .code(0);
    // Beside the receipt, where it was computed; in it, nothing of that.
    let sidecar: serde_json::Value = serde_json::from_slice(&said.read("s")).unwrap();
    assert_eq!(sidecar["receipt_sha256"], hex::encode(<sha2::Sha256 as sha2::Digest>::digest(said.read("r"))));
    let tiny = galena_target::Config::named("tiny").unwrap();
    let origin = &sidecar["devices"][0];
    assert_eq!((&origin["config"], &origin["bitstreams"]), (&"tiny".into(), &serde_json::json!([])));
    assert_eq!(origin["config_hash"], hex::encode(tiny.config_hash()));
    assert!(origin["jobs"].as_u64().unwrap() > 0 && said.read("r") == cpu.read("r"));
    let text = said.text();
    for part in ["device sim:tiny", "main", "logup", "fri layers", "above 2^4 rows"] {
        assert!(text.contains(part), "{part:?} in:\n{text}");
    }
}

#[test]
fn a_device_that_can_do_nothing_fails_where_it_is_required() {
    Galena::new("prove --input - -o r --device sim:tiny --require-device --offload-rows 1")
        .arg(galena::sample("fibonacci-c"))
        .env("GALENA_TOOLS", tools())
        .stdin("30")
        .run()
        .code(1)
        .stderr(&["could hold nothing of this proof", "hint: leave out --require-device"]);
}

#[test]
fn a_simulation_without_tools_says_how_to_get_them() {
    Galena::new("device info --device sim:tiny")
        .env("GALENA_TOOLS", "/nowhere")
        .env("GALENA_CACHE", "/tmp/galena-empty-cache")
        .run()
        .code(1)
        .stderr(&["verilator", "hint: "]);
    Galena::new("device info --device sim:huge").run().code(1).stderr(&["found `huge`"]);
}

#[test]
fn the_verilog_of_a_config_is_written_one_module_a_file() {
    let said = Galena::new("hdl emit --config tiny --out v").run().code(0);
    let mut names: Vec<String> = std::fs::read_dir(said.path("v"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert!(names.contains(&"galena_core.v".to_owned()), "{names:?}");
    let core = String::from_utf8(said.read("v/galena_core.v")).unwrap();
    assert!(core.contains("module galena_core"));
    Galena::new("hdl emit --config huge --out v").run().code(1).stderr(&["found `huge`", "galena hdl list"]);
}

#[test]
fn the_verilog_of_a_circuit_and_of_a_board_is_written() {
    let said = Galena::new("hdl emit --block hasher --point k16-tree --out v").run().code(0);
    let top = String::from_utf8(said.read("v/hasher_k16_r16.v")).unwrap();
    assert!(top.contains("module hasher_k16_r16") && !said.path("v/galena_core.v").exists());
    let smallest = Galena::new("hdl emit --block hasher --out v").run().code(0);
    assert!(smallest.path("v/hasher_k4_r7.v").exists());
    let board = Galena::new("hdl emit --config ecp5-25f --board ulx3s-25f --out v").run().code(0);
    assert!(
        ["galena_top.v", "clock_pll.v", "galena_core.v"].iter().all(|name| board.path(&format!("v/{name}")).exists())
    );
    Galena::new("hdl emit --block sorter --out v").run().code(1).stderr(&["`hasher`", "found `sorter`"]);
    Galena::new("hdl emit --block hasher --point k5 --out v").run().code(1).stderr(&["`k16-tree`", "found `k5`"]);
    Galena::new("hdl emit --config wide --board ulx3s-25f --out v").run().code(1).stderr(&["a config with a uart"]);
    Galena::new("hdl emit --out v").run().code(2);
    let blocks = Galena::new("hdl list --blocks --json").run().code(0).json();
    assert!(blocks.as_array().unwrap().iter().any(|b| b["block"] == "hasher" && b["multipliers"] == 564));
    assert!(Galena::new("hdl list --blocks").run().code(0).text().contains("hasher_k564_r16"));
}

#[test]
fn a_small_job_is_recorded_for_the_eyes() {
    let said = simulated("sim wave register --block --out waves").run();
    if said.stderr.contains("apt-get install") {
        return eprintln!("skipped: {}", said.stderr);
    }
    let said = said.code(0);
    assert!(said.text().contains("gtkwave waves/register-w8.gtkw"), "{}", said.text());
    for ending in ["fst", "gtkw", "svg"] {
        let file = said.folder.path().join(format!("waves/register-w8.{ending}"));
        assert!(std::fs::metadata(file).unwrap().len() > 200, "{ending}");
    }
    simulated("sim wave ntt --config tiny").run().code(1).stderr(&["`grind`", "found `ntt`", "--block"]);
    simulated("sim wave read --config wide").run().code(1).stderr(&["config `wide`", "`read`", "`tiny`"]);
    simulated("sim wave lde --config huge").run().code(1).stderr(&["found `huge`"]);
    simulated("sim wave lde").run().code(2);
}

#[test]
fn configs_are_listed() {
    let list = Galena::new("hdl list --json").run().code(0).json();
    assert!(list.as_array().unwrap().iter().any(|config| config["name"] == "wide"));
    assert!(Galena::new("hdl list").run().code(0).text().contains("wide"));
}

#[test]
fn doctor_names_what_is_missing_and_how_to_get_it() {
    let said = Galena::new("doctor --json").env("GALENA_TOOLS", "/nowhere").run().code(0);
    let report = said.json();
    let tools = report["tools"].as_array().unwrap();
    let verilator = tools.iter().find(|tool| tool["name"] == "verilator").unwrap();
    assert!(verilator["found"].is_null());
    assert_eq!(verilator["install"], "make tools");
    assert!(report["missing"].as_u64().unwrap() >= 1);
    let text = Galena::new("doctor").env("GALENA_TOOLS", "/nowhere").run().code(0).text();
    assert!(text.contains("missing") && text.contains("-> make tools"), "{text}");
}
