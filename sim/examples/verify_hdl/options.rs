//! The command line of the verification package.

use galena_hdl::block::{BLOCKS, block};
use galena_sim::verify::{Plan, TECHNIQUES, Technique, Tier, technique};

pub(crate) const USAGE: &str = "usage: verify_hdl [--tier quick|long] [--only TECHNIQUE,..] [--block BLOCK,..] [--seed N] [--report FILE.md] [--junit FILE.xml]";

/// The seed when none is given.
const SEED: u64 = 1;

/// What is asked for.
pub(crate) struct Options {
    pub(crate) plan: Plan,
    pub(crate) techniques: Vec<&'static Technique>,
    pub(crate) report: Option<String>,
    pub(crate) junit: Option<String>,
}

impl Options {
    /// Reads the arguments, the program's name left out.
    pub(crate) fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let techniques: Vec<&'static Technique> = TECHNIQUES.iter().collect();
        let mut options = Self { plan: Plan::all(Tier::Quick, SEED), techniques, report: None, junit: None };
        while let Some(option) = arguments.next() {
            let value = arguments.next().ok_or_else(|| format!("expected a value after `{option}`, found nothing"))?;
            match option.as_str() {
                "--tier" => {
                    let tier = [Tier::Quick, Tier::Long].into_iter().find(|tier| tier.name() == value);
                    options.plan.tier =
                        tier.ok_or_else(|| format!("expected the tier quick or long, found `{value}`"))?;
                }
                "--only" => {
                    let known = || TECHNIQUES.iter().map(|t| t.name);
                    options.techniques = named("techniques", &value, technique, known)?;
                }
                "--block" => options.plan.blocks = named("blocks", &value, block, || BLOCKS.iter().map(|b| b.name))?,
                "--seed" => {
                    options.plan.seed =
                        value.parse().map_err(|_| format!("expected a number as the seed, found `{value}`"))?;
                }
                "--report" => options.report = Some(value),
                "--junit" => options.junit = Some(value),
                _ => return Err(format!("expected an option, found `{option}`")),
            }
        }
        Ok(options)
    }
}

/// The things of these names, separated by commas.
fn named<T, I: Iterator<Item = &'static str>>(
    things: &str,
    names: &str,
    find: impl Fn(&str) -> Option<&'static T>,
    known: impl Fn() -> I,
) -> Result<Vec<&'static T>, String> {
    let one = |name: &str| {
        find(name).ok_or_else(|| {
            format!("expected some of the {things} {}, found `{name}`", known().collect::<Vec<_>>().join(", "))
        })
    };
    names.split(',').map(one).collect()
}
