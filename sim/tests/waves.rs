//! Waves of a kernel and of a block: every signal of the save file is in the waves, the markers stand where the job says, the picture is complete.

use galena_hdl::block::{BLOCKS, Face};
use galena_sim::wave::{
    Drawing, Recording, Wave, WaveError, block, block_named, has, kernel, kernel_named, point_named, save_file, svg,
};
use galena_target::{Config, KERNELS, Kernel};
use std::collections::BTreeSet;

/// The wave, or nothing on a machine that lacks the headers that waves need.
fn recorded(wave: Result<Wave, WaveError>) -> Option<Wave> {
    match wave {
        Ok(wave) => Some(wave),
        Err(e) if e.to_string().contains("apt-get install") => {
            eprintln!("skipped: {e}");
            None
        }
        Err(e) => panic!("{e}"),
    }
}

/// The signals of a save file: the lines that are no flag, comment, group or setting.
fn signals(save: &str) -> Vec<&str> {
    save.lines().filter(|line| line.starts_with("TOP.")).collect()
}

/// Checks a save file against its waves, and returns its open groups.
fn check(wave: &Wave) -> Vec<String> {
    let save = save_file(wave).unwrap();
    let recording = Recording::open(&wave.fst).unwrap();
    let names: BTreeSet<String> = recording.names().collect();
    let listed = signals(&save);
    assert!(listed.len() > 5, "{save}");
    for signal in &listed {
        assert!(names.contains(*signal), "{}: the waves have no `{signal}`", wave.name);
    }
    let unique: BTreeSet<_> = listed.iter().collect();
    assert_eq!(unique.len(), listed.len(), "{}: no signal twice", wave.name);
    // Groups end as they begin, and none stands in another.
    let (mut flags, mut within, mut open) = (String::new(), None::<String>, vec![]);
    for line in save.lines() {
        if let Some(flag) = line.strip_prefix('@') {
            flags = flag.to_owned();
        } else if let Some(title) = line.strip_prefix('-').filter(|title| !title.is_empty()) {
            match (flags.as_str(), within.take()) {
                ("800200" | "c00200", None) => {
                    open.extend((flags == "800200").then(|| title.to_owned()));
                    within = Some(title.to_owned());
                }
                ("1000200" | "1401200", Some(begun)) => assert_eq!(begun, title),
                (flags, within) => panic!("{}: `{title}` with {flags} in {within:?}", wave.name),
            }
        } else if line.starts_with("TOP.") {
            assert!(within.is_some(), "`{line}` is in a group");
        }
    }
    assert!(wave.start <= wave.result && wave.result <= wave.end, "{wave:?}");
    let markers = format!(" {} {} {} -1", 2 * wave.result, 2 * wave.start, 2 * wave.result);
    assert!(save.lines().any(|line| line.starts_with('*') && line.contains(&markers)), "{save}");
    open
}

#[test]
fn the_save_files_of_kernels_name_signals_that_there_are() {
    let config = Config::named("tiny").unwrap();
    for of in [Kernel::Identify, Kernel::Commit, Kernel::Read, Kernel::Grind] {
        let folder = tempfile::tempdir().unwrap();
        let Some(wave) = recorded(kernel(of, config, folder.path())) else { return };
        assert_eq!(wave.name, format!("{of}-tiny"));
        let open = check(&wave).join("\n");
        for part in ["link", "control (", "transform (", "hash (", "kept ("] {
            assert!(open.lines().any(|title| title.starts_with(part)), "a group {part} in\n{open}");
        }
        let drawing = Drawing::of(&wave).unwrap();
        // What the link carries is drawn for every kernel; the pipelines' streams only where they move.
        let groups: String = drawing.rows.iter().map(|row| row.group.clone() + "\n").collect();
        let parts = [
            ("s_, in", true),
            ("m_, out", true),
            ("transform m_", of == Kernel::Commit),
            ("kept m_", of == Kernel::Read),
        ];
        for (part, moves) in parts {
            assert_eq!(groups.lines().any(|group| group.starts_with(part)), moves, "{of}: {part} in\n{groups}");
        }
        let picture = svg(&drawing);
        assert!(picture.contains(&format!("{of} on tiny")) && picture.contains("clocks …"), "{picture}");
    }
}

#[test]
fn a_block_is_recorded_by_its_name_and_point() {
    let of = block_named("fifo").unwrap();
    let point = point_named(of, "").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let Some(wave) = recorded(block(of, &point, folder.path())) else { return };
    assert_eq!(wave.name, format!("fifo-{}", point.name));
    assert_eq!(check(&wave)[0], "ports");
    let drawing = Drawing::of(&wave).unwrap();
    let clocks: u64 = drawing.windows.iter().map(|w| w.clocks).sum();
    for row in &drawing.rows {
        assert_eq!(row.values.split(' ').count() as u64, clocks, "a value a clock: {row:?}");
    }
    let Face::Streams { inputs, outputs, .. } = point.face else { panic!("a fifo has streams") };
    for prefix in inputs.iter().chain(outputs) {
        let row = drawing.rows.iter().find(|row| row.group.starts_with(prefix)).unwrap();
        assert!(row.values.contains("1!"), "a beat of `{prefix}` is in the picture: {row:?}");
    }
}

#[test]
fn what_is_in_no_table_is_refused_with_the_names_there_are() {
    let said = kernel_named("ntt").unwrap_err().to_string();
    assert!(
        KERNELS.iter().all(|row| said.contains(&format!("`{}`", row.name))) && said.ends_with("found `ntt`"),
        "{said}"
    );
    let said = block_named("ntt").err().unwrap().to_string();
    assert!(
        BLOCKS.iter().all(|row| said.contains(&format!("`{}`", row.name))) && said.ends_with("found `ntt`"),
        "{said}"
    );
    let said = point_named(block_named("fifo").unwrap(), "w1").err().unwrap().to_string();
    assert!(said.starts_with("expected one of the points of `fifo` `w8-d4`"), "{said}");
    let said = has(Config::named("wide").unwrap(), Kernel::Read).unwrap_err().to_string();
    assert!(said.starts_with("config `wide` does not have the kernel `read`; these configs do: `tiny`,"), "{said}");
}
