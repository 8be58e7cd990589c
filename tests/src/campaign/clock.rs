//! Processor time, memory, descriptors and threads of this process, as Linux counts them.

use rustix::time::{ClockId, clock_gettime};

/// Processor seconds of this thread.
pub fn thread_cpu() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

/// What a process holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holdings {
    /// Bytes of memory that are resident.
    pub resident: u64,
    /// Open descriptors.
    pub descriptors: usize,
    /// Threads.
    pub threads: usize,
}

impl Holdings {
    /// Of this process, now.
    ///
    /// # Panics
    /// Where there is no `/proc`.
    pub fn now() -> Self {
        let status = std::fs::read_to_string("/proc/self/status").expect("/proc/self/status");
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok())
                .expect("a field of /proc/self/status")
        };
        let descriptors = std::fs::read_dir("/proc/self/fd").expect("/proc/self/fd").count();
        Self { resident: 1024 * field("VmRSS:"), descriptors, threads: field("Threads:") as usize }
    }
}
