//! `galena board` and `galena bitstream`: the flow with tools that only pretend, and what is refused in one sentence.

mod galena;

use galena::{Galena, Said};
use galena_target::flow::{Build, Clock, Manifest, Sources, versions};
use galena_target::{ABI_VERSION, Board, Config};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// The board, and the folder and the manifest of its usual config.
const BOARD: &str = "ulx3s-25f";
const MANIFEST: &str = "bitstreams/boards/ulx3s-25f/ecp5-25f.manifest.toml";

/// Tools that write what the true ones would: `MHZ` is how fast the clock can be, `DSP` how many multipliers there are, `IDCODE` what is plugged in.
const PRETENDERS: [(&str, &str); 4] = [
    (
        "yosys",
        r#"[ "$1" = -V ] && { echo "Yosys 0"; exit; }
[ -f galena_top.v ] && [ -f galena_core.v ] || { echo "no sources" >&2; exit 1; }
echo "{}" >netlist.json
echo "{\"design\": {\"num_cells_by_type\": {\"LUT4\": 100, \"MULT18X18D\": ${DSP:-24}}}}" >stat.json"#,
    ),
    (
        "nextpnr-ecp5",
        r#"[ "$1" = --version ] && { echo "nextpnr-ecp5 0"; exit; }
while [ $# -gt 0 ]; do case $1 in --textcfg) layout=$2;; --report) report=$2;; --seed) seed=$2;; esac; shift; done
echo "$seed" >"$layout"
mhz=${MHZ:-55.5}
echo "{\"critical_paths\": [{\"from\": \"a\", \"to\": \"b\", \"path\": []}], \"fmax\": {\"clk\": {\"achieved\": $mhz, \"constraint\": 40.0}},
\"utilization\": {\"TRELLIS_COMB\": {\"used\": 100, \"available\": 24288}}}" >"$report""#,
    ),
    (
        "ecppack",
        r#"[ "$1" = --version ] && { echo "ecppack 0"; exit; }
while [ $# -gt 1 ]; do layout=$1; shift; done
cp "$layout" "$1"; echo "${BITS:-bits}" >>"$1""#,
    ),
    (
        "openFPGALoader",
        r#"case "$*" in
*--detect*) [ "$IDCODE" = none ] && { echo "unable to open the cable"; exit 1; }; echo "index 0:"; echo "	idcode ${IDCODE:-0x41111043}";;
*) echo "loaded $*";;
esac"#,
    ),
];

