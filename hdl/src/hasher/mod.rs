//! The hasher: rows and digests in, leaf digests and tree nodes out, on one Poseidon2 engine.
//!
//! The state memory keeps 16 words a row. A row's beat overwrites the first words of its state and is permuted; between the groups of
//! eight columns nothing else is stored. When a row is finished its state *is* the leaf digest, and the tree is built in place: node i
//! of a level is written where leaf i was, which both its children's readers have left by then. So the tree needs no memory of its own,
//! and its order is free: rows go first, then the lowest level with a pair that is ready (the longest way to the root), which keeps
//! the engine full until the last few levels. Digests that come in are leaves already: they are paired on the way and never written.
//!
//! The memory has two banks. The first half of an even row's state and the second half of an odd row's are in one, the others in the other:
//! both halves of a state, and the digests of two children, are always read in one clock, so a permutation can start in every clock.
//!
//! | part | does |
//! |---|---|
//! | `feeder` | takes row beats, digests and node candidates, reads both banks, feeds the engine |
//! | `planner` | finds the next node: counts the pairs of each level, one node a clock |
//! | `collector` | takes results, writes them back, sends digests out, ends the job |
//!
//! # Datasheet
//!
//! Whole jobs, fill and drain included, no stalls; utilisation = useful multiplies / (K * clocks). Simulated clocks
//! (`sim/tests/circuit_hasher.rs` runs these jobs and compares; hashers of 96, 128 and 282 multipliers are in the table of blocks).
//!
//! | K | job | clocks | utilisation |
//! |---|---|---|---|
//! | 4 | leaves, 2^10 rows x 64 | 1155514 | 100.0 % |
//! | 4 | leaves and tree, 2^10 rows x 64 | 1301659 | 99.8 % |
//! | 4 | tree, 2^16 digests | 9242570 | 100.0 % |
//! | 8 | leaves, 2^10 rows x 64 | 578020 | 99.9 % |
//! | 8 | leaves and tree, 2^10 rows x 64 | 652632 | 99.5 % |
//! | 8 | tree, 2^16 digests | 4623170 | 99.9 % |
//! | 16 | leaves, 2^10 rows x 64 | 289085 | 99.9 % |
//! | 16 | leaves and tree, 2^10 rows x 64 | 328274 | 99.0 % |
//! | 16 | tree, 2^16 digests | 2313516 | 99.9 % |
//! | 32 | leaves, 2^10 rows x 64 | 144744 | 99.8 % |
//! | 32 | leaves and tree, 2^10 rows x 64 | 166552 | 97.5 % |
//! | 32 | tree, 2^16 digests | 1159155 | 99.6 % |
//! | 64 | leaves, 2^12 rows x 64 | 289241 | 99.8 % |
//! | 64 | leaves and tree, 2^12 rows x 64 | 329810 | 98.5 % |
//! | 64 | tree, 2^16 digests | 582468 | 99.2 % |
//! | 141 | leaves, 2^14 rows x 64 | 524963 | 99.9 % |
//! | 141 | leaves and tree, 2^14 rows x 64 | 594916 | 99.1 % |
//! | 141 | tree, 2^16 digests | 267236 | 98.1 % |
//! | 564 | leaves, 2^14 rows x 64 | 131643 | 99.6 % |
//! | 564 | leaves and tree, 2^14 rows x 64 | 152723 | 96.6 % |
//! | 564 | tree, 2^16 digests | 74685 | 87.7 % |
//!
//! Where the slots of a tree go (`cargo run --release -p galena-sim --example hasher_tail` prints every level, simulated). A level cannot
//! begin before the last digest below it, so while fewer nodes are left than fit into the way from children to parent, slots stay empty:
//!
//! * K = 16, 796 clocks or 23 slots from the last digest of a level to the one of the next: the lowest eleven levels run at the bound, levels 12 to 16
//!   leave 83 of 65,631 slots empty, all the rest 13.
//! * K = 564, 572 clocks or as many slots: digests come in one a clock, which is as fast as the engine is, so all levels run along with the input, each
//!   572 clocks behind the one below. The last digest of level 1 leaves at 66,105, the root 15 * 572 clocks later, at 74,685: of those 8,580 slots
//!   8,008 are empty, and 1,142 were while the levels filled. No order of work ends much before 65,536 + 16 * 572; only other work could fill
//!   the gap, and a job is taken when the one before has ended.
//!
//! Area by yosys `synth_ecp5` (synthesis estimate, yosys 0.70; not placed):
//!
//! | K | log_rows_max | MULT18X18D | DP16KD | LUT4 | TRELLIS_FF | CCU2C | TRELLIS_DPR16X4 |
//! |---|---|---|---|---|---|---|---|
//! | 16 | 11 | 64 | 91 | 7676 | 19040 | 4360 | 654 |

