//! What utilisation is aimed at, and why it is missed where it is.

use crate::figures::{Figures, PointFigures};

/// An aim: all points of a block whose name has this ending reach this utilisation with their whole job.
pub(crate) struct Aim {
    pub(crate) name: &'static str,
    pub(crate) block: &'static str,
    pub(crate) ending: &'static str,
    pub(crate) least: f64,
    /// Of points smaller than this many clocks a job nothing is expected: they are there for tests.
    pub(crate) clocks: u64,
}

/// The aims.
pub(crate) const AIMS: [Aim; 5] = [
    Aim { name: "low-degree extension", block: "lde", ending: "", least: 0.90, clocks: 50_000 },
    Aim { name: "leaf hashing", block: "hasher", ending: "-leaves", least: 0.97, clocks: 0 },
    Aim { name: "leaves and tree", block: "hasher", ending: "-mixed", least: 0.96, clocks: 0 },
    Aim { name: "tree of 2^16 leaves to the root", block: "hasher", ending: "-tree", least: 0.97, clocks: 0 },
    Aim { name: "grinding", block: "grind", ending: "", least: 0.97, clocks: 50_000 },
];

/// Where the slots go of a point that misses its aim: block, point, why.
pub(crate) const SHORTFALLS: &[(&str, &str, &str)] = &[];

/// How a point stands to an aim.
pub(crate) struct Verdict<'a> {
    pub(crate) aim: &'static Aim,
    pub(crate) point: &'a PointFigures,
    pub(crate) met: bool,
    pub(crate) why: Option<&'static str>,
}

impl Verdict<'_> {
    /// Missed, and nobody has said why.
    pub(crate) fn unexplained(&self) -> bool {
        !self.met && self.why.is_none()
    }
}

/// All points against all aims. A point counts by the better of its two figures: alone, or following another job.
pub(crate) fn judge(figures: &Figures) -> Vec<Verdict<'_>> {
    let of = |aim: &'static Aim| {
        let concerned =
            move |p: &&PointFigures| p.block == aim.block && p.point.ends_with(aim.ending) && p.clocks >= aim.clocks;
        figures.points.iter().filter(concerned).map(move |point| {
            let met = point.utilisation.max(point.utilisation_next) >= aim.least;
            let why = SHORTFALLS.iter().find(|(b, p, _)| (*b, *p) == (&point.block[..], &point.point[..]));
            Verdict { aim, point, met, why: why.map(|w| w.2) }
        })
    };
    AIMS.iter().flat_map(of).collect()
}