/// A folder with the pretenders.
fn pretenders() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in PRETENDERS {
        let path = folder.path().join(name);
        std::fs::write(&path, format!("#!/bin/sh\nset -e\n{text}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    folder
}

/// `galena ARGS` with the pretenders.
fn pretending(args: &str, tools: &Path) -> Galena {
    let path = format!("{}:{}", tools.display(), std::env::var("PATH").unwrap());
    Galena::new(args).env("GALENA_TOOLS", tools.display().to_string()).env("PATH", path)
}

/// The text of a manifest of these sources whose bits are those of the pretenders with seed 7.
fn manifest(change: impl FnOnce(&mut Manifest)) -> String {
    let board = Board::named(BOARD).unwrap();
    let config: &Config = board.config(None).unwrap();
    let files = galena_hdl::board_top(&board, config).unwrap().into_iter().map(|f| (f.name, f.text)).collect();
    let sources = Sources { top: galena_hdl::BOARD_TOP.into(), files };
    let folder = Path::new("none");
    let build = Build { board: &board, config, sources: &sources, git_hash: [0; 20], dirty: false, seed: 7, folder };
    let version = |tool: &str| format!("{tool} 0");
    let mut manifest = Manifest {
        board: board.name.clone(),
        config: config.name.to_string(),
        config_hash: hex::encode(config.config_hash()),
        abi_version: ABI_VERSION,
        git_hash: "11".repeat(20),
        sources: hex::encode(build.sources_hash()),
        seed: 7,
        part: board.part.clone(),
        idcode: board.idcode,
        sha256: sha256(b"7\nbits\n"),
        clock: Clock { mhz: 40.0, fmax_mhz: 55.5 },
        tools: galena_target::flow::Versions {
            yosys: version("Yosys"),
            nextpnr: version("nextpnr-ecp5"),
            ecppack: version("ecppack"),
        },
        cells: [].into(),
    };
    change(&mut manifest);
    manifest.text()
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest;
    hex::encode(sha2::Sha256::digest(bytes))
}

/// With this manifest in the project's folder.
fn with_manifest(galena: Galena, text: &str) -> Galena {
    galena.folder("bitstreams/boards/ulx3s-25f").file(MANIFEST, text)
}

#[test]
fn boards_are_listed() {
    let text = Galena::new("board list").run().code(0).text();
    for part in ["ulx3s-85f", "LFE5U-45F-6BG381C", "ecp5-25f"] {
        assert!(text.contains(part), "{part:?} in:\n{text}");
    }
    let list = Galena::new("board list --json").run().code(0).json();
    assert_eq!(list.as_array().unwrap().len(), galena_target::BOARDS.len());
    assert_eq!(list[0]["pins"]["oscillator"]["site"], "G2");
}

#[test]
fn what_there_is_not_is_refused_in_a_sentence() {
    let refused =
        |args: &str, parts: &[&str]| Galena::new(args).env("GALENA_TOOLS", "/none").run().code(1).stderr(parts);
    refused(
        "bitstream build --board ulx4",
        &["expected one of the boards `ulx3s-85f`", "found `ulx4`", "galena board list"],
    );
    refused(
        "bitstream build --board ulx3s-25f --config card",
        &["expected one of the configs `ecp5-25f`, found `card`"],
    );
    refused("bitstream build --board ulx3s-25f", &["expected the tool `yosys` in /none", "tools/setup.sh"]);
    Galena::new("bitstream build").run().code(2).stderr(&["--board <BOARD>"]);
}

#[test]
fn a_bitstream_is_built_and_a_manifest_makes_it_again() {
    let tools = pretenders();
    let first = pretending("bitstream build --board ulx3s-25f --json", tools.path()).run().code(0).json();
    assert_eq!((&first["standing"], &first["seed"]), (&"new".into(), &1.into()));
    assert_eq!(first["sha256"], sha256(b"1\nbits\n"));
    // The manifest's seed, and its bits.
    let locked = "bitstream build --board ulx3s-25f --locked";
    let said = with_manifest(pretending(locked, tools.path()), &manifest(|_| ())).run().code(0);
    for part in ["55.50 MHz possible", "seed 7", "the manifest's own bits", "target/bitstreams/ulx3s-25f/ecp5-25f"] {
        assert!(said.text().contains(part), "{part:?} in:\n{}", said.text());
    }
    let other = with_manifest(pretending(locked, tools.path()), &manifest(|_| ())).env("BITS", "others").run();
    other.code(1).stderr(&["expected the bitstream of the manifest", "are not the pinned ones"]);
}

#[test]
fn a_stale_manifest_a_missed_clock_and_too_small_a_part_fail() {
    let tools = pretenders();
    let build = |args: &str| pretending(&format!("bitstream build --board {BOARD} {args}"), tools.path());
    let stale = manifest(|m| m.sources = "00".repeat(32));
    with_manifest(build("--locked"), &stale)
        .run()
        .code(1)
        .stderr(&["the manifest is stale: expected sources", "build it again"]);
    build("--locked").run().code(1).stderr(&["expected a manifest in", MANIFEST]);
    // Not locked, it is built with a note.
    let said = with_manifest(build(""), &stale).run().code(0).stderr(&["note: the manifest is stale"]);
    assert!(said.text().contains("not in a manifest") && said.text().contains("seed 7"));
    build("").env("MHZ", "39.9").run().code(1).stderr(&[
        "misses its clock",
        "expected 40.00 MHz, found 39.90 MHz",
        "another seed",
    ]);
    build("").env("DSP", "29").run().code(1).stderr(&["does not fit the LFE5U-25F", "29 of 28 multipliers"]);
    build("").env("MHZ", "x").run().code(1).stderr(&["cannot read what nextpnr-ecp5 has written"]);
    with_manifest(build(""), "board = 1").run().code(1).stderr(&["cannot read the record", "manifest.toml"]);
}

#[test]
fn seeds_are_swept() {
    let tools = pretenders();
    let sweep = "bitstream sweep --board ulx3s-25f --seeds 3 --first 5 --json";
    let report = pretending(sweep, tools.path()).env("MHZ", "38").run().code(0).json();
    assert_eq!(report["seeds"], serde_json::json!([[5, 38.0], [6, 38.0], [7, 38.0]]));
    assert_eq!((&report["median_mhz"], &report["met"]), (&38.0.into(), &0.0.into()));
    let text = pretending("bitstream sweep --board ulx3s-25f --seeds 2", tools.path()).run().code(0).text();
    assert!(text.contains("median 55.50") && text.contains("a -> b") && text.contains("met by 100 %"), "{text}");
}

#[test]
fn the_pages_of_the_boards_are_those_in_the_tree() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut galena = Galena::new("board report --out pages");
    // What is recorded of the boards decides.
    for board in galena_target::Board::all().unwrap() {
        let folder = Path::new("bitstreams/boards").join(&board.name);
        galena = galena.folder(folder.to_str().unwrap());
        for file in std::fs::read_dir(root.join(&folder)).unwrap().map(|file| file.unwrap().path()) {
            let name = file.file_name().unwrap().to_str().unwrap().to_owned();
            if name.ends_with(".manifest.toml") || name.ends_with(".sweep.toml") {
                let bytes = std::fs::read(&file).unwrap();
                galena = galena.file(folder.join(name).to_str().unwrap(), bytes);
            }
        }
    }
    let said = galena.run().code(0);
    assert!(said.text().contains("begin with pages/index.html"));
    let committed = std::fs::read_dir(root.join("docs/boards")).unwrap().map(|file| file.unwrap().path());
    let mut pages = 0;
    for page in committed {
        let name = page.file_name().unwrap().to_str().unwrap().to_owned();
        let fresh = said.read(&format!("pages/{name}"));
        assert!(fresh == std::fs::read(&page).unwrap(), "docs/boards/{name} is stale: `galena board report` writes it");
        pages += 1;
    }
    let configs: usize = galena_target::Board::all().unwrap().iter().map(|board| board.configs.len()).sum();
    assert_eq!(pages, configs + 1, "a page for every board and config, and the index");
}

#[test]
fn a_sweep_is_recorded_and_goes_on_where_it_ended() {
    let tools = pretenders();
    let record = "bitstreams/boards/ulx3s-25f/ecp5-25f.sweep.toml";
    let sweep = |args: &str, known: Option<&[u8]>| {
        let command = format!("bitstream sweep --board ulx3s-25f --record --json {args}");
        let galena = pretending(&command, tools.path()).folder("bitstreams/boards/ulx3s-25f");
        known.into_iter().fold(galena, |galena, text| galena.file(record, text))
    };
    let first = sweep("--seeds 2", None).run().code(0);
    let known = first.read(record);
    // The tools would say another clock now: what was recorded stands.
    let more = sweep("--seeds 3", Some(&known)).env("MHZ", "38").run().code(0);
    assert_eq!(more.json()["seeds"], serde_json::json!([[1, 55.5], [2, 55.5], [3, 38.0]]));
    let text = String::from_utf8(more.read(record)).unwrap();
    assert!(text.contains("seed-0003 = 38.0") && text.contains("slowest = [\"a -> b"), "{text}");
    // Of another netlist nothing is kept; what is no record is not replaced.
    let text = String::from_utf8(known).unwrap();
    let line = text.lines().find(|line| line.starts_with("sources")).unwrap();
    let other = text.replace(line, &format!("sources = \"{}\"", "00".repeat(32)));
    let again = sweep("--seeds 1", Some(other.as_bytes())).env("MHZ", "38").run().code(0);
    assert_eq!(again.json()["seeds"], serde_json::json!([[1, 38.0]]));
    sweep("--seeds 1", Some(b"board = 1")).run().code(1).stderr(&["cannot read the record", "sweep.toml"]);
}

#[test]
fn only_the_manifests_bits_are_loaded_and_only_on_the_right_part() {
    let tools = pretenders();
    let flash = |bits: &str| {
        let galena = pretending(&format!("bitstream flash --board {BOARD} --file bits"), tools.path());
        with_manifest(galena, &manifest(|_| ())).file("bits", bits)
    };
    let right = "7\nbits\n";
    let said: Said = flash(right).run().code(0);
    assert!(
        said.text().contains("loaded --board ulx3s bits") && said.text().contains("until power is lost"),
        "{}",
        said.text()
    );
    flash("7\nbitz\n").run().code(1).stderr(&["expected the bitstream of the manifest"]);
    flash(right)
        .env("IDCODE", "0x41113043")
        .run()
        .code(1)
        .stderr(&["idcode 0x41111043 on the board, found 0x41113043"]);
    flash(right).env("IDCODE", "none").run().code(1).stderr(&["found no part at all (unable to open the cable)"]);
    let missing = flash(right).env("PATH", "/none").env("GALENA_TOOLS", tools.path().display().to_string());
    missing.run().code(1).stderr(&["cannot run openFPGALoader", "apt-get install openfpgaloader"]);
    let stale = pretending(&format!("bitstream flash --board {BOARD} --file bits"), tools.path()).file("bits", right);
    with_manifest(stale, &manifest(|m| m.idcode = 1)).run().code(1).stderr(&["the manifest is stale"]);
}

#[test]
fn the_tools_say_their_versions() {
    let versions = versions().unwrap();
    assert!(versions.yosys.starts_with("Yosys 0."), "{versions:?}");
    assert!(
        versions.nextpnr.contains("nextpnr-ecp5") && versions.ecppack.to_lowercase().contains("ecppack"),
        "{versions:?}"
    );
}

#[test]
fn a_proof_is_planned_before_there_is_a_board() {
    let plan = |args: &str| {
        let galena = Galena::new(&format!("board plan --input n {args}")).file("n", "5");
        galena.arg(galena::sample("fibonacci-c"))
    };
    let json = plan("--board ulx3s-85f --json").run().code(0).json();
    let one = &json["plans"][0];
    let number = |key: &str| one[key].as_f64().unwrap();
    assert_eq!((&one["board"], &one["bound"], &one["placed"]), (&"ulx3s-85f".into(), &"line".into(), &false.into()));
    assert!((number("host_seconds") + number("board_seconds") - number("seconds")).abs() < 1e-9);
    assert!(number("line_seconds") > 10.0 * number("core_seconds"), "the line sets the pace");
    let sum =
        |list: &str, key: &str| one[list].as_array().unwrap().iter().map(|x| x[key].as_f64().unwrap()).sum::<f64>();
    assert!((sum("phases", "board_seconds") - number("board_seconds")).abs() < 1e-9);
    assert_eq!(sum("kernels", "jobs"), number("jobs"));
    // A slower line takes longer; the fastest of several comes first; a board is not asked for.
    let slow = plan("--board ulx3s-85f --baud 1000000 --json").run().code(0).json();
    assert!(slow["plans"][0]["seconds"].as_f64().unwrap() > 1.4 * number("seconds"));
    let card = plan("--config card").run().code(0);
    for part in ["plan for fibonacci-c", "(any)", "PCIe, a word a clock", "no manifest says", "quotient"] {
        assert!(card.text().contains(part), "{part:?} in:\n{}", card.text());
    }
    plan("--board ulx3s-85f --baud 7000000").run().code(1).stderr(&["found 7000000 baud", "leave out --baud"]);
    plan("--board ulx3s-85f --config card").run().code(1).stderr(&["expected one of the configs `ecp5-85f`"]);
    plan("--all --board ulx3s-85f").run().code(2).stderr(&["cannot be used with"]);
}
