//! Runs the verification package: every technique on every block, or those that are named.
//!
//! `cargo run --release -p galena-sim --example verify_hdl -- [--tier quick|long] [--only T,..] [--block B,..] [--seed N] [--report FILE.md]
//! [--junit FILE.xml]`
//!
//! Prints a line a case and a sum; exit code 0 if nothing failed, 1 if something did, 2 if the command line is not right.

mod options;

use galena_sim::verify::{Heading, Outcome, Technique, Verdict, junit, report};
use options::Options;
use std::process::{Command, ExitCode};
use std::time::Instant;

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(message) => {
            eprintln!("{message}\n\n{}", options::USAGE);
            return ExitCode::from(2);
        }
    };
    // A panic in a case is a failure of that case, with its message in the report.
    std::panic::set_hook(Box::new(|_| {}));
    match run(&options) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(1)
        }
    }
}

/// Runs what is asked for; whether nothing failed.
fn run(options: &Options) -> Result<bool, Box<dyn std::error::Error>> {
    let (plan, start) = (&options.plan, Instant::now());
    // Of now: a long run may see other commits come.
    let (version, tools) = (version(), tools());
    println!("tier {}, seed {}, {} blocks", plan.tier.name(), plan.seed, plan.blocks.len());
    let mut found = vec![];
    for technique in &options.techniques {
        println!("\n{}: {}", technique.name, technique.doc);
        let outcomes = (technique.run)(plan);
        outcomes.iter().for_each(print);
        found.push((*technique, outcomes));
        // After every technique: a long run that is cut off leaves what it has found.
        write(
            options,
            &Heading { version: version.clone(), tools: tools.clone(), seconds: start.elapsed().as_secs_f64() },
            &found,
        )?;
    }
    let verdicts = || found.iter().flat_map(|(_, outcomes)| outcomes.iter().map(|o| &o.verdict));
    let failed = verdicts().filter(|v| matches!(v, Verdict::Failed(_))).count();
    let skipped = verdicts().filter(|v| matches!(v, Verdict::Skipped(_))).count();
    let seconds = start.elapsed().as_secs_f64();
    println!("\n{} cases, {failed} failed, {skipped} skipped, {seconds:.0} s", verdicts().count());
    Ok(failed == 0)
}

/// The report and the JUnit file, where they are asked for.
fn write(options: &Options, heading: &Heading, found: &[(&Technique, Vec<Outcome>)]) -> Result<(), String> {
    let to = |path: &Option<String>, text: &dyn Fn() -> String| match path {
        Some(path) => std::fs::write(path, text()).map_err(|e| format!("cannot write {path}: {e}")),
        None => Ok(()),
    };
    to(&options.report, &|| report(heading, &options.plan, found))?;
    to(&options.junit, &|| junit(&options.plan, found))
}

/// A line for a case, and what to do about it if it failed.
fn print(o: &Outcome) {
    let (word, why) = match &o.verdict {
        Verdict::Passed => ("passed", o.figures.iter().map(|(n, v)| format!("{n} {v}")).collect::<Vec<_>>().join(", ")),
        Verdict::Failed(why) => ("FAILED", why.clone()),
        Verdict::Skipped(why) => ("skipped", why.clone()),
    };
    println!("  {word:<7} {:<14} {:<14} {:<28} {:>6.1} s  {why}", o.block, o.point, o.case, o.seconds);
    if matches!(o.verdict, Verdict::Failed(_)) {
        println!("          run it again: {}", o.rerun);
    }
}

/// What a command prints, on one line; empty if it cannot be run.
fn said(mut command: Command) -> String {
    let output = command.output().ok().filter(|o| o.status.success());
    output
        .map_or(String::new(), |o| String::from_utf8_lossy(&o.stdout).split_whitespace().collect::<Vec<_>>().join(" "))
}

/// The commit of the sources.
fn version() -> String {
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command.args(arguments);
        said(command)
    };
    let commit = git(&["rev-parse", "--short=12", "HEAD"]);
    let dirty = if git(&["status", "--porcelain", "--untracked-files=no"]).is_empty() { "" } else { ", dirty" };
    if commit.is_empty() { commit } else { commit + dirty }
}

/// The simulator.
fn tools() -> String {
    let verilator = galena_sim::tools::command("verilator").ok().map(|mut command| {
        command.arg("--version");
        said(command)
    });
    verilator.unwrap_or_default()
}