pub(crate) mod block;
mod collector;
mod feeder;
mod planner;

use crate::grind;
use crate::netlist::Module;
use crate::poseidon2::{Shape, ShapeError};
use crate::stream::ram;

/// Bits of a row number or a node index.
pub const INDEX: usize = 20;

/// Bits of a level.
pub const LEVEL: usize = 5;

/// Bits of eight field words.
const HALF: usize = 8 * 31;

/// Tag of a permutation in the engine: kind, level, index.
const TAG: usize = 2 + LEVEL + INDEX;

/// Kind of a permutation whose state is kept: a row that goes on.
const KIND_ROW: usize = 0;
/// Kind of a permutation that gives a leaf digest.
const KIND_LEAF: usize = 1;
/// Kind of a permutation that gives a tree node.
const KIND_NODE: usize = 2;

/// Parameters of a hasher.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HasherConfig {
    /// Multipliers K of the engine: one of [`Shape::multipliers_of`] width 16.
    pub multipliers: usize,
    /// The state memory holds 2^log_rows_max rows, 2 to 20.
    pub log_rows_max: usize,
}

impl HasherConfig {
    /// Permutations in flight in its engine; none if there is no such engine.
    pub fn in_flight(&self) -> usize {
        Shape::new(16, self.multipliers).map_or(0, |shape| shape.in_flight())
    }
}

/// A hasher that cannot be generated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HasherError {
    /// The engine.
    #[error(transparent)]
    Engine(#[from] ShapeError),
    /// The state memory.
    #[error("a hasher for 2^{0} rows was asked for: use 2 to {INDEX}")]
    Rows(usize),
}

