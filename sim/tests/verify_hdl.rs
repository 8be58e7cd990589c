//! The quick tier of the verification package, and controls of the package itself: circuits that are broken on purpose are found, whatever is
//! wrong with them, and each failure says how to run it again.

use galena_hdl::Module;
use galena_hdl::block::{Block, Face, Point, Sort, block};
use galena_hdl::stream;
use galena_sim::verify::{Heading, Outcome, Plan, TECHNIQUES, Tier, Verdict, junit, report, technique};

const SEED: u64 = 1;

#[test]
fn the_quick_tier_passes() {
    let plan = Plan::all(Tier::Quick, SEED);
    let found: Vec<_> = TECHNIQUES.iter().map(|technique| (technique, (technique.run)(&plan))).collect();
    println!("{}", report(&Heading::default(), &plan, &found));
    let mut failures = vec![];
    for (technique, outcomes) in &found {
        assert!(!outcomes.is_empty(), "{} looked at something", technique.name);
        for o in outcomes {
            if let Verdict::Failed(why) = &o.verdict {
                failures.push(format!("{} {} {}, {}: {why}\n  {}", technique.name, o.block, o.point, o.case, o.rerun));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// A register of 8 bits with this change of its text, driven like the first point of `register`.
fn broken(old: &str, new: &str) -> Vec<Point> {
    let whole = stream::register(8);
    assert_eq!(whole.body.matches(old).count(), 1, "`{old}` is in the register once");
    let module = Module { body: whole.body.replace(old, new), ..whole };
    let first = (block("register").unwrap().points)().swap_remove(0);
    vec![Point { module, ..first }]
}

const fn row(name: &'static str, points: fn() -> Vec<Point>) -> Block {
    Block { name, doc: "A register that is broken on purpose.", sort: Sort::Stream, points }
}

/// What is wrong, the technique that must see it, and what it must say.
const BROKEN: [(Block, &str, &str); 5] = [
    (
        row("forgets", || broken("m_data      <= spare_valid ? spare : s_data;", "m_data <= s_data;")),
        "equality",
        "is not the model's",
    ),
    (
        row("sticks", || broken("assign s_ready = !spare_valid;", "assign s_ready = 1'b0;")),
        "equality",
        "was not over after",
    ),
    (
        row("changes", || broken("spare_valid <= 1'b1;", "spare_valid <= 1'b1; m_data <= s_data;")),
        "equality",
        "broke the stream rule",
    ),
    (row("keeps", || broken("        m_valid     <= 1'b0;\n", "")), "reset", "is not the model's"),
    (
        row("slow", || {
            broken("m_valid     <= spare_valid || s_valid;", "m_valid <= !m_valid && (spare_valid || s_valid);")
        }),
        "streams",
        "",
    ),
];

#[test]
fn a_broken_circuit_fails_and_says_how_to_run_it_again() {
    for (block, name, says) in &BROKEN {
        let plan = Plan { blocks: vec![block], ..Plan::all(Tier::Quick, 99) };
        let technique = technique(name).unwrap();
        let outcomes = (technique.run)(&plan);
        let failed = |o: &&Outcome| matches!(&o.verdict, Verdict::Failed(why) if why.contains(says));
        let failure = outcomes.iter().find(failed).unwrap_or_else(|| panic!("{}: {outcomes:?}", block.name));
        let line = format!(
            "cargo run --release -p galena-sim --example verify_hdl -- --tier quick --only {name} --block {} --seed 99",
            block.name
        );
        assert_eq!(failure.rerun, line);
        let found = [(technique, outcomes.clone())];
        let page = report(&Heading::default(), &plan, &found);
        assert!(page.contains("**failed**") && page.contains(&line), "{page}");
        let xml = junit(&plan, &found);
        assert!(xml.contains("<failure message=") && xml.contains(&line) && xml.contains("seed 99"), "{xml}");
    }
}

#[test]
fn the_same_seed_gives_the_same_figures_and_another_seed_others() {
    let run = |seed| {
        let plan = Plan { blocks: vec![block("fifo").unwrap()], ..Plan::all(Tier::Quick, seed) };
        let outcomes = (technique("equality").unwrap().run)(&plan);
        outcomes.into_iter().map(|o| (o.case, o.verdict, o.figures)).collect::<Vec<_>>()
    };
    assert_eq!(run(5), run(5));
    assert_ne!(run(5), run(6));
}

#[test]
fn a_job_that_does_not_fit_its_circuit_is_a_failure_not_a_crash() {
    const UNFIT: Block = row("unfit", || {
        let first = (block("register").unwrap().points)().swap_remove(0);
        let face = Face::Streams { inputs: &["s_", "t_"], outputs: &["m_"], memory: None };
        vec![Point { face, ..first }]
    });
    const PANICS: Block = row("panics", || {
        let first = (block("register").unwrap().points)().swap_remove(0);
        vec![Point { job: Box::new(|_, _| panic!("no job")), ..first }]
    });
    for (block, says) in [(&UNFIT, "t_valid"), (&PANICS, "no job")] {
        let plan = Plan { blocks: vec![block], ..Plan::all(Tier::Quick, 3) };
        for name in ["equality", "streams", "reset", "initial"] {
            for o in (technique(name).unwrap().run)(&plan) {
                assert!(matches!(&o.verdict, Verdict::Failed(why) if why.contains(says)), "{name}: {o:?}");
            }
        }
    }
}
