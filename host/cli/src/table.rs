//! Text for people: headings, aligned columns, numbers one can read.

use std::fmt::Write as _;
use std::io::IsTerminal;

/// `1234567` as `1,234,567`.
pub(crate) fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Seconds, to three figures.
pub(crate) fn seconds(s: f64) -> String {
    match s {
        s if s < 0.001 => format!("{:.0} µs", s * 1e6),
        s if s < 0.1 => format!("{:.1} ms", s * 1e3),
        s if s < 10.0 => format!("{s:.2} s"),
        s if s < 600.0 => format!("{s:.1} s"),
        s => format!("{:.0} min {:02.0} s", (s / 60.0).floor(), s % 60.0),
    }
}

/// Bytes, in the binary unit that leaves one to four digits.
pub(crate) fn bytes(n: u64) -> String {
    match n {
        n if n < 10 << 10 => format!("{} bytes", count(n)),
        n if n < 10 << 20 => format!("{:.1} KiB", n as f64 / 1024.0),
        n if n < 10 << 30 => format!("{:.1} MiB", n as f64 / (1 << 20) as f64),
        n => format!("{:.1} GiB", n as f64 / (1u64 << 30) as f64),
    }
}

/// A share, as a percentage.
pub(crate) fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// Bytes as text where they are printable text, as hex where not; cut where too long to read.
pub(crate) fn quoted(bytes: &[u8]) -> String {
    const MOST: usize = 200;
    let cut = |text: &str| match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}… ({} bytes)", &text[..end], count(bytes.len() as u64)),
        None => text.to_owned(),
    };
    match std::str::from_utf8(bytes) {
        Ok("") => "(empty)".to_owned(),
        Ok(text) if text.chars().all(|c| !c.is_control() || c == '\n' || c == '\t') => {
            format!("\"{}\"", cut(text).replace('\n', "\\n").replace('\t', "\\t"))
        }
        _ => cut(&hex::encode(bytes)),
    }
}

/// Facts and tables, one after the other, ready to print.
#[derive(Default)]
pub(crate) struct Page {
    text: String,
    colour: bool,
}

impl Page {
    /// For stdout: with colour where stdout is a terminal and NO_COLOR is not set.
    pub(crate) fn stdout() -> Self {
        Self { text: String::new(), colour: std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none() }
    }

    /// For stderr, likewise.
    pub(crate) fn stderr() -> Self {
        Self { text: String::new(), colour: std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none() }
    }

    /// A line in bold, after a blank one unless it is the first.
    pub(crate) fn heading(&mut self, heading: &str) -> &mut Self {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        let line = self.paint("1", heading);
        self.line(&line)
    }

    /// `name    value`.
    pub(crate) fn fact(&mut self, name: &str, value: impl std::fmt::Display) -> &mut Self {
        let name = self.paint("2", &format!("{name:<16}"));
        self.line(&format!("  {name} {value}"))
    }

    /// A line as it is.
    pub(crate) fn line(&mut self, line: &str) -> &mut Self {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
        self
    }

    /// A line nobody should miss.
    pub(crate) fn warning(&mut self, line: &str) -> &mut Self {
        let line = self.paint("1;31", line);
        self.line(&line)
    }

    /// Columns under their names; those whose name begins with `>` (left out) are aligned to the right.
    pub(crate) fn table(&mut self, names: &[&str], rows: &[Vec<String>]) -> &mut Self {
        let right: Vec<bool> = names.iter().map(|name| name.starts_with('>')).collect();
        let names: Vec<String> = names.iter().map(|name| name.trim_start_matches('>').to_owned()).collect();
        let cells = |column: usize| rows.iter().chain([&names]).filter_map(move |row| row.get(column));
        let widths: Vec<usize> =
            (0..names.len()).map(|c| cells(c).map(|cell| cell.chars().count()).max().unwrap_or(0)).collect();
        for (i, row) in [&names].into_iter().chain(rows).enumerate() {
            let mut line = String::from("  ");
            for (column, cell) in row.iter().enumerate() {
                let width = widths.get(column).copied().unwrap_or(0);
                let _ = match right.get(column) {
                    Some(true) => write!(line, "{cell:>width$}  "),
                    _ => write!(line, "{cell:<width$}  "),
                };
            }
            let line = if i == 0 { self.paint("2", line.trim_end()) } else { line };
            self.line(&line);
        }
        self
    }

    /// All of it.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!([0, 999, 1000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(
            [0.000_02, 0.0123, 1.5, 75.0, 754.0].map(seconds),
            ["20 µs", "12.3 ms", "1.50 s", "75.0 s", "12 min 34 s"]
        );
        assert_eq!([512, 20 << 10, 3 << 30].map(bytes), ["512 bytes", "20.0 KiB", "3072.0 MiB"]);
    }

    #[test]
    fn output_is_text_where_it_can_be_and_hex_where_not() {
        assert_eq!(quoted(b"hello\n"), "\"hello\\n\"");
        assert_eq!(quoted(b""), "(empty)");
        assert_eq!(quoted(&[0xff, 0x00]), "ff00");
        assert_eq!(quoted(b"\x1b[31m"), "1b5b33316d", "no control sequences of a program reach the terminal");
        assert!(quoted(&[b'a'; 1000]).contains("1,000 bytes"));
    }

    #[test]
    fn tables_align() {
        let mut page = Page::default();
        page.table(&["name", ">n"], &[vec!["a".into(), "1".into()], vec!["long".into(), "100".into()]]);
        assert_eq!(page.text(), "  name    n\n  a       1\n  long  100\n");
    }
}