/// The circuit `hasher_k{K}_r{log_rows_max}`.
///
/// * `job_start`: one clock; latches `job_log_leaves` (at most log_rows_max), `job_levels` (at most `job_log_leaves`) and `job_first_sent`, clears the
///   counters. No job may be in flight.
/// * `s_*`: row beats. `s_first`: the state starts at zero; `s_count` (1 to 8) words are absorbed; `s_last`: the row's digest is a leaf. Rows in
///   order in each group, groups one after another. With `s_digest` the beat is a leaf digest itself.
/// * `m_*`: digests: leaves (level 0, except those that came in as digests) and nodes, within a level in order of index.
///   `m_sent` marks those of level `job_first_sent` and above.
/// * `busy`: from `job_start` until the last digest of level `job_levels` is taken.
pub fn hasher(config: &HasherConfig) -> Result<Module, HasherError> {
    let shape = Shape::new(16, config.multipliers)?;
    let log = config.log_rows_max;
    if !(2..=INDEX).contains(&log) {
        return Err(HasherError::Rows(log));
    }
    let bits = 31 * shape.group;
    let module = Module::new(
        format!("hasher_k{}_r{log}", config.multipliers),
        &format!("row sponge and Merkle tree, {} multipliers, up to 2^{log} rows.", config.multipliers),
    )
    .timing(
        "a permutation from a row's last beat to its digest, as long as the engine's",
        &format!("at best {} multiplies a clock, {} a beat or a node", config.multipliers, 4 * shape.parameters().sboxes()),
    )
    .doc("Rows are absorbed eight words a beat; finished rows are leaves; the tree is built in place in the state memory.")
    .clk_rst()
    .input("job_start", 1, "one clock; latches the next three, clears the counters")
    .input("job_log_leaves", LEVEL, "")
    .input("job_levels", LEVEL, "levels of the tree above the leaves")
    .input("job_first_sent", LEVEL, "the lowest level that is marked")
    .input("s_valid", 1, "")
    .output("s_ready", 1, "")
    .input("s_data", HALF, "eight field words, word 0 low")
    .input("s_row", INDEX, "")
    .input("s_first", 1, "first beat of the row: the state starts at zero")
    .input("s_last", 1, "last beat of the row: its digest is a leaf")
    .input("s_count", 4, "words to absorb, 1 to 8")
    .input("s_digest", 1, "the beat is a leaf digest")
    .output_reg("m_valid", 1, "")
    .input("m_ready", 1, "")
    .output_reg("m_data", HALF, "a digest")
    .output_reg("m_level", LEVEL, "")
    .output_reg("m_index", INDEX, "")
    .output_reg("m_sent", 1, "of a marked level")
    .output_reg("busy", 1, "")
    .output_reg("permutations", 32, "of this job")
    .output("multiplies", 64, "of the S-boxes, of this job");
    let module = grind::outward_ports(module)
        .reg("levels", LEVEL)
        .reg("first_sent", LEVEL)
        .reg("flat", 1)
        .reg("last_leaf", INDEX)
        .reg("last_index", INDEX)
        // The state memory, two banks: each has half of every row's state, and the digests of children are always in different ones.
        .reg("write_even", 1)
        .reg("write_row", log)
        .reg("even_in", HALF)
        .reg("read_even", log)
        .reg("write_odd", 1)
        .reg("odd_in", HALF)
        .reg("read_odd", log)
        .link(
            "even",
            ram(HALF, 1 << log),
            "clk",
            bank(["write_even", "write_row", "even_in", "read_even", "even_data"]),
        )
        .link("odd", ram(HALF, 1 << log), "clk", bank(["write_odd", "write_row", "odd_in", "read_odd", "odd_data"]))
        .wire("p_valid", 1)
        .wire("p_data", bits)
        .wire("p_tag", TAG)
        .wire("d_ready", 1)
        .link(
            "engine",
            grind::grind(&shape, TAG),
            &format!("clk rst work {}", grind::port_names()),
            [
                ("s_valid", "p_valid"),
                ("s_ready", "p_ready"),
                ("s_data", "p_data"),
                ("s_tag", "p_tag"),
                ("m_valid", "d_valid"),
                ("m_ready", "d_ready"),
                ("m_data", "d_data"),
                ("m_tag", "d_tag"),
            ],
        )
        .body(format!(
            "
        // The sizes of the job as masks; the last index of its last level is there long before a digest is.
        always @(posedge clk) begin
            if (job_start) begin
                levels     <= job_levels;
                first_sent <= job_first_sent;
                flat       <= job_levels == 0;
                last_leaf  <= ~({{{INDEX}{{1'b1}}}} << job_log_leaves);
            end
            last_index <= last_leaf >> levels;
        end
        "
        ));
    let module = planner::planner(module, log);
    let module = feeder::feeder(module, &shape, log);
    Ok(collector::collector(module, &shape, log))
}

/// Connections of a bank: write, its row and data, the row to read, its data.
fn bank(nets: [&'static str; 5]) -> [(&'static str, &'static str); 6] {
    let [write, row, data, read, out] = nets;
    [
        ("write", write),
        ("write_address", row),
        ("write_data", data),
        ("read", "1'b1"),
        ("read_address", read),
        ("read_data", out),
    ]
}
