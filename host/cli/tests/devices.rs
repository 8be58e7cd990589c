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
