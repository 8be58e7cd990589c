//! The house's arrows point down only, and every dependency has a licence that `deny.toml` allows.
//! Both are read from `cargo metadata`, so a new crate or edge is seen without touching this file.

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};
use std::collections::{BTreeMap, BTreeSet};

/// Edges that must not exist, directly or through other crates: (from, prefix of the crate reached, why).
const FORBIDDEN: &[(&str, &str, &str)] = &[
    ("galena-vm", "p3-", "the VM has no field elements"),
    ("galena-target", "galena-hdl", "the ABI is below the circuits"),
    ("galena-hdl", "galena-vm", "circuits know no VM"),
    ("galena-hdl", "galena-constraints", "circuits know no chips"),
    ("galena-hdl", "galena-device", "circuits know no host"),
    ("galena-constraints", "galena-device", "the verifier is buildable without device code"),
    ("galena-constraints", "galena-target", "the verifier is buildable without hardware"),
    ("galena-constraints", "rust-hdl", "the verifier is buildable without hardware"),
    ("galena-device", "galena-hdl", "drivers know the ABI, not the circuits"),
    ("galena-device", "galena-sim", "the simulator is one more device"),
    ("galena-device", "galena-vm", "a device sees columns, not programs"),
    ("galena-device", "tokio", "only the cluster is asynchronous"),
    ("galena-sim", "tokio", "only the cluster is asynchronous"),
    ("galena-prover", "tokio", "only the cluster is asynchronous"),
    ("galena-prover", "galena-sim", "the prover takes any device"),
];

fn metadata() -> Metadata {
    MetadataCommand::new().exec().expect("cargo metadata")
}

/// Everything that `from` reaches by normal and build dependencies.
fn reach(metadata: &Metadata, from: &str) -> BTreeSet<String> {
    let resolve = metadata.resolve.as_ref().expect("a resolved graph");
    let name: BTreeMap<_, _> = metadata.packages.iter().map(|p| (&p.id, p.name.to_string())).collect();
    let nodes: BTreeMap<_, _> = resolve.nodes.iter().map(|n| (&n.id, n)).collect();
    let root =
        metadata.packages.iter().find(|p| p.name.as_str() == from).unwrap_or_else(|| panic!("no crate `{from}`"));
    let (mut seen, mut todo) = (BTreeSet::new(), vec![&root.id]);
    while let Some(id) = todo.pop() {
        for dep in &nodes[id].deps {
            let kept = dep.dep_kinds.iter().any(|k| k.kind != DependencyKind::Development);
            if kept && seen.insert(name[&dep.pkg].clone()) {
                todo.push(&dep.pkg);
            }
        }
    }
    seen
}

#[test]
fn arrows_point_down() {
    let metadata = metadata();
    let mut wrong = vec![];
    for (from, prefix, why) in FORBIDDEN {
        for found in reach(&metadata, from).iter().filter(|n| n.starts_with(prefix)) {
            wrong.push(format!("`{from}` depends on `{found}`, but {why}"));
        }
    }
    for package in metadata.workspace_packages() {
        if reach(&metadata, &package.name).contains("galena") {
            wrong.push(format!("`{}` depends on the command line", package.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_check_itself_sees_edges() {
    let metadata = metadata();
    assert!(reach(&metadata, "galena-hdl").contains("galena-target"));
    assert!(reach(&metadata, "galena").contains("galena-vm"), "edges through the workspace are followed");
    assert!(reach(&metadata, "galena-sim").contains("rust-hdl-core"), "edges through foreign crates are followed");
}

/// Does the list satisfy an SPDX expression? (`MIT/Apache-2.0` is the old spelling of `OR`.)
fn allowed(expression: &str, list: &BTreeSet<String>) -> bool {
    spdx::Expression::parse_mode(&expression.replace('/', " OR "), spdx::ParseMode::LAX)
        .is_ok_and(|e| e.evaluate(|req| list.contains(&req.to_string())))
}

#[test]
fn licences_are_allowed() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../deny.toml")).expect("deny.toml");
    let deny: toml::Table = text.parse().expect("deny.toml is TOML");
    let list = deny["licenses"]["allow"].as_array().expect("an array");
    let list: BTreeSet<String> = list.iter().map(|v| v.as_str().expect("a string").to_owned()).collect();
    let bad = |p: &&Package| !p.license.as_deref().is_some_and(|l| allowed(l, &list));
    let metadata = metadata();
    let found: Vec<_> = metadata.packages.iter().filter(bad).map(|p| format!("{} {:?}", p.name, p.license)).collect();
    assert!(found.is_empty(), "licences that deny.toml does not allow:\n{}", found.join("\n"));
    assert!(!allowed("GPL-3.0-only", &list) && allowed("MIT/Apache-2.0", &list), "the check itself");
}
