//! The same bytes whoever computes: stock Plonky3, our schemes on the CPU, and on a device of any size, on 1 and 2 threads.

#[macro_use]
mod toy;

use galena_prover::{DeviceMmcs, DevicePcs, Offload, SmallestWitness};
use p3_batch_stark::{ProverData, StarkInstance, prove_batch};
use std::sync::Arc;
use toy::{Knobs, StockChallenger, challenger, config, fri, perm, run, stock, stock_verifies};

const KNOBS: [Knobs; 3] = [
    Knobs { log_blowup: 1, max_log_arity: 3, log_final_poly_len: 0, cap_height: 2 },
    Knobs { log_blowup: 1, max_log_arity: 1, log_final_poly_len: 0, cap_height: 0 },
    Knobs { log_blowup: 2, max_log_arity: 3, log_final_poly_len: 2, cap_height: 3 },
];

type Ours = p3_uni_stark::StarkConfig<DevicePcs, toy::Challenge, SmallestWitness>;

fn ours(knobs: Knobs, offload: Arc<Offload>) -> Ours {
    let mmcs = DeviceMmcs::new(perm(), knobs.cap_height, Arc::clone(&offload));
    config(DevicePcs::new(fri(knobs, mmcs.clone()), mmcs, offload), SmallestWitness(challenger()))
}

fn on_threads<T: Send>(threads: usize, f: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(f)
}

/// Heights of log, cells and bytes (256): all different, two equal in each way, and the log shorter than the bytes.
const SHAPES: [(usize, usize); 4] = [(10, 6), (8, 7), (7, 7), (5, 3)];

#[test]
fn cpu_writes_the_bytes_of_the_stock_prover() {
    for knobs in KNOBS {
        for (log_rows, log_cells) in SHAPES {
            let run = run(log_rows, log_cells);
            // One thread: there the stock grinder, too, returns the smallest witness.
            let expected = on_threads(1, || prove!(stock::<StockChallenger>(knobs, challenger()), run)).unwrap();
            for threads in [1, 2] {
                let config = ours(knobs, Offload::cpu(Box::new(|_| ())));
                let proof = on_threads(threads, || prove!(config, run)).unwrap();
                assert!(proof == expected, "{knobs:?}, 2^{log_rows} rows, {threads} threads");
            }
            stock_verifies(knobs, &run, &expected).unwrap();
        }
    }
}
