//! The serial driver against a model of a board behind a pseudo-terminal: real system calls, and everything that befalls a cable.

mod board;

use board::{Board, Plan};
use galena_device::driver::{DEADLINE as DEADLINE_OF_A_PORT, OpenOptions};
use galena_device::endpoint::Flaw;
use galena_device::serial::SerialDevice;
use galena_device::{Device, DeviceError, Job, Kernel, Output, conformance};
use galena_target::FIELD_PRIME;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const DEADLINE: Duration = Duration::from_millis(400);
/// What the issue allows from a fault to its error.
const FAULT_LIMIT: Duration = Duration::from_secs(2);

struct Bench {
    folder: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn link(&self) -> PathBuf {
        self.folder.path().join("board")
    }

    fn board(&self, plan: Plan) -> Board {
        Board::new("tiny-uart", &self.link(), plan)
    }

    fn open(&self) -> Result<SerialDevice, DeviceError> {
        open(&self.link(), None)
    }
}

fn open(path: &Path, max_baud: Option<u32>) -> Result<SerialDevice, DeviceError> {
    let options = OpenOptions { deadline: Some(DEADLINE), max_baud, ..OpenOptions::default() };
    SerialDevice::open(path, &options)
}

fn matrix() -> Vec<u32> {
    (0..19u32 << 5).map(|i| i.wrapping_mul(0x9e37_79b9) % FIELD_PRIME).collect()
}

/// 19 columns of 32 rows: 29 words of command and 773 of data go out, about 2,900 come back.
fn job(matrix: &[u32]) -> Job<'_> {
    Job { log_blowup: 1, levels: 6, ..Job::of(Kernel::Commit, 5, 19, matrix) }
}

fn right(output: &Output) -> bool {
    let matrix = matrix();
    let want = conformance::reference(&job(&matrix));
    (&output.rows, &output.layers) == (&want.rows, &want.layers)
}

fn run(device: &mut SerialDevice) -> Result<Output, DeviceError> {
    device.run(&job(&matrix()))
}

#[test]
fn a_board_is_found_runs_at_the_fastest_rate_and_is_left_at_its_base_rate() {
    let bench = Bench::new();
    let board = bench.board(Plan::default());
    let mut device = bench.open().unwrap();
    assert_eq!((device.rate(), board.host_rate()), (12_000_000, 12_000_000));
    assert_eq!(device.info().config.as_deref(), Some("tiny-uart"));
    assert!(device.info().link.contains("at 12000000 baud (pseudo-terminal)"), "{}", device.info().link);
    assert_eq!(device.bytes_per_second(), Some(1_200_000.0));
    for _ in 0..3 {
        assert!(right(&run(&mut device).unwrap()));
    }
    assert!(device.registers().unwrap().is_some());
    drop(device);
    assert_eq!(board.host_rate(), 1_000_000);
    assert!(right(&run(&mut bench.open().unwrap()).unwrap()), "and is found again");
}

#[test]
fn no_faster_than_allowed_and_no_faster_than_works() {
    let bench = Bench::new();
    let _board = bench.board(Plan::default());
    for (max, rate) in [(3_000_000, 3_000_000), (3_500_000, 3_000_000), (1_000_000, 1_000_000), (9_600, 1_000_000)] {
        let mut device = open(&bench.link(), Some(max)).unwrap();
        assert_eq!(device.rate(), rate, "max_baud {max}");
        assert!(right(&run(&mut device).unwrap()));
    }
    for (fastest, rate) in [(8_000_000, 8_000_000), (2_500_000, 2_000_000), (1_000_000, 1_000_000)] {
        let bench = Bench::new();
        let _board = bench.board(Plan { fastest: Some(fastest), ..Plan::default() });
        let mut device = bench.open().unwrap();
        assert_eq!(device.rate(), rate, "a line that is good up to {fastest}");
        assert!(right(&run(&mut device).unwrap()));
    }
}

#[test]
fn a_board_that_a_dead_host_left_at_another_rate_is_found() {
    for divisor in [8, 16, 32, 64] {
        let bench = Bench::new();
        let _board = bench.board(Plan { left_at: Some(divisor), ..Plan::default() });
        // The port has 115,200 baud: it does not tell. The board would fall back by itself: only if it hears garbage, though.
        let mut device = bench.open().unwrap_or_else(|e| panic!("divisor {divisor}: {e}"));
        assert!(right(&run(&mut device).unwrap()));
    }
    // The port does tell: a host that ended without a word.
    let bench = Bench::new();
    let _board = bench.board(Plan::default());
    let mut device = bench.open().unwrap();
    run(&mut device).unwrap();
    let began = Instant::now();
    std::mem::forget(device);
    // The forgotten device still has the lock, as a living host would.
    assert!(bench.open().map(drop).unwrap_err().to_string().contains("is in use by process"));
    assert!(began.elapsed() < DEADLINE);
}

