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
    assert_eq!(report["jobs"].as_array().unwrap().len(), 8, "four kernels at two sizes");
    assert!(Galena::new("device selftest --device cpu").run().code(0).text().contains("equal to the reference"));
}

/// Where the pinned tools are: the tests run elsewhere.
fn tools() -> String {
    galena_sim::tools::folder().display().to_string()
}

#[test]
fn the_simulated_hardware_passes_its_self_test_and_counts() {
    let report =
        Galena::new("device selftest --device sim:tiny --json").env("GALENA_TOOLS", tools()).run().code(0).json();
    assert_eq!(report["passed"], true);
    for job in report["jobs"].as_array().unwrap() {
        assert!(job["cycles"].as_u64().unwrap() > 0 && job["utilisation"].as_f64().unwrap() > 0.0, "{job}");
    }
    let info = Galena::new("device info --device sim:tiny --json").env("GALENA_TOOLS", tools()).run().code(0).json();
    assert_eq!(info["config"], "tiny");
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
    let text = Galena::new("prove --input - -o r --device sim:tiny --offload-rows 4")
        .arg(galena::sample("fibonacci-c"))
        .env("GALENA_TOOLS", tools())
        .stdin("30")
        .run()
        .code(0)
        .text();
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
