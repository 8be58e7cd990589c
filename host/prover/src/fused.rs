//! Fused commitments: extension, row digests and tree of all matrices of one height in one job, without rows or digests
//! going back and forth between the steps.

use galena_device::{Job, Kernel};
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;

use crate::field::{Val, word};
use crate::kernels::{Digests, MALFORMED, WRONG_EXTENSION, digests, right, shape};
use crate::lane::{Lane, job};
use crate::ledger::{Part, Shape};
use crate::marshal;
use crate::offload::Offload;
use crate::resident::{Layers, keeping};
use crate::spot::row_digest;

/// The matrices of one height of a commitment: what one fused job takes.
pub(crate) struct Class<'a> {
    pub members: Vec<&'a RowMajorMatrix<Val>>,
    pub shift: Val,
    /// Levels of tree above the row digests.
    pub levels: usize,
}

/// Extended matrices, and the layers of their tree from the row digests up.
type Committed = (Vec<RowMajorMatrix<Val>>, Layers);

impl Class<'_> {
    fn shape(&self, log_blowup: usize) -> Shape {
        let columns = self.members.iter().map(|m| m.width()).sum();
        let height = self.members.first().map_or(1, |m| m.height());
        Shape { log_blowup, levels: self.levels, ..shape(Kernel::Commit, height, columns) }
    }
}

impl Offload {
    /// Coset extensions of the matrices of each class, their row digests, and the layers of tree over them. `None` for a
    /// class that is better, or can only be, done by its steps.
    ///
    /// One fused job for each class, where as many classes as there are devices keep all of them at work. A class that is
    /// more than a device's fair share of the whole would leave the others idle: its columns are shared out, its rows come
    /// back, and its rows are shared out for hashing.
    pub(crate) fn commit(&self, classes: &[Class<'_>], log_blowup: usize) -> Vec<Option<Committed>> {
        let shapes: Vec<Shape> = classes.iter().map(|class| class.shape(log_blowup)).collect();
        let all: usize = shapes.iter().map(words).sum();
        let shared = |whole: &Shape| {
            let part = Shape { kernel: Kernel::Lde, columns: whole.columns.min(8), levels: 0, ..*whole };
            let takes = |lane: &&Lane| lane.alive() && lane.withheld(whole.log_rows).or(lane.refusal(&part)).is_none();
            let several = self.lanes.iter().filter(takes).count();
            several > 1 && words(whole) * several > all && whole.columns > 8
        };
        let mut committed: Vec<Option<Committed>> = classes.iter().map(|_| None).collect();
        let mut fused: Vec<usize> = Vec::new();
        for (i, class) in classes.iter().enumerate() {
            if !shared(&shapes[i]) {
                fused.push(i);
            } else if let Some(rows) = self.extend(&class.members, log_blowup, class.shift) {
                let layers = self.layers(&rows.iter().collect::<Vec<_>>(), class.levels);
                committed[i] = Some((rows, layers));
            }
        }
        fused.retain(|&i| self.admit(shapes[i], |_| shapes[i]).is_some());
        // The longest first: then no device ends much later than the others.
        fused.sort_by_key(|&i| std::cmp::Reverse(words(&shapes[i])));
        let lanes: Vec<&Lane> = self.lanes.iter().collect();
        let job = |lane: &Lane, k: usize| {
            let (class, shape) = (&classes[fused[k]], &shapes[fused[k]]);
            let height = 1 << shape.log_rows;
            let widths: Vec<usize> = class.members.iter().map(|m| m.width()).collect();
            let matrix = lane.install(|| marshal::words(&class.members, 0..height));
            // Row digests that run into another tree are needed at once; the rest of a tree is not.
            let room = if class.levels > 0 { lane.room(shape) } else { None };
            let job = keeping(Job { shift: word(class.shift), ..job(shape, &matrix) }, room.as_ref());
            lane.perform(
                &job,
                |output| {
                    let rows = match room {
                        None => Some(marshal::rows(&output.rows, &widths, height << log_blowup).ok_or(MALFORMED)?),
                        Some(_) => None,
                    };
                    Ok((rows, digests(lane, shape, &output, room)?))
                },
                |(rows, digests)| {
                    let Some(rows) = rows else { return Ok(()) };
                    let extends = self.checks.extends(&class.members, rows, class.shift, &mut rand::rng());
                    right(extends, WRONG_EXTENSION)?;
                    self.hashed(&rows.iter().collect::<Vec<_>>(), 0, &digests.layers)
                },
            )
        };
        // Rows that stay on a device are computed here, too, while it works: the quotient needs them, and the link does not.
        let fits = |lane: &Lane, k: usize| lane.refusal(&shapes[fused[k]]).is_none();
        let (done, rows) = std::thread::scope(|scope| {
            let jobs = scope.spawn(|| self.desk.run(&lanes, fused.len(), fits, job));
            let here = |&i: &usize| self.may_stay(&shapes[i]).then(|| self.extend_class(&classes[i], log_blowup));
            let rows: Vec<_> = fused.iter().map(here).collect();
            (jobs.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), rows)
        });
        for ((&i, done), here) in fused.iter().zip(done).zip(rows) {
            let (class, shape) = (&classes[i], shapes[i]);
            let Some((rows, Digests { layers, room })) = self.settle(shape, Part::WHOLE, done) else { continue };
            let rows = rows.or(here).unwrap_or_else(|| self.extend_class(class, log_blowup));
            let mut layers = Layers::of_job(&shape, layers, room);
            let leaves: Vec<&RowMajorMatrix<Val>> = rows.iter().collect();
            if !self.sampled(shape, &layers, |i| row_digest(&self.hash, &leaves, i)) {
                let height = 1 << (shape.log_rows + log_blowup);
                layers = Layers::here(self.hash_on_cpu(&leaves, 0..height, class.levels));
            }
            committed[i] = Some((rows, layers));
        }
        committed
    }

    fn extend_class(&self, class: &Class<'_>, log_blowup: usize) -> Vec<RowMajorMatrix<Val>> {
        class.members.iter().map(|m| self.extend_on_cpu(m, log_blowup, class.shift)).collect()
    }

    /// Whether the digests of a fused job are likely to stay on its device, so that its rows are computed here.
    fn may_stay(&self, shape: &Shape) -> bool {
        shape.levels > 0 && self.lanes.iter().any(|lane| lane.refusal(shape).is_none() && lane.may_keep(shape))
    }
}

/// Words that go in: the size of a class of a commitment.
fn words(shape: &Shape) -> usize {
    shape.columns << shape.log_rows
}
