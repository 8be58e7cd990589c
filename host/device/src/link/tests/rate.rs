//! The kernel `rate`.

use super::*;
use galena_target::frame::StatusCode;

#[test]
fn a_serial_device_changes_its_rate_and_a_reset_brings_the_base_rate_back() {
    let config = Config::named("small-uart").unwrap();
    let mut device = LinkDevice::open("model", EndpointLink::new(Endpoint::new(config), 100).lossy()).unwrap();
    assert_eq!(device.transport().endpoint.divisor(), 48);
    device.rate(16).unwrap();
    assert_eq!(device.transport().endpoint.divisor(), 16);
    device.registers().unwrap();
    for divisor in [0, 3, 65_536] {
        match device.rate(divisor) {
            Err(DeviceError::Status { kernel: Kernel::Rate, code: StatusCode::Limits, found, .. }) => {
                assert_eq!(found, divisor);
            }
            other => panic!("{divisor}: {other:?}"),
        }
    }
    assert_eq!(device.transport().endpoint.divisor(), 16);
    device.transport_mut().reset().unwrap();
    assert_eq!(device.transport().endpoint.divisor(), 48);
}

#[test]
fn a_device_without_a_line_has_no_rate() {
    let mut device = connect(100);
    match device.rate(16) {
        Err(DeviceError::Status { kernel: Kernel::Rate, code: StatusCode::UnknownKernel, .. }) => {}
        other => panic!("{other:?}"),
    }
    assert!(right(&device.run(&job(&matrix())).unwrap(), &reference(&matrix())));
}
