//! Frames: a whole core over its link. Resets in the middle of a job, and frames that are cut, too long, damaged, mixed with those of other jobs, or
//! that stop coming: an error is typed, no wrong answer is called right, and the next job is right.
//!
//! A strike is the words of a good job after something was done to them. What comes back must be frames; a status must have a code of the table; an
//! answer that ends with `ok` must be the right one. If no status came, the host does what a host does that has lost track: filler, a cancel, and
//! a question. Then comes another job.

mod strikes;

use super::host::{Core, Task, WATCHDOG, cancel, frame, frames, identify, shape};
use super::place::{Figures, in_parallel, message};
use super::{Outcome, Plan, Technique, Tier, Verdict};
use crate::verilated::StallPattern;
use galena_target::frame::{ANY_JOB, FrameType, RECOVERY_WORDS, StatusCode};
use galena_target::{Config, Kernel, Shape};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;
use strikes::Strike;

pub(super) const TECHNIQUE: Technique = Technique {
    name: "frames",
    doc: "a whole core over its link: resets, and frames cut, too long, damaged, interleaved or lost; an error is typed, the next job is right",
    run,
};

/// The core that is struck.
const CONFIG: &str = "tiny";

/// A job of two groups that is sent in one data frame.
const SMALL: Shape = shape(Kernel::Commit, 2, 1, 9, 3);

/// A job of two data frames.
const LONG: Shape = shape(Kernel::Commit, 6, 1, 24, 7);

/// More clocks than the core computes without a word in these jobs.
const QUIET: u64 = 12_000;

/// Clocks in which a command comes in and its job begins: a reset in the very clock of the verdict once left a job that nobody had sent.
const COMMAND_CLOCKS: u64 = 64;

/// Words that no answer of these jobs has.
const MANY: usize = 1 << 14;

/// Word of a status that says how many words were taken.
const TAKEN: usize = 15;

/// Kernels of the jobs that follow.
const NEXT: [Kernel; 4] = [Kernel::Lde, Kernel::Commit, Kernel::Hash, Kernel::Tree];

