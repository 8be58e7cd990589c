//! The outcomes as JUnit XML, for a CI that shows tests: a suite a technique, a test a case.

use super::{Outcome, Plan, Technique, Verdict};
use std::fmt::Write;

/// The file's text.
pub fn junit(plan: &Plan, found: &[(&Technique, Vec<Outcome>)]) -> String {
    let mut s = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"verify-hdl\">\n");
    for (technique, outcomes) in found {
        let count = |of: fn(&Verdict) -> bool| outcomes.iter().filter(|o| of(&o.verdict)).count();
        let _ = writeln!(
            s,
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" skipped=\"{}\" time=\"{:.3}\">",
            escaped(technique.name),
            outcomes.len(),
            count(|v| matches!(v, Verdict::Failed(_))),
            count(|v| matches!(v, Verdict::Skipped(_))),
            outcomes.iter().map(|o| o.seconds).sum::<f64>()
        );
        let seed = format!("tier {}, seed {}", plan.tier.name(), plan.seed);
        let _ = writeln!(s, "    <properties><property name=\"plan\" value=\"{seed}\"/></properties>");
        for o in outcomes {
            let class = [technique.name, &o.block, &o.point].map(escaped).join(".");
            let _ = write!(
                s,
                "    <testcase classname=\"{class}\" name=\"{}\" time=\"{:.3}\">",
                escaped(&o.case),
                o.seconds
            );
            match &o.verdict {
                Verdict::Passed => {}
                Verdict::Skipped(why) => {
                    let _ = write!(s, "<skipped message=\"{}\"/>", escaped(why));
                }
                Verdict::Failed(why) => {
                    let text = format!("{why}\n{seed}\nrun it again: {}", o.rerun);
                    let _ = write!(s, "<failure message=\"{}\">{}</failure>", escaped(why), escaped(&text));
                }
            }
            let figures: String = o.figures.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
            if !figures.is_empty() {
                let _ = write!(s, "<system-out>{}</system-out>", escaped(&figures));
            }
            s += "</testcase>\n";
        }
        s += "  </testsuite>\n";
    }
    s + "</testsuites>\n"
}

/// Text that may stand in an element or an attribute. Characters that XML cannot hold become `?`; line ends in attributes are kept by reference.
fn escaped(text: &str) -> String {
    let mut s = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => s += "&amp;",
            '<' => s += "&lt;",
            '>' => s += "&gt;",
            '"' => s += "&quot;",
            '\n' => s += "&#10;",
            '\t' => s.push(c),
            c if (c as u32) < 0x20 || matches!(c, '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}') => s.push('?'),
            c => s.push(c),
        }
    }
    s
}

#[cfg(test)]
mod tests {
    use super::super::{TECHNIQUES, Tier};
    use super::*;

    /// The names of the elements of a well-formed text, in the order in which they end; a panic otherwise.
    fn elements(text: &str) -> Vec<String> {
        let (mut open, mut out) = (vec![], vec![]);
        let mut rest = text.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>").unwrap();
        while let Some(at) = rest.find('<') {
            assert!(!rest[..at].contains('>'), "{}", &rest[..at]);
            let end = at + rest[at..].find('>').unwrap();
            let tag = &rest[at + 1..end];
            let name = tag.trim_matches('/').split(' ').next().unwrap().to_string();
            assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
            match (tag.starts_with('/'), tag.ends_with('/')) {
                (true, _) => out.push(open.pop().filter(|o| *o == name).unwrap()),
                (_, true) => out.push(name),
                _ => open.push(name),
            }
            rest = &rest[end + 1..];
        }
        assert!(open.is_empty() && rest.trim().is_empty());
        out
    }

    #[test]
    fn whatever_a_failure_says_the_file_is_well_formed_and_has_seed_and_line() {
        let plan = Plan::all(Tier::Quick, 77);
        let verdicts = [
            Verdict::Passed,
            Verdict::Skipped("no <tool> & \"none\"".into()),
            Verdict::Failed("a < b && c > d\n\"q\" 'r' \u{1}\u{1b}[0m \u{ffff} ]]>".into()),
        ];
        let outcomes: Vec<Outcome> = (verdicts.into_iter())
            .map(|verdict| Outcome {
                block: "fifo".into(),
                point: "w8-d4".into(),
                case: "jobs & more".into(),
                verdict,
                figures: vec![("clocks", "<3>".into())],
                seconds: 1.5,
                rerun: plan.rerun("equality", Some("fifo")),
            })
            .collect();
        let text = junit(&plan, &[(&TECHNIQUES[0], outcomes)]);
        let names = elements(&text);
        let count = |name: &str| names.iter().filter(|n| *n == name).count();
        let counts = ["testcase", "failure", "skipped", "testsuite", "testsuites"].map(count);
        assert_eq!(counts, [3, 1, 1, 1, 1], "{text}");
        let failure = text.lines().find(|l| l.contains("<failure")).unwrap();
        assert!(failure.contains("seed 77") && failure.contains(&escaped(&plan.rerun("equality", Some("fifo")))));
        assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{text:?}");
    }
}