#[test]
fn stale_bytes_of_a_former_run_are_nobody_s() {
    for length in [1, 3, 4, 117, 4000] {
        let bench = Bench::new();
        let stale: Vec<u8> = (0..length).map(|i: u32| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        let half = half_a_command();
        let board = bench.board(Plan { insert: [stale.clone(), stale], ..Plan::default() });
        // They are in the port's buffers before it is opened, and in the device.
        std::thread::sleep(Duration::from_millis(20));
        board.plan(|plan| plan.insert = [half[..length.min(half.len() as u32) as usize].to_vec(), half.clone()]);
        let mut device = bench.open().unwrap_or_else(|e| panic!("{length} stale bytes: {e}"));
        assert!(right(&run(&mut device).unwrap()));
    }
}

/// The beginning of a command that nobody finished.
fn half_a_command() -> Vec<u8> {
    let mut words = vec![];
    let command = galena_target::frame::FrameType::Command;
    galena_device::link::append_frame(&mut words, Kernel::Commit.code(), command, (3, 0), vec![1; 24]);
    words.iter().flat_map(|word| word.to_le_bytes()).take(90).collect()
}

#[test]
fn two_hosts_do_not_share_a_port() {
    let bench = Bench::new();
    let _board = bench.board(Plan::default());
    let mut first = bench.open().unwrap();
    let refusal = bench.open().map(drop).unwrap_err().to_string();
    assert!(refusal.contains(&format!("is in use by process {}", std::process::id())), "{refusal}");
    assert!(right(&run(&mut first).unwrap()), "the first is not disturbed");
    drop(first);
    assert!(bench.open().is_ok());
}

#[test]
fn what_is_no_board_is_refused_and_says_why() {
    let bench = Bench::new();
    let refusal = |path: &Path| open(path, None).map(drop).unwrap_err().to_string();
    assert!(refusal(&bench.link()).contains("there is no "), "{}", refusal(&bench.link()));
    let file = bench.folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    assert!(refusal(&file).contains("expected a serial port, found something else"), "{}", refusal(&file));
    // A port with nothing behind it that answers.
    let _board = bench.board(Plan { flaw: Some(Flaw::Mute), ..Plan::default() });
    let began = Instant::now();
    let refusal = refusal(&bench.link());
    assert!(refusal.contains("no board answers on") && refusal.contains("1000000, 12000000, 8000000"), "{refusal}");
    assert!(began.elapsed() < 25 * DEADLINE, "{:?}", began.elapsed());
}

#[test]
fn lost_and_added_bytes_are_typed_errors_and_the_next_job_is_right() {
    let bench = Bench::new();
    let board = bench.board(Plan::default());
    let mut device = bench.open().unwrap();
    let (mut failed, mut all) = (0, 0);
    // 116 bytes of command, 3,092 of data; about 11,700 come back.
    for way in [0, 1] {
        for at in [0, 1, 5, 15, 16, 60, 115, 116, 133, 1500, 3000] {
            for fault in 0..4 {
                board.plan(|plan| match fault {
                    0..3 => plan.lose[way] = Some((at, [1, 3, 30][fault])),
                    _ => plan.insert[way] = vec![0x47; at + 1],
                });
                all += 1;
                let began = Instant::now();
                match run(&mut device) {
                    Ok(output) => assert!(right(&output), "way {way}, byte {at}, fault {fault}: a wrong output"),
                    Err(DeviceError::Corrupt { .. } | DeviceError::Status { .. } | DeviceError::Silent { .. }) => {
                        failed += 1
                    }
                    Err(other) => panic!("way {way}, byte {at}, fault {fault}: {other}"),
                }
                assert!(began.elapsed() < FAULT_LIMIT, "{:?}", began.elapsed());
                board.plan(|plan| (plan.lose, plan.insert) = Default::default());
                let next =
                    run(&mut device).unwrap_or_else(|e| panic!("after way {way}, byte {at}, fault {fault}: {e}"));
                assert!(right(&next));
            }
        }
    }
    assert!(failed * 10 > all * 8, "{failed} of {all} were noticed");
}

#[test]
fn an_unplugged_board_is_a_typed_error_in_every_phase_and_comes_back() {
    // Bytes until it vanishes, from the moment of opening: in the first question, its answer, a change of rate, a job, its answer.
    let bench = Bench::new();
    for (way, after) in [(0, 0), (0, 50), (1, 0), (1, 100), (0, 116 * 2), (1, 320), (0, 1200), (1, 1700)] {
        let mut plan = Plan::default();
        plan.unplug[way] = Some(after);
        let board = bench.board(plan);
        let began = Instant::now();
        let result = bench.open().and_then(|mut device| run(&mut device).map(drop));
        assert!(unplugged(&result), "way {way}, after {after}: {result:?}");
        assert!(began.elapsed() < FAULT_LIMIT, "{:?}", began.elapsed());
        assert!(board.has_vanished(), "way {way}, after {after}: the plan was not used up");
    }
    for (way, after) in [(0, 0), (0, 100), (0, 117), (0, 2000), (1, 0), (1, 40), (1, 8000), (1, 11_000)] {
        let board = bench.board(Plan::default());
        let mut device = bench.open().unwrap();
        assert!(right(&run(&mut device).unwrap()));
        board.plan(|plan| plan.unplug[way] = Some(after));
        let began = Instant::now();
        let result = run(&mut device).map(drop);
        assert!(unplugged(&result), "way {way}, after {after}: {result:?}");
        assert!(began.elapsed() < FAULT_LIMIT, "{:?}", began.elapsed());
        // While it is away everything says so at once, and recover within a deadline.
        assert!(unplugged(&run(&mut device).map(drop)));
        drop(board);
        std::fs::remove_file(bench.link()).unwrap();
        let began = Instant::now();
        assert!(unplugged(&device.recover()) && began.elapsed() < FAULT_LIMIT, "{:?}", began.elapsed());
        // It comes back while recover waits.
        let link = bench.link();
        let again = std::thread::spawn(move || {
            std::thread::sleep(DEADLINE / 2);
            Board::new("tiny-uart", &link, Plan::default())
        });
        device.recover().unwrap_or_else(|e| panic!("way {way}, after {after}: {e}"));
        let _board = again.join().unwrap();
        assert!(right(&run(&mut device).unwrap()));
        assert_eq!(device.rate(), 12_000_000, "and is as fast as before");
    }
}

fn unplugged(result: &Result<(), DeviceError>) -> bool {
    match result {
        Err(DeviceError::Unplugged { .. }) => true,
        Err(DeviceError::Open { source, .. }) => source.to_string().contains("there is no"),
        _ => false,
    }
}

#[test]
fn a_simulated_board_that_is_kept_waiting_by_its_machine_is_still_found() {
    let bench = Bench::new();
    let _board = bench.board(Plan { pause: Some(2 * DEADLINE_OF_A_PORT), ..Plan::default() });
    // No deadline is named: that of a port would have passed.
    let mut device = SerialDevice::open(&bench.link(), &OpenOptions::default()).unwrap();
    assert!(right(&run(&mut device).unwrap()));
}

#[test]
fn a_device_that_falls_silent_is_an_error_within_the_deadline_and_is_recovered() {
    let bench = Bench::new();
    let board = bench.board(Plan::default());
    let mut device = bench.open().unwrap();
    for flaw in [Flaw::Mute, Flaw::Deaf] {
        board.plan(|plan| plan.flaw = Some(flaw));
        let began = Instant::now();
        let error = run(&mut device).map(drop).unwrap_err();
        // A mute device may stop in the middle of a word of a heartbeat, and what it says after that is another.
        let typed =
            matches!(error, DeviceError::Silent { .. } | DeviceError::Status { .. } | DeviceError::Corrupt { .. });
        assert!(typed, "{flaw:?}: {error}");
        assert!(began.elapsed() < FAULT_LIMIT, "{:?}", began.elapsed());
        board.plan(|plan| plan.flaw = None);
        device.recover().unwrap_or_else(|e| panic!("{flaw:?}: {e}"));
        assert!(right(&run(&mut device).unwrap()));
    }
}

#[test]
fn a_board_that_went_back_to_its_base_rate_is_recovered() {
    let bench = Bench::new();
    let board = bench.board(Plan::default());
    let mut device = bench.open().unwrap();
    assert_eq!(device.rate(), 12_000_000);
    // A brown-out: the board is as after power-up, and nobody told the host.
    board.plan(|plan| plan.left_at = Some(96));
    assert!(run(&mut device).is_err());
    device.recover().unwrap();
    assert!(right(&run(&mut device).unwrap()));
    assert_eq!(device.rate(), 12_000_000);
}

#[test]
fn opening_and_closing_leaks_nothing() {
    let bench = Bench::new();
    let _board = bench.board(Plan::default());
    drop(bench.open().unwrap());
    let own = std::fs::canonicalize(bench.link()).unwrap();
    let count = || {
        std::fs::read_dir("/proc/self/fd")
            .unwrap()
            .flatten()
            .filter(|e| std::fs::read_link(e.path()).is_ok_and(|p| p == own))
            .count()
    };
    let before = count();
    for _ in 0..10 {
        drop(bench.open().unwrap());
    }
    assert_eq!(count(), before);
}
