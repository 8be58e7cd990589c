//! `galena run`: the program's output and exit code are its own, the report is on stderr.

mod galena;

use galena::{Galena, sample};

#[test]
fn stdout_is_the_programs_and_nothing_else() {
    Galena::new("run --input abc.txt")
        .arg(sample("sha256"))
        .file("abc.txt", "abc")
        .run()
        .code(0)
        .stdout("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n")
        .stderr(&["sha256", "exit code", "cycles"]);
}

#[test]
fn input_comes_from_stdin_on_request_and_is_empty_by_default() {
    Galena::new("run --input -").arg(sample("fibonacci-c")).stdin("47").run().code(0).stdout("2971215073\n");
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n";
    Galena::new("run").arg(sample("sha256")).stdin("not read").run().code(0).stdout(empty);
}

#[test]
fn the_exit_code_is_the_programs_and_its_log_is_on_stderr() {
    Galena::new("run --input -")
        .arg(sample("fibonacci-c"))
        .stdin("twelve")
        .run()
        .code(1)
        .stdout("")
        .stderr(&["expected a number", "exit code        1"]);
}

#[test]
fn the_report_is_json_on_request_in_a_file_or_on_stderr() {
    let keys = ["name", "exit_code", "cycles", "public_output", "instructions_per_cpu_second"];
    let said =
        Galena::new("run --json --input -").arg(sample("fibonacci-c")).stdin("30").run().code(0).stdout("832040\n");
    let report: serde_json::Value = serde_json::from_str(&said.stderr).unwrap();
    assert!(keys.iter().all(|key| report.get(key).is_some()), "{report}");
    assert_eq!(report["name"], "fibonacci-c");
    assert_eq!(report["exit_code"], 0);
    assert_eq!(report["public_output"], "3833323034300a");

    let said = Galena::new("run --report r.json --input -").arg(sample("fibonacci-c")).stdin("30").run().code(0);
    assert_eq!(said.stderr, "");
    let report: serde_json::Value = serde_json::from_slice(&said.read("r.json")).unwrap();
    assert_eq!(report["exit_code"], 0);
}

#[test]
fn a_program_that_does_not_end_is_stopped() {
    Galena::new("run --max-cycles 1000 --input -")
        .arg(sample("fibonacci-c"))
        .stdin("1000000")
        .run()
        .code(1)
        .stderr(&["error: the program has not ended after 1000 cycles", "raise the cycle limit"]);
}

#[test]
fn what_cannot_be_run_is_named_with_what_to_try() {
    Galena::new("run nothing.elf").run().code(1).stderr(&["error: cannot read `nothing.elf`", "hint: check the path"]);
    Galena::new("run text.elf")
        .file("text.elf", "not a program")
        .run()
        .code(1)
        .stderr(&["cannot load `text.elf`", "hint"]);
    let elf = galena::read(sample("sha256").as_ref());
    Galena::new("run cut.elf").file("cut.elf", &elf[..200]).run().code(1).stderr(&["cannot load `cut.elf`"]);
    Galena::new("run --input nothing").arg(sample("sha256")).run().code(1).stderr(&["cannot read `nothing`"]);
}

#[test]
fn wrong_usage_ends_with_2() {
    for args in ["", "run", "prove", "frobnicate", "run --max-cycles many x.elf", "prove --threads 0 x.elf -o r"] {
        assert_eq!(Galena::new(args).run().code, 2, "galena {args}");
    }
    Galena::new("--help").run().code(0);
    Galena::new("--version").run().code(0);
}
