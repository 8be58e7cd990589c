//! The serial core through its line, bit by bit at full rate: all kernels, and no word lost where output is slower than input.

use galena_device::conformance::reference;
use galena_device::driver::OpenOptions;
use galena_device::{Device, Job, Kernel, field};
use galena_target::FIELD_PRIME;

#[test]
fn every_kernel_through_the_serial_line() {
    let mut device = galena_sim::device::open("small-uart", &OpenOptions::default()).unwrap();
    assert_eq!(device.info().name, "sim:small-uart");
    // Enough rows that the answers of `hash` and `tree`, longer than the questions, would overrun a host that does not pace itself.
    for (kernel, log_rows, columns) in
        [(Kernel::Lde, 2, 9), (Kernel::Commit, 3, 11), (Kernel::Tree, 7, 8), (Kernel::Hash, 9, 3), (Kernel::Lde, 7, 32)]
    {
        let matrix: Vec<u32> =
            (0..(columns << log_rows) as u32).map(|i| i.wrapping_mul(0x85eb_ca6b) % FIELD_PRIME).collect();
        let log_blowup = usize::from(kernel.row().transforms);
        let job = Job {
            kernel,
            log_rows,
            log_blowup,
            shift: field::word(31),
            matrix: &matrix,
            columns,
            levels: if kernel.row().compresses { log_rows + log_blowup } else { 0 },
            return_rows: true,
            return_digests: true,
            first_level: 0,
            keep_rows: None,
            keep_digests: None,
            search: Default::default(),
        };
        let output = device.run(&job).unwrap_or_else(|e| panic!("{kernel}: {e}"));
        let want = reference(&job);
        assert!(output.rows == want.rows && output.layers == want.layers, "{kernel}");
        assert!(output.counters.cycles > 0);
    }
}
