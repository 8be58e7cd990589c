//! What a phase cost: wall time, CPU time of the process, and the peak of its memory.

use std::time::Instant;

use serde::Serialize;

/// A moment: wall clock and CPU time of this process (all threads, user and system).
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    wall: Instant,
    cpu_seconds: f64,
}

impl Moment {
    /// Now.
    pub fn now() -> Self {
        Self { wall: Instant::now(), cpu_seconds: cpu_seconds(rustix::time::ClockId::ProcessCPUTime) }
    }

    /// What has been spent since.
    pub fn elapsed(&self) -> Spent {
        let now = Self::now();
        Spent {
            wall_seconds: (now.wall - self.wall).as_secs_f64(),
            cpu_seconds: (now.cpu_seconds - self.cpu_seconds).max(0.0),
        }
    }
}

/// Time spent, in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Spent {
    /// By the clock on the wall.
    pub wall_seconds: f64,
    /// By all threads of this process together.
    pub cpu_seconds: f64,
}

impl std::ops::AddAssign for Spent {
    fn add_assign(&mut self, other: Self) {
        self.wall_seconds += other.wall_seconds;
        self.cpu_seconds += other.cpu_seconds;
    }
}

/// CPU seconds of the calling thread: what a simulated device costs the machine that simulates it.
pub(crate) fn thread_cpu_seconds() -> f64 {
    cpu_seconds(rustix::time::ClockId::ThreadCPUTime)
}

fn cpu_seconds(clock: rustix::time::ClockId) -> f64 {
    let time = rustix::time::clock_gettime(clock);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

/// The most memory this process ever held at once, in bytes, where the system says (Linux).
pub fn peak_memory_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_costs_cpu_time_and_sleep_does_not() {
        let start = Moment::now();
        let thread = thread_cpu_seconds();
        let mut x = 1u64;
        while thread_cpu_seconds() - thread < 0.05 {
            x = std::hint::black_box(x.wrapping_mul(3));
        }
        let spent = start.elapsed();
        assert!(spent.cpu_seconds >= 0.05 && spent.wall_seconds >= 0.04, "{spent:?}");
        let thread = thread_cpu_seconds();
        std::thread::sleep(std::time::Duration::from_millis(50));
        assert!(thread_cpu_seconds() - thread < 0.04);
    }

    #[test]
    fn peak_memory_is_at_least_what_we_hold() {
        if !cfg!(target_os = "linux") {
            return;
        }
        let held = std::hint::black_box(vec![1u8; 32 << 20]);
        let peak = peak_memory_bytes().unwrap();
        assert!(peak >= held.len() as u64, "{peak}");
    }
}
