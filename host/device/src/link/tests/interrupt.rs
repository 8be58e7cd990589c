//! Jobs that are cancelled: at every point, whatever was sent and received by then.

use super::*;
use crate::Canceller;
use galena_target::frame::StatusCode;

/// Cancels the job in the exchange after so many others.
struct Impatient<T> {
    inner: T,
    canceller: Option<Canceller>,
    left: u64,
}

impl<T: Transport> Transport for Impatient<T> {
    fn exchange(&mut self, tx: &[u32], rx: &mut Vec<u32>, want: usize) -> Result<usize, TransportError> {
        if self.left == 0
            && let Some(canceller) = &self.canceller
        {
            canceller.cancel();
        }
        self.left = self.left.wrapping_sub(1);
        // In small steps, so that there are many points.
        self.inner.exchange(&tx[..tx.len().min(36)], rx, want.min(50))
    }

    fn describe(&self) -> String {
        self.inner.describe()
    }

    fn unit(&self) -> usize {
        self.inner.unit()
    }
}

#[test]
fn a_cancelled_job_ends_and_the_next_is_right() {
    let matrix = matrix();
    let want = reference(&matrix);
    for unit in [1, 4] {
        let transport = Impatient { inner: link(100).unit(unit), canceller: None, left: 0 };
        let mut device = LinkDevice::open("model", transport).unwrap();
        device.transport_mut().canceller = device.canceller();
        let (mut cancelled, mut done) = (0, 0);
        for left in 0..200 {
            device.transport_mut().left = left;
            match device.run(&job(&matrix)) {
                Ok(output) => {
                    assert!(right(&output, &want));
                    done += 1;
                }
                Err(DeviceError::Status { code: StatusCode::Cancelled, .. }) => cancelled += 1,
                Err(other) => panic!("after {left} exchanges: {other}"),
            }
            device.transport_mut().left = u64::MAX;
            assert!(right(&device.run(&job(&matrix)).unwrap(), &want), "the job after {left} exchanges");
        }
        assert!(cancelled > 15 && done > 20, "{cancelled} cancelled, {done} done before");
    }
}

#[test]
fn a_cancel_between_jobs_does_not_concern_the_next() {
    let matrix = matrix();
    let mut device = connect(100);
    device.canceller().unwrap().cancel();
    assert!(right(&device.run(&job(&matrix)).unwrap(), &reference(&matrix)));
}

/// The earliest moment there is: nothing has been sent. A cancel before its job would be ignored, and waited for in vain.
#[test]
fn a_cancel_before_the_first_word_ends_the_job_all_the_same() {
    struct Early<T>(T, Option<Canceller>, bool);
    impl<T: Transport> Transport for Early<T> {
        fn exchange(&mut self, tx: &[u32], rx: &mut Vec<u32>, want: usize) -> Result<usize, TransportError> {
            if let (Some(canceller), false) = (&self.1, std::mem::replace(&mut self.2, true)) {
                canceller.cancel();
                return Ok(0);
            }
            self.0.exchange(tx, rx, want)
        }

        fn describe(&self) -> String {
            self.0.describe()
        }
    }
    let matrix = matrix();
    let mut device = LinkDevice::open("model", Early(link(100), None, false)).unwrap();
    let canceller = device.canceller();
    (device.transport_mut().1, device.transport_mut().2) = (canceller, false);
    match device.run(&job(&matrix)) {
        Err(DeviceError::Status { code: StatusCode::Cancelled, .. }) => {}
        other => assert!(right(&other.unwrap(), &reference(&matrix)), "or it was too late"),
    }
    assert!(right(&device.run(&job(&matrix)).unwrap(), &reference(&matrix)));
}

/// A device that does not see the cancel does the job: nothing is lost by asking.
#[test]
fn a_cancel_that_is_not_seen_costs_nothing_but_time() {
    let matrix = matrix();
    let transport = Impatient { inner: link(100), canceller: None, left: 0 };
    let mut device = LinkDevice::open("model", transport).unwrap();
    device.transport_mut().canceller = device.canceller();
    for left in [0, 10, 30, 60] {
        device.transport_mut().inner.endpoint.flaw(Some(crate::endpoint::Flaw::Stubborn));
        device.transport_mut().left = left;
        match device.run(&job(&matrix)) {
            Ok(output) => assert!(right(&output, &reference(&matrix))),
            // Where data were still to come, the cancel was a frame out of place.
            Err(DeviceError::Status { code: StatusCode::Sequence, .. }) => {}
            Err(other) => panic!("after {left} exchanges: {other}"),
        }
        device.transport_mut().inner.endpoint.flaw(None);
        assert!(right(&device.run(&job(&matrix)).unwrap(), &reference(&matrix)));
    }
}
