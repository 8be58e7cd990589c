//! A technique at one point of one block: its generators, its cases, and the walk over all of them.

use super::{Outcome, Plan, Verdict};
use galena_hdl::block::{Block, Point};
use rand_chacha::ChaCha8Rng;
use std::any::Any;
use std::io::IsTerminal;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

/// Figures of a case: name and value.
pub(super) type Figures = Vec<(&'static str, String)>;

/// A technique at one point of one block.
pub struct Place<'a> {
    /// What is asked for.
    pub plan: &'a Plan,
    /// Name of the technique.
    pub technique: &'static str,
    /// The block.
    pub block: &'static Block,
    /// The point.
    pub point: &'a Point,
    /// Whether it is the first of its block, the smallest.
    pub first: bool,
    /// The point before it that has the same circuit, with other jobs.
    pub twin: Option<&'a str>,
}

impl Place<'_> {
    /// The generator of a case.
    pub fn rng(&self, case: &str) -> ChaCha8Rng {
        self.plan.rng(&[self.technique, self.block.name, &self.point.name, case])
    }

    /// Runs a case. A panic in it (a model that refuses its own job) is a failure like any other.
    pub fn case<E: ToString>(&self, case: &str, check: impl FnOnce() -> Result<Figures, E>) -> Outcome {
        let start = Instant::now();
        let (verdict, figures) = match catch_unwind(AssertUnwindSafe(check)) {
            Ok(Ok(figures)) => (Verdict::Passed, figures),
            Ok(Err(error)) => (Verdict::Failed(error.to_string()), vec![]),
            Err(panic) => (Verdict::Failed(format!("panicked: {}", message(&*panic))), vec![]),
        };
        Outcome { figures, seconds: start.elapsed().as_secs_f64(), ..self.outcome(case, verdict) }
    }

    /// A case that is not run.
    pub fn skip(&self, case: &str, why: &str) -> Outcome {
        self.outcome(case, Verdict::Skipped(why.into()))
    }

    fn outcome(&self, case: &str, verdict: Verdict) -> Outcome {
        Outcome {
            block: self.block.name.into(),
            point: self.point.name.clone(),
            case: case.into(),
            verdict,
            figures: vec![],
            seconds: 0.0,
            rerun: self.plan.rerun(self.technique, Some(self.block.name)),
        }
    }
}

/// What a panic said.
pub(super) fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|s| s.to_string());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".into())
}

impl Plan {
    /// Calls `work` at every point of this tier, on as many threads as there are processors; the outcomes are in the order of the points.
    pub fn each_point(&self, technique: &'static str, work: impl Fn(&Place) -> Vec<Outcome> + Sync) -> Vec<Outcome> {
        self.each(technique, self.tier.of(1, usize::MAX), work)
    }

    /// The same at the smallest point of each block in every tier.
    pub fn each_first(&self, technique: &'static str, work: impl Fn(&Place) -> Vec<Outcome> + Sync) -> Vec<Outcome> {
        self.each(technique, 1, work)
    }

    fn each(&self, technique: &'static str, most: usize, work: impl Fn(&Place) -> Vec<Outcome> + Sync) -> Vec<Outcome> {
        let of = |block: &'static Block| (block.points)().into_iter().take(most).map(move |p| (block, p));
        let points: Vec<_> = self.blocks.iter().flat_map(|&block| of(block)).collect();
        let loud = std::io::stderr().is_terminal();
        let numbered: Vec<usize> = (0..points.len()).collect();
        in_parallel(&numbered, |&k| {
            let (block, point) = &points[k];
            let before = || points[..k].iter().filter(|(b, _)| b.name == block.name);
            let twin = before().find(|(_, p)| p.module.name == point.module.name).map(|(_, p)| p.name.as_str());
            let place = Place { plan: self, technique, block, point, first: before().next().is_none(), twin };
            let outcomes = work(&place);
            if loud {
                let failed = outcomes.iter().filter(|o| matches!(o.verdict, Verdict::Failed(_))).count();
                let seconds: f64 = outcomes.iter().map(|o| o.seconds).sum();
                eprintln!("{technique:<10} {:<16} {:<20} {failed} failed, {seconds:.1} s", block.name, point.name);
            }
            outcomes
        })
        .concat()
    }
}

/// `work` of every item, on as many threads as there are processors, in the order of the items.
pub(super) fn in_parallel<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(items.len().max(1));
    let next = AtomicUsize::new(0);
    let done: Vec<Mutex<Option<R>>> = items.iter().map(|_| Mutex::new(None)).collect();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some((item, slot)) = claim(&next, items, &done) {
                    let result = work(item);
                    *slot.lock().unwrap_or_else(|e| e.into_inner()) = Some(result);
                }
            });
        }
    });
    done.into_iter().filter_map(|slot| slot.into_inner().unwrap_or_else(|e| e.into_inner())).collect()
}

/// The next item that nobody has, with the place for its result.
fn claim<'a, T, R>(next: &AtomicUsize, items: &'a [T], done: &'a [Mutex<R>]) -> Option<(&'a T, &'a Mutex<R>)> {
    let at = next.fetch_add(1, Ordering::Relaxed);
    items.get(at).zip(done.get(at))
}
