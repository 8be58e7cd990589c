//! A whole core as a netlist: a captured exchange over its link, word by word.
//!
//! The exchange is captured from the Verilog in Verilator, whose answer is held against the oracle first. Both simulations offer a word and take a
//! word in every clock, so that even the counters in the status must be the same.

use super::{check, netlist};
use crate::verify::host::{Core, Task, identify, shape};
use crate::verify::place::Figures;
use crate::verilated::StallPattern;
use galena_hdl::block::{Face, Job, Point};
use galena_hdl::core::core_module;
use galena_target::{Config, Kernel, Shape};
use rand_chacha::ChaCha8Rng;

/// The core.
pub(super) const CONFIG: &str = "tiny";

/// A job of two groups of columns, and its tree to the root.
const SMALL: Shape = shape(Kernel::Commit, 2, 1, 9, 3);

/// More clocks than the job takes.
const CLOCKS: u64 = 20_000;

/// Plays a question and a job to the netlist of a core.
pub(super) fn simulate(rng: &mut ChaCha8Rng) -> Result<Figures, String> {
    let config = Config::named(CONFIG).map_err(|e| e.to_string())?;
    let task = Task::new(rng, SMALL);
    let mut jobs = vec![];
    // Once to learn how long the answers are, then clock by clock.
    let mut first = Core::open(config, [StallPattern::NONE; 2]);
    let mut core = Core::open(config, [StallPattern::NONE; 2]);
    for (what, words) in [("identify", identify(7)), ("commit", task.words.clone())] {
        let length = first.talk(&words).len();
        let (taken, answer) = core.exchange(&words, length, CLOCKS);
        if taken != words.len() || answer.len() != length {
            return Err(format!(
                "{what}: expected {} words taken and {length} answered within {CLOCKS} clocks, found {taken} and {}",
                words.len(),
                answer.len()
            ));
        }
        if what == "commit" {
            task.compare(&answer, "in Verilator");
        }
        let job = Job {
            what: what.into(),
            inputs: vec![words],
            model: vec![answer.clone()],
            reference: vec![answer],
            ..Job::default()
        };
        jobs.push((job, false));
    }
    let point = Point {
        name: CONFIG.into(),
        module: core_module(config).map_err(|e| e.to_string())?,
        harness: None,
        face: Face::Streams { inputs: &["s_"], outputs: &["m_"], memory: None },
        multipliers: config.lanes + config.multipliers,
        job: Box::new(|_, _| Job::default()),
        bins: vec![],
    };
    let netlist = netlist::of(&point)?;
    let clocks = check(&point, &netlist, &jobs)?;
    let words = |side: fn(&Job) -> &Vec<Vec<u32>>| jobs.iter().map(|(job, _)| side(job)[0].len()).sum::<usize>();
    let mut figures = netlist::cells(&netlist);
    figures.extend([
        ("words in", words(|job| &job.inputs).to_string()),
        ("words out", words(|job| &job.model).to_string()),
        ("clocks", clocks.to_string()),
    ]);
    Ok(figures)
}