/// A case: its name and what it does.
type Case = (&'static str, fn(&mut Stand) -> Result<Figures, String>);

const CASES: [Case; 6] = [
    ("damaged bits", |stand| stand.strike_all(SMALL, strikes::damaged)),
    ("reset at every clock", Stand::resets),
    ("cut frames", |stand| stand.strike_all(LONG, strikes::cut)),
    ("too long frames", |stand| stand.strike_all(LONG, strikes::too_long)),
    ("interleaved frames", |stand| stand.strike_all(LONG, strikes::interleaved)),
    ("link lost", Stand::losses),
];

fn run(plan: &Plan) -> Vec<Outcome> {
    if !plan.whole() {
        // No one block.
        return vec![];
    }
    in_parallel(&CASES, |(case, check)| {
        let start = Instant::now();
        let result = catch_unwind(AssertUnwindSafe(|| check(&mut Stand::open(plan, case))));
        let (verdict, figures) = match result {
            Ok(Ok(figures)) => (Verdict::Passed, figures),
            Ok(Err(why)) => (Verdict::Failed(why), vec![]),
            Err(panic) => (Verdict::Failed(message(&*panic)), vec![]),
        };
        Outcome {
            block: "core".into(),
            point: CONFIG.into(),
            case: (*case).into(),
            verdict,
            figures,
            seconds: start.elapsed().as_secs_f64(),
            rerun: plan.rerun(TECHNIQUE.name, None),
        }
    })
}

/// A core, and what is drawn at random for a case.
struct Stand {
    core: Core,
    tier: Tier,
    config: &'static Config,
    rng: ChaCha8Rng,
    /// How the struck jobs ended, by name.
    ends: BTreeMap<&'static str, u64>,
    next: usize,
}

impl Stand {
    fn open(plan: &Plan, case: &str) -> Self {
        let mut rng = plan.rng(&[TECHNIQUE.name, case]);
        let config = Config::named(CONFIG).expect("the config is in the table");
        let mut core = Core::open(config, [StallPattern::NONE, StallPattern::half(rng.random())]);
        core.quiet = QUIET;
        Self { core, tier: plan.tier, config, rng, ends: BTreeMap::new(), next: 0 }
    }

    /// A job that must be right, with what was before it in the message.
    fn right(&mut self, before: &str) -> Result<(), String> {
        let kernel = NEXT[self.next % NEXT.len()];
        self.next += 1;
        let task = match self.next % 8 {
            // Mostly small ones: there are thousands of strikes.
            0 => Task::random(&mut self.rng, self.config, kernel),
            _ if kernel == Kernel::Tree => Task::new(&mut self.rng, shape(kernel, 2, 0, 8, 2)),
            _ => {
                let levels = if kernel.row().compresses { 2 } else { 0 };
                Task::new(&mut self.rng, shape(kernel, 2, 0, 5, levels))
            }
        };
        let core = &mut self.core;
        caught(|| task.check(core, before))
            .map(|_| ())
            .map_err(|e| format!("after {before}, the next job is wrong: {e}"))
    }

    /// What came back for a struck job; whether it ended with a status.
    fn judge(&mut self, what: &str, task: &Task, received: &[u32]) -> Result<bool, String> {
        let found = caught(|| frames(received)).map_err(|e| format!("{what}: expected frames: {e}"))?;
        let mut ended = false;
        for status in found.iter().filter(|f| f.kind == FrameType::Status as u8) {
            ended = true;
            let code = status.payload.first().copied().unwrap_or(u32::MAX);
            let code =
                StatusCode::from_code(code).ok_or_else(|| format!("{what}: expected a status code, found {code}"))?;
            *self.ends.entry(code.name()).or_default() += 1;
            if code == StatusCode::Ok && status.job == task.job {
                // Right in every word, or it was wrong to say so. But a host that goes on sending may be told that more words were taken.
                let own = found.iter().filter(|f| f.job == task.job).filter_map(|f| {
                    let kind = FrameType::from_code(f.kind)?;
                    let mut payload = f.payload.clone();
                    if let (FrameType::Status, Some(taken)) = (kind, payload.get_mut(TAKEN)) {
                        *taken = (*taken).min(task.words.len() as u32);
                    }
                    Some(frame(f.job, f.kernel, kind, f.sequence, &payload))
                });
                let words = own.flatten().collect::<Vec<u32>>();
                caught(|| task.compare(&words, what)).map_err(|e| format!("{what}: called `ok`: {e}"))?;
            }
        }
        if !ended {
            *self.ends.entry("no answer").or_default() += 1;
        }
        Ok(ended)
    }

    /// What a host does that has lost track: whatever was, the core tells who it is afterwards.
    fn recover(&mut self, what: &str) -> Result<(), String> {
        let job = self.rng.random_range(0..ANY_JOB);
        let words = [vec![0; RECOVERY_WORDS], cancel(ANY_JOB), identify(job)].concat();
        let (core, mut found) = (&mut self.core, vec![]);
        // The first status may be that of the job that was cancelled.
        caught(|| found = frames(&core.talk_until(&words, 2))).map_err(|e| format!("{what}, then recovery: {e}"))?;
        let map = found.iter().filter(|f| f.job == job && f.kind == FrameType::Registers as u8).count();
        match map {
            1 => Ok(()),
            _ => Err(format!("{what}, then recovery: expected the register map, found {found:x?}")),
        }
    }

    /// Strikes jobs of a shape in every way of a list; the next job is right each time.
    fn strike_all(
        &mut self,
        shape: Shape,
        list: fn(&mut ChaCha8Rng, Tier, &Task, &Task) -> Vec<Strike>,
    ) -> Result<Figures, String> {
        self.right("nothing")?;
        let [task, other] = [(); 2].map(|()| Task::new(&mut self.rng, shape));
        let strikes = list(&mut self.rng, self.tier, &task, &other);
        for strike in &strikes {
            let (core, mut received) = (&mut self.core, vec![]);
            caught(|| received = core.talk(&strike.words)).map_err(|e| format!("{}: {e}", strike.what))?;
            let ended = self.judge(&strike.what, &task, &received)?;
            if !ended || strike.lost {
                self.recover(&strike.what)?;
            }
            self.right(&strike.what)?;
        }
        Ok(self.figures(strikes.len(), None))
    }

    /// Resets the core at every clock of a small job; in the quick tier at every one of the command and some of the rest.
    fn resets(&mut self) -> Result<Figures, String> {
        self.right("nothing")?;
        let task = Task::new(&mut self.rng, SMALL);
        let start = self.core.model.cycles();
        task.check(&mut self.core, "control");
        let clocks = self.core.model.cycles() - start;
        let every = self.tier.of(17, 1);
        let strided = (self.rng.random_range(0..every)..clocks).step_by(every as usize);
        let mut count = 0;
        for at in (0..COMMAND_CLOCKS).chain(strided.filter(|&at| at >= COMMAND_CLOCKS)) {
            self.core.exchange(&task.words, MANY, at);
            self.core.reset();
            self.right(&format!("a reset at clock {at} of {clocks}"))?;
            count += 1;
        }
        Ok(self.figures(count, Some(every)))
    }

    /// The words of a job stop coming: the watchdog ends it, whether the host goes on reading or not.
    fn losses(&mut self) -> Result<Figures, String> {
        self.right("nothing")?;
        let task = Task::new(&mut self.rng, SMALL);
        let every = self.tier.of(23, 1);
        let mut count = 0;
        for at in (self.rng.random_range(1..=every)..task.words.len()).step_by(every) {
            let reads = count % 2 == 0;
            let what = format!(
                "the link was lost after {at} of {} words, {}",
                task.words.len(),
                if reads { "one way" } else { "both ways" }
            );
            let mut received = self.core.exchange(&task.words[..at], MANY, QUIET).1;
            let silence = (1 << WATCHDOG) + QUIET;
            received.extend(self.core.exchange(&[], if reads { MANY } else { 0 }, silence).1);
            if !reads {
                received.extend(self.core.exchange(&[], MANY, QUIET).1);
            }
            let ended = self.judge(&what, &task, &received)?;
            // A header is four words: what came before it is no job.
            if ended != (at >= 4) {
                return Err(format!("{what}: expected {} status", if at >= 4 { "a" } else { "no" }));
            }
            if !ended {
                self.recover(&what)?;
            }
            self.right(&what)?;
            count += 1;
        }
        Ok(self.figures(count, Some(every as u64)))
    }

    /// Places struck, of a sweep its stride, and how the struck jobs ended.
    fn figures(&self, strikes: usize, every: Option<u64>) -> Figures {
        let ends = self.ends.iter().map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>().join(", ");
        let mut figures = vec![("places", strikes.to_string()), ("ended with", ends)];
        figures.extend(every.map(|every| ("every", every.to_string())));
        figures
    }
}

/// Calls what panics when an answer is not right.
fn caught<T>(check: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(check)).map_err(|panic| message(&*panic))
}
