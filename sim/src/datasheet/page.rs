//! Markdown: headings, paragraphs, tables.

use std::fmt::Write;

/// A page that grows.
#[derive(Default)]
pub struct Page(String);

impl Page {
    /// A heading of this level.
    pub fn heading(&mut self, level: usize, text: &str) -> &mut Self {
        self.paragraph(&format!("{} {text}", "#".repeat(level)))
    }

    /// A paragraph, or anything else that stands alone.
    pub fn paragraph(&mut self, text: &str) -> &mut Self {
        if !self.0.is_empty() {
            self.0.push('\n');
        }
        let _ = writeln!(self.0, "{text}");
        self
    }

    /// A table: columns whose name begins with `>` (left out) are aligned to the right. Columns that are empty in every row are left out, and so
    /// is a table without rows.
    pub fn table(&mut self, names: &[&str], rows: &[Vec<String>]) -> &mut Self {
        let used: Vec<usize> = (0..names.len())
            .filter(|&c| rows.iter().any(|row| row.get(c).is_some_and(|cell| !cell.is_empty())))
            .collect();
        if used.is_empty() {
            return self;
        }
        let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
        let mut text = line(used.iter().map(|&c| names[c].trim_start_matches('>').to_owned()).collect());
        text +=
            &line(used.iter().map(|&c| if names[c].starts_with('>') { "---:" } else { "---" }.to_owned()).collect());
        for row in rows {
            text += &line(used.iter().map(|&c| row.get(c).map_or(String::new(), |cell| escaped(cell))).collect());
        }
        self.paragraph(text.trim_end())
    }

    /// The text.
    pub fn text(&self) -> String {
        self.0.clone()
    }
}

/// A cell's text, its bars kept from ending it.
fn escaped(cell: &str) -> String {
    cell.replace('|', "\\|")
}

/// A sentence as it stands alone: a capital, a full stop. What does not begin with a word (`x^7`, a name in back-ticks) begins as it does.
pub(super) fn sentence(text: &str) -> String {
    let text = text.trim_end_matches('.');
    let first = text.split([' ', '-', ',']).next().unwrap_or_default();
    match text.chars().next() {
        Some(letter) if first.chars().all(|c| c.is_ascii_lowercase()) => {
            format!("{}{}.", letter.to_ascii_uppercase(), &text[1..])
        }
        _ => format!("{text}."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_columns_and_tables_are_left_out() {
        let mut page = Page::default();
        page.heading(1, "x")
            .table(&["a", ">b", "c"], &[vec!["1".into(), String::new(), "p|q".into()]])
            .table(&["d"], &[]);
        assert_eq!(page.text(), "# x\n\n| a | c |\n| --- | --- |\n| 1 | p\\|q |\n");
    }

    #[test]
    fn sentences_begin_with_a_capital_where_they_begin_with_a_word() {
        let said = ["a register", "x^7 on E lanes", "`tiny` again.", "Rows.", "é"].map(sentence);
        assert_eq!(said, ["A register.", "x^7 on E lanes.", "`tiny` again.", "Rows.", "é."]);
        assert_eq!(sentence(""), ".");
    }
}
