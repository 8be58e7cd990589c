//! System calls that may block for as long as a driver likes, each made by a thread of its own, so that the host can stop waiting.
//!
//! A thread in a system call cannot be taken back: a signal would leave the engine stopped. So one that does not return is left behind
//! until the driver gives up by itself; it keeps the card's lock, and no other is started in its place before it has ended.

use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How often the end of a thread is looked for.
const POLL: Duration = Duration::from_millis(1);

/// A thread that does one task at a time.
pub(crate) struct Worker<T> {
    tasks: Option<Sender<T>>,
    thread: Option<JoinHandle<()>>,
    /// When the task under way began.
    since: Option<Instant>,
}

impl<T: Send + 'static> Worker<T> {
    /// Starts the thread; `act` does a task and reports what came of it.
    pub(crate) fn start(name: &str, mut act: impl FnMut(T) + Send + 'static) -> std::io::Result<Self> {
        let (tasks, received) = channel();
        let thread = std::thread::Builder::new().name(format!("galena {name}")).spawn(move || {
            while let Ok(task) = received.recv() {
                act(task);
            }
        })?;
        Ok(Self { tasks: Some(tasks), thread: Some(thread), since: None })
    }

    /// Hands it a task; it must have none.
    pub(crate) fn give(&mut self, task: T) {
        self.since = Some(Instant::now());
        if let Some(tasks) = &self.tasks {
            // A thread that is gone reports nothing: the deadline tells.
            let _ = tasks.send(task);
        }
    }

    /// It has reported.
    pub(crate) fn done(&mut self) {
        self.since = None;
    }

    /// It goes on with its task: the time it is granted begins anew.
    pub(crate) fn moved(&mut self) {
        self.since = self.since.map(|_| Instant::now());
    }

    /// Whether it has a task.
    pub(crate) fn busy(&self) -> bool {
        self.since.is_some()
    }

    /// How long it has had its task.
    pub(crate) fn waited(&self) -> Duration {
        self.since.map_or(Duration::ZERO, |since| since.elapsed())
    }

    /// Ends it; false if it has not ended by then, and is left to itself.
    pub(crate) fn end(&mut self, limit: Instant) -> bool {
        self.tasks = None;
        let Some(thread) = &self.thread else { return true };
        while !thread.is_finished() {
            if Instant::now() >= limit {
                return false;
            }
            std::thread::sleep(POLL);
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        true
    }
}

/// A buffer that begins on a page, as DMA likes it.
pub(crate) struct Buffer {
    bytes: Vec<u8>,
    start: usize,
    length: usize,
}

/// Bytes of a page.
pub(crate) const PAGE: usize = 4096;

impl Buffer {
    /// At least `length` bytes of zeros, whole pages.
    pub(crate) fn new(length: usize) -> Self {
        let length = length.next_multiple_of(PAGE);
        let bytes = vec![0; length + PAGE];
        // The vector is never moved to another place: it does not grow.
        let start = bytes.as_ptr().align_offset(PAGE).min(PAGE);
        Self { bytes, start, length }
    }

    /// The buffer.
    pub(crate) fn bytes(&mut self) -> &mut [u8] {
        &mut self.bytes[self.start..self.start + self.length]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_begin_on_pages() {
        for length in [1, 4096, 5000, 1 << 20] {
            let mut buffer = Buffer::new(length);
            assert!(buffer.bytes().len() >= length && buffer.bytes().len().is_multiple_of(PAGE));
            assert_eq!(buffer.bytes().as_ptr() as usize % PAGE, 0);
        }
    }

    #[test]
    fn a_thread_that_does_not_return_is_left_behind_and_noticed() {
        let (reports, received) = channel();
        let (release, gate) = channel::<()>();
        let mut worker = Worker::start("test", move |task: u32| {
            if task == 2 {
                let _ = gate.recv();
            }
            let _ = reports.send(task);
        })
        .unwrap();
        worker.give(1);
        assert!(worker.busy());
        assert_eq!(received.recv().unwrap(), 1);
        worker.done();
        assert!(!worker.busy() && worker.waited() == Duration::ZERO);
        worker.give(2);
        let began = Instant::now();
        assert!(!worker.end(began + Duration::from_millis(20)), "it is still in its call");
        assert!(worker.waited() >= Duration::from_millis(20));
        drop(release);
        assert!(worker.end(Instant::now() + Duration::from_secs(5)));
        assert_eq!(received.recv().unwrap(), 2);
    }
}
