//! The real core behind a link that breaks: each fault is a typed error or harmless, and the next job is right.

use galena_device::conformance::reference;
use galena_device::link::{Fault, Faulty, LinkDevice, Way};
use galena_device::{Device, DeviceError, Job, Kernel, field};
use galena_sim::SimTransport;
use galena_sim::verilated::{Build, StallPattern};
use galena_target::{Config, FIELD_PRIME};

const COLUMNS: usize = 10;
const LOG_ROWS: usize = 4;

/// The core of `config`, and a host that gives up after two of its heartbeats' time.
fn open(config: &str) -> LinkDevice<Faulty<SimTransport>> {
    let config = Config::named(config).unwrap();
    let files = galena_hdl::core(config).unwrap();
    let model = Build::new(galena_hdl::CORE_TOP, &files).open().unwrap();
    let transport = SimTransport::new(model, config, StallPattern::NONE, StallPattern::NONE).unwrap().silence(2 << 16);
    LinkDevice::open("sim:tiny", Faulty::new(transport)).unwrap()
}

fn matrix() -> Vec<u32> {
    (0..(COLUMNS << LOG_ROWS) as u32).map(|i| i.wrapping_mul(0x9e37_79b9) % FIELD_PRIME).collect()
}

fn job(matrix: &[u32]) -> Job<'_> {
    Job {
        kernel: Kernel::Commit,
        log_rows: LOG_ROWS,
        log_blowup: 1,
        shift: field::word(31),
        matrix,
        columns: COLUMNS,
        levels: 5,
        return_rows: true,
        return_digests: true,
        first_level: 0,
        keep_rows: None,
        keep_digests: None,
        search: Default::default(),
    }
}

/// Injects every fault at every place; returns how many were injected and how many were errors.
fn inject(config: &str, faults: &[Fault], places: &[(Way, u64)]) -> (usize, usize) {
    let matrix = matrix();
    let job = job(&matrix);
    let want = reference(&job);
    let right = |output: &galena_device::Output| output.rows == want.rows && output.layers == want.layers;
    let mut device = open(config);
    let mut errors = 0;
    for &(way, at) in places {
        for &fault in faults {
            device.transport_mut().plan(way, at, fault);
            match device.run(&job) {
                Ok(output) => assert!(right(&output), "{fault:?} {way:?} {at}: a wrong result was accepted"),
                Err(DeviceError::Corrupt { .. } | DeviceError::Status { .. } | DeviceError::Silent { .. }) => {
                    errors += 1
                }
                Err(other) => panic!("{fault:?} {way:?} {at}: {other}"),
            }
            device.transport_mut().heal();
            let next = device.run(&job).unwrap_or_else(|e| panic!("after {fault:?} {way:?} {at}: {e}"));
            assert!(right(&next), "after {fault:?} {way:?} {at}");
        }
    }
    (faults.len() * places.len(), errors)
}

#[test]
fn faults_on_a_stream_cost_time_and_never_correctness() {
    // To the device 29 words of command and 5 + 256 of data; back 127 chunks, 1143 words, in 2 frames, and 21 of status.
    let to_device = (0..34).chain((34..290).step_by(23)).map(|at| (Way::ToDevice, at));
    let to_host = (0..14).chain((14..1170).step_by(97)).map(|at| (Way::ToHost, at));
    let places: Vec<_> = to_device.chain(to_host).collect();
    let faults = [Fault::Flip(1), Fault::Flip(1 << 31), Fault::Flip(0xffff), Fault::Drop, Fault::Repeat, Fault::Stop];
    let (injected, errors) = inject("tiny", &faults, &places);
    println!("{errors} typed errors of {injected} faults; the others changed nothing");
    assert!(errors * 100 >= injected * 97, "{errors} of {injected}");
}

#[test]
fn a_dead_link_is_lost_and_a_revived_one_is_found() {
    let matrix = matrix();
    let job = job(&matrix);
    let mut device = open("tiny");
    device.transport_mut().plan(Way::ToHost, 0, Fault::Stop);
    assert!(matches!(device.run(&job), Err(DeviceError::Silent { received: 0, .. })));
    assert!(matches!(device.run(&job), Err(DeviceError::Lost { .. })));
    device.transport_mut().heal();
    device.recover().unwrap();
    assert!(device.run(&job).unwrap().layers == reference(&job).layers);
}
