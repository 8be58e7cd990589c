//! Lines that are too long, broken.

/// Columns of a line.
pub(super) const LINE: usize = 120;

/// Where code may be broken: behind these or in front of them.
const BEHIND: [&str; 1] = [", "];
const BEFORE: [&str; 7] = [" ? ", " : ", " || ", " && ", " | ", " ^ ", " + "];

/// Words as comment lines behind `margin` columns. The first begins with `label`, the others with `indent` columns.
pub(super) fn comment(margin: usize, label: &str, indent: usize, words: &str) -> String {
    let (mut text, mut line) = (String::new(), format!("{:margin$}// {label}", ""));
    let mut empty = true;
    for word in words.split_whitespace() {
        if !empty && line.len() + 1 + word.len() > LINE {
            text += &(line + "\n");
            line = format!("{:margin$}// {:indent$}", "", "");
            empty = true;
        }
        line += &(if empty { word.to_string() } else { format!(" {word}") });
        empty = false;
    }
    text + line.trim_end() + "\n"
}

/// Verilog with its long lines broken.
pub(super) fn code(text: &str) -> String {
    text.lines().map(|line| if line.len() > LINE { broken(line) } else { format!("{line}\n") }).collect()
}

fn broken(line: &str) -> String {
    let indent = line.len() - line.trim_start().len();
    let (code, remark) = line.split_once("//").unwrap_or((line, ""));
    let mut text = String::new();
    if !remark.is_empty() || code.trim().is_empty() {
        // A comment goes above the code it stood behind.
        text = comment(indent, "", 0, remark);
    }
    let mut rest = code.trim_end().to_string();
    let mut first = true;
    while rest.len() > LINE {
        let Some(at) = place(&rest, indent + if first { 0 } else { 4 }) else { break };
        let (head, tail) = rest.split_at(at);
        text += &format!("{}\n", head.trim_end());
        rest = format!("{:1$}{2}", "", indent + 4, tail.trim_start());
        first = false;
    }
    if !rest.trim().is_empty() {
        text += &format!("{rest}\n");
    }
    text
}

/// Where to break: the least nested place that fits; of those the last.
fn place(line: &str, indent: usize) -> Option<usize> {
    let mut depth = 0i32;
    let mut best: Option<(i32, usize)> = None;
    let mut quoted = false;
    for (at, c) in line.char_indices().take_while(|(at, _)| *at <= LINE) {
        match c {
            '"' => quoted = !quoted,
            '(' | '{' | '[' if !quoted => depth += 1,
            ')' | '}' | ']' if !quoted => depth -= 1,
            _ => {}
        }
        let before = BEFORE.iter().any(|b| line[at..].starts_with(b)).then_some(at);
        let behind = BEHIND.iter().find(|b| line[..at].ends_with(*b)).map(|_| at);
        let Some(found) = before.or(behind).filter(|at| !quoted && *at > indent + 20) else { continue };
        if best.is_none_or(|(least, _)| depth <= least) {
            best = Some((depth, found));
        }
    }
    best.map(|(_, at)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_broken_where_nesting_is_least() {
        let long = format!("    assign y = a ? {{{}, b}} : c; // chosen", ["some_name"; 11].join(", "));
        let text = code(&long);
        let tail = format!("        ? {{{}, b}} : c;\n", ["some_name"; 11].join(", "));
        assert!(text.starts_with("    // chosen\n    assign y = a"), "{text}");
        assert!(text.lines().all(|l| l.len() <= LINE) && text.lines().count() == 3, "{text}");
        assert!(!text.contains(&tail) || text.ends_with(&tail), "{text}");
        let squeeze = |t: &str| t.split_whitespace().collect::<String>();
        assert_eq!(squeeze(&text), "//chosen".to_string() + &squeeze(long.split("//").next().unwrap()));
        let remark = format!("        // {}", vec!["word"; 40].join(" "));
        assert!(code(&remark).lines().all(|l| l.len() <= LINE && l.starts_with("        // word")));
        assert_eq!(code("short // one\n\nb"), "short // one\n\nb\n");
        // Nothing to break at is left alone.
        let solid = "x".repeat(200);
        assert_eq!(code(&solid), solid.clone() + "\n");
    }
}
