//! The pages under `docs/hdl` are those of this tree: they follow from the measurements, the measurements are of these circuits, and a sample of
//! them comes out the same again.

use galena_hdl::block::{BLOCKS, Sort};
use galena_sim::datasheet::{BENCH, Bench, FOLDER, MEASURED, Measurements, Subject, pages, subjects};
use galena_sim::wave::Drawing;
use galena_target::{CONFIGS, KERNELS};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const ADVICE: &str = "run `make datasheets`, look at the difference and commit it";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn measured() -> Measurements {
    Measurements::read(&root().join(FOLDER).join(MEASURED)).unwrap()
}

/// Every file below a folder, by its name relative to it.
fn files(folder: &Path, below: &str, into: &mut BTreeMap<String, String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{below}{}", path.file_name().unwrap().to_string_lossy());
        match path.is_dir() {
            true => files(&path, &format!("{name}/"), into),
            false => drop(into.insert(name, std::fs::read_to_string(&path).unwrap())),
        }
    }
}

#[test]
fn the_pages_are_those_that_the_measurements_give() {
    let expected = pages(&measured(), &Bench::read(&root().join(BENCH)).unwrap()).unwrap();
    let mut found = BTreeMap::new();
    files(&root().join(FOLDER), "", &mut found);
    found.remove(MEASURED).expect("the measurements are in the tree");
    for (name, text) in &expected {
        assert!(found.get(name) == Some(text), "{FOLDER}/{name} is not what the generator writes: {ADVICE}");
    }
    let extra: Vec<_> = found.keys().filter(|name| !expected.contains_key(*name)).collect();
    assert!(extra.is_empty(), "{extra:?} are of no row of a table: {ADVICE}");
    let rows = KERNELS.len() + BLOCKS.len() + CONFIGS.len();
    assert_eq!(
        expected.len(),
        2 * rows + 1,
        "a page and a waveform for every row of the tables, and the index: {ADVICE}"
    );
}

#[test]
fn the_measurements_are_of_these_circuits() {
    let measured = measured();
    let stale: Vec<String> = subjects()
        .iter()
        .filter(|subject| measured.of(subject).is_none_or(|m| m.identity != subject.identity().unwrap()))
        .map(Subject::page)
        .collect();
    assert!(stale.is_empty(), "{stale:?} show circuits or jobs that are not these: {ADVICE}");
}

/// Figures as `make bench-hdl` writes them reach the pages of their point, their config and its kernels.
#[test]
fn figures_of_the_bench_are_taken_over() {
    let text = r#"{
        "tools": {"yosys": "any"},
        "points": [{"block": "lde", "point": "l2-n5-b2", "multipliers": 2, "job": "a whole job", "clocks": 12345, "multiplies": 22222,
            "utilisation": 0.9001, "utilisation_next": 0.9119, "latency": 678, "latency_job": "a small job",
            "ecp5": {"MULT18X18D": 8, "LUT4": 1000, "CCU2C": 17, "TRELLIS_FF": 2001}, "ultrascale": {"DSP48E2": 6, "LUT2": 3}}],
        "configs": [{"config": "tiny", "lanes": 2, "hasher_multipliers": 16, "link": "stream",
            "ecp5": {"DP16KD": 99}, "ultrascale": null, "jobs": [{"kernel": "commit",
            "shape": "2^6 x 64", "clocks": 54321, "multiplies": 1, "multipliers": 18, "utilisation": 0.5, "stalled_in": 0, "stalled_out": 0}]}]
    }"#;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    let pages = pages(&Measurements::default(), &Bench::read(file.path()).unwrap()).unwrap();
    let rows = [
        ("blocks/lde.md", "| `l2-n5-b2` | `lde_l2_n5_b2` | 2 | a whole job | 12,345 | 90.0 % | 91.2 % | 678 |"),
        ("blocks/lde.md", "| `l2-n5-b2` | ECP5 | 8 | 0 | 1,034 | 2,001 |"),
        ("blocks/lde.md", "| `l2-n5-b2` | UltraScale+ | 6 | 0 | 3 | 0 |"),
        ("configs/tiny.md", "| [`commit`](../kernels/commit.md) | 2^6 x 64 | 54,321 | 18 | 50.0 % |"),
        ("configs/tiny.md", "| `tiny` | ECP5 | 0 | 99 | 0 | 0 |"),
        ("kernels/commit.md", "| [`tiny`](../configs/tiny.md) | 2^6 x 64 | 54,321 | 18 | 50.0 % |"),
        ("index.md", "| 1 to 16 | up to 91.2 % |"),
    ];
    for (page, row) in rows {
        assert!(pages[page].lines().any(|line| line.contains(row)), "{row}\nin\n{}", pages[page]);
    }
    std::fs::write(file.path(), "[").unwrap();
    assert!(Bench::read(file.path()).unwrap_err().to_string().starts_with("expected figures as json in "));
    assert!(Bench::read(Path::new("no/such/file")).unwrap().points.is_empty());
}

/// The first circuit of the sorts that compile in seconds.
#[test]
fn a_sample_is_drawn_the_same_again() {
    let measured = measured();
    for sort in [Sort::Arithmetic, Sort::Stream] {
        let block = BLOCKS.iter().find(|block| block.sort == sort).unwrap();
        let subject = Subject::Block(block);
        let folder = tempfile::tempdir().unwrap();
        let wave = match subject.record(folder.path()) {
            Ok(wave) => wave,
            Err(e) if e.to_string().contains("apt-get install") => return eprintln!("skipped: {e}"),
            Err(e) => panic!("{e}"),
        };
        assert_eq!(Some(Drawing::of(&wave).unwrap()), measured.of(&subject).map(|m| m.drawing.clone()), "{ADVICE}");
    }
}
