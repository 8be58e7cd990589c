//! What utilisation is aimed at, and why it is missed where it is.

use galena_sim::datasheet::{Bench, BenchPoint};
use galena_target::Link;

/// An aim: the whole jobs that it concerns reach this utilisation.
pub(crate) struct Aim {
    pub(crate) name: &'static str,
    of: Of,
    pub(crate) least: f64,
    /// Of jobs of fewer clocks nothing is expected: they are there for tests.
    clocks: u64,
}

/// Whose jobs an aim concerns.
enum Of {
    /// Points of a pipeline, alone, whose name ends so.
    Points(&'static str, &'static str),
    /// Jobs of a kernel on a whole core, over its link. Not over serial lines: those set the pace.
    Kernel(&'static str),
}

/// The aims.
#[rustfmt::skip] // a row a line
pub(crate) const AIMS: [Aim; 9] = [
    Aim { name: "low-degree extension", of: Of::Points("lde", ""), least: 0.90, clocks: 50_000 },
    Aim { name: "low-degree extension in external memory", of: Of::Points("lde-external", ""), least: 0.90, clocks: 50_000 },
    Aim { name: "leaf hashing", of: Of::Points("hasher", "-leaves"), least: 0.97, clocks: 0 },
    Aim { name: "leaves and tree", of: Of::Points("hasher", "-mixed"), least: 0.96, clocks: 0 },
    Aim { name: "tree of 2^16 leaves to the root", of: Of::Points("hasher", "-tree"), least: 0.97, clocks: 0 },
    Aim { name: "grinding", of: Of::Points("grind", ""), least: 0.97, clocks: 50_000 },
    Aim { name: "leaf hashing over the link", of: Of::Kernel("hash"), least: 0.97, clocks: 200_000 },
    Aim { name: "tree over the link", of: Of::Kernel("tree"), least: 0.97, clocks: 200_000 },
    Aim { name: "low-degree extension over the link", of: Of::Kernel("lde"), least: 0.90, clocks: 200_000 },
];

/// Where the slots go of what misses its aim: the aim, the point or the config, why.
pub(crate) const SHORTFALLS: &[(&str, &str, &str)] = &[];

/// How a job stands to an aim.
pub(crate) struct Verdict {
    pub(crate) aim: &'static Aim,
    /// The point or the config.
    pub(crate) subject: String,
    pub(crate) utilisation: f64,
    pub(crate) why: Option<&'static str>,
}

impl Verdict {
    /// The aim is reached.
    pub(crate) fn met(&self) -> bool {
        self.utilisation >= self.aim.least
    }

    /// Missed, and nobody has said why.
    pub(crate) fn unexplained(&self) -> bool {
        !self.met() && self.why.is_none()
    }
}

/// Everything against all aims. A point counts by the better of its two figures: alone, or following another job.
pub(crate) fn judge(figures: &Bench) -> Vec<Verdict> {
    AIMS.iter()
        .flat_map(|aim| {
            concerned(aim, figures).into_iter().map(move |(subject, utilisation)| {
                let why = SHORTFALLS.iter().find(|(name, who, _)| (*name, *who) == (aim.name, &subject[..]));
                Verdict { aim, utilisation, why: why.map(|w| w.2), subject }
            })
        })
        .collect()
}

/// The explanations that nothing needs: what they explain reaches its aim, or is not there.
pub(crate) fn idle(verdicts: &[Verdict]) -> Vec<String> {
    let needed = |(name, who, _): &&(&str, &str, &str)| {
        verdicts.iter().any(|v| !v.met() && (v.aim.name, &v.subject[..]) == (*name, *who))
    };
    SHORTFALLS.iter().filter(|s| !needed(s)).map(|(name, who, _)| format!("{name}, {who}")).collect()
}

fn concerned(aim: &Aim, figures: &Bench) -> Vec<(String, f64)> {
    match aim.of {
        Of::Points(block, ending) => {
            let of = |p: &&BenchPoint| p.block == block && p.point.ends_with(ending) && p.clocks >= aim.clocks;
            let found = figures.points.iter().filter(of);
            found.map(|p| (p.point.clone(), p.utilisation.max(p.utilisation_next))).collect()
        }
        Of::Kernel(kernel) => {
            let configs = figures.configs.iter().filter(|c| c.link != Link::Uart.name());
            let jobs = configs.flat_map(|c| c.jobs.iter().map(|job| (c.config.clone(), job)));
            jobs.filter(|(_, job)| job.kernel == kernel && job.clocks >= aim.clocks)
                .map(|(config, job)| (config, job.utilisation))
                .collect()
        }
    }
}
