//! Parts of work to whichever device is free.
//!
//! Every call brings its parts and one thread for each device. A thread waits until its device is free, takes the next
//! part that its device has not failed at, and runs it. A part that fails goes back: another device takes it, and where
//! none is left it is handed back undone, for the CPU. All waiting is for devices, never for the pool of the proof, so the
//! callers may be that pool's workers.

use std::sync::{Condvar, Mutex, PoisonError};

use crate::lane::{Failure, Lane, Performed};
use crate::ledger::{Cost, Fault, Then};

/// Which devices are at work, whoever called them.
pub(crate) struct Desk {
    busy: Mutex<Vec<bool>>,
    changed: Condvar,
}

/// What became of a part.
pub(crate) struct Done<T> {
    /// The device, its result and what it cost. `None`: no device could.
    pub answer: Option<(usize, T, Cost)>,
    /// What went wrong on the way, in order.
    pub faults: Vec<Fault>,
    /// CPU seconds of the threads that drove the devices, failures included.
    pub simulated: f64,
}

/// A part in the queue.
struct Slot<T> {
    state: State,
    /// Devices that failed at it.
    failed: Vec<usize>,
    done: Done<T>,
}

#[derive(PartialEq)]
enum State {
    Waiting,
    Running,
    Over,
}

/// What a device may do next.
enum Next {
    Take(usize),
    /// Nothing now; a part that runs elsewhere may come back.
    Wait,
    Leave,
}

impl Desk {
    pub(crate) fn new(devices: usize) -> Self {
        Self { busy: Mutex::new(vec![false; devices]), changed: Condvar::new() }
    }

    /// Runs `parts` parts on `lanes`, of which `fits(lane, part)` says which may go where.
    ///
    /// `run(lane, part)` is called on a thread of its own, which is no worker of any pool. The results are in order of the
    /// parts.
    pub(crate) fn run<T: Send>(
        &self,
        lanes: &[&Lane],
        parts: usize,
        fits: impl Fn(&Lane, usize) -> bool + Sync,
        run: impl Fn(&Lane, usize) -> Performed<T> + Sync,
    ) -> Vec<Done<T>> {
        let done = || Done { answer: None, faults: vec![], simulated: 0.0 };
        let slot = || Slot { state: State::Waiting, failed: vec![], done: done() };
        let queue: Mutex<Vec<Slot<T>>> = Mutex::new((0..parts).map(|_| slot()).collect());
        std::thread::scope(|scope| {
            for lane in lanes {
                scope.spawn(|| self.work(lane, &queue, &fits, &run));
            }
        });
        let queue = queue.into_inner().unwrap_or_else(PoisonError::into_inner);
        queue.into_iter().map(|slot| slot.done).collect()
    }

    /// The thread of one device in one call.
    fn work<T>(
        &self,
        lane: &Lane,
        queue: &Mutex<Vec<Slot<T>>>,
        fits: &impl Fn(&Lane, usize) -> bool,
        run: &impl Fn(&Lane, usize) -> Performed<T>,
    ) {
        // The queue is only ever locked under the desk: one order, no deadlock.
        let mut busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let next = {
                let mut queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
                let next = next(lane, &queue, fits);
                if let (Next::Take(part), false) = (&next, busy[lane.index]) {
                    queue[*part].state = State::Running;
                }
                next
            };
            match next {
                Next::Leave => return,
                Next::Take(part) if !busy[lane.index] => {
                    busy[lane.index] = true;
                    drop(busy);
                    let performed = run(lane, part);
                    busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
                    busy[lane.index] = false;
                    let mut queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
                    settle(&mut queue[part], lane.index, performed);
                    self.changed.notify_all();
                }
                _ => busy = self.changed.wait(busy).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }
}

fn next<T>(lane: &Lane, queue: &[Slot<T>], fits: &impl Fn(&Lane, usize) -> bool) -> Next {
    if !lane.alive() {
        return Next::Leave;
    }
    let mut next = Next::Leave;
    for (part, slot) in queue.iter().enumerate() {
        if slot.state == State::Over || slot.failed.contains(&lane.index) || !fits(lane, part) {
            continue;
        }
        match slot.state {
            State::Waiting => return Next::Take(part),
            _ => next = Next::Wait,
        }
    }
    next
}

fn settle<T>(slot: &mut Slot<T>, device: usize, performed: Performed<T>) {
    let Performed { answer, cost, cured } = performed;
    let fault = |detail, then| Fault { device, detail, then };
    slot.done.simulated += cost.cpu_seconds;
    match answer {
        Ok(result) => {
            slot.done.faults.extend(cured.map(|detail| fault(detail, Then::Retried)));
            slot.done.answer = Some((device, result, cost));
            slot.state = State::Over;
        }
        Err(Failure::Cancelled) => slot.state = State::Over,
        Err(Failure::Fault(detail)) => {
            slot.done.faults.push(fault(detail, Then::Moved));
            slot.failed.push(device);
            slot.state = State::Waiting;
        }
    }
}
