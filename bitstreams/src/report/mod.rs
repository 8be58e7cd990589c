//! What is known of a board with a config, as a page that a browser shows without anything else: area, clock over seeds, throughput, what bounds it.
//!
//! | file | has |
//! |---|---|
//! | `page` | the page's parts, in order |
//! | `plot` | bars and dots, as SVG |
//! | `bound` | what the core could do at its clock, and what the line carries |
//!
//! Everything comes from data that is committed: board, config, manifest, sweep. The same data give the same bytes.

mod bound;
mod page;
mod plot;

pub use page::{index, page};

use crate::flow::{Manifest, Sweep};
use crate::{Board, Config};

/// A board with a config, and what has been recorded of it.
#[derive(Clone, Debug)]
pub struct Subject<'a> {
    /// The board.
    pub board: &'a Board,
    /// The config.
    pub config: &'a Config,
    /// Its bitstream, if one was built and recorded.
    pub manifest: Option<Manifest>,
    /// Its clocks by seed, if they were recorded.
    pub sweep: Option<Sweep>,
}

impl Subject<'_> {
    /// The name of its page.
    pub fn file(&self) -> String {
        format!("{}-{}.html", self.board.name, self.config.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::{Clock, Versions};

    fn subject<'a>(board: &'a Board, config: &'a Config) -> Subject<'a> {
        Subject { board, config, manifest: None, sweep: None }
    }

    fn versions() -> Versions {
        Versions { yosys: "Yosys 1".into(), nextpnr: "nextpnr <2>".into(), ecppack: "ecppack 3".into() }
    }

    #[test]
    fn every_board_has_a_page_that_says_what_is_not_known() {
        for board in Board::all().unwrap() {
            for name in &board.configs {
                let config = board.config(Some(name)).unwrap();
                let text = page(&subject(&board, config));
                for part in ["<!doctype html>", &board.part, &board.url, "permutations a second"] {
                    assert!(text.contains(part), "{part} in {name}");
                }
                let open = board.family.flow() == crate::board::Flow::Open;
                assert_eq!(text.contains("galena bitstream sweep"), open, "{name}");
                assert_eq!(text.contains("No Vivado has run it"), !open, "{name}");
                assert_eq!(text, page(&subject(&board, config)), "the same bytes");
            }
        }
    }

    #[test]
    fn what_was_recorded_is_on_the_page() {
        let board = Board::named("ulx3s-85f").unwrap();
        let config = board.config(None).unwrap();
        let cells = [("TRELLIS_COMB".to_string(), 41_820), ("MULT18X18D".to_string(), 144)];
        let manifest = Manifest {
            board: board.name.clone(),
            config: config.name.to_string(),
            config_hash: hex::encode(config.config_hash()),
            abi_version: crate::ABI_VERSION,
            git_hash: "12".repeat(20),
            sources: "34".repeat(32),
            seed: 7,
            part: board.part.clone(),
            idcode: board.idcode,
            sha256: "56".repeat(32),
            clock: Clock { mhz: 40.0, fmax_mhz: 51.5 },
            tools: versions(),
            cells: cells.into(),
        };
        let sweep = Sweep {
            board: board.name.clone(),
            config: config.name.to_string(),
            sources: "34".repeat(32),
            wanted_mhz: 40.0,
            slowest: vec!["core.a -> core.b <1>".into()],
            tools: versions(),
            cells: [("LUT4".to_string(), 10)].into(),
            seeds: [(1, 39.0), (2, 47.0), (3, 51.0)].into(),
        };
        let text = page(&Subject { board: &board, config, manifest: Some(manifest), sweep: Some(sweep) });
        for part in
            ["51.50 MHz", "seed 7", &"56".repeat(32), "50.0 %", "144 of 156", "nextpnr &lt;2&gt;", "median 47.00"]
        {
            assert!(text.contains(part), "{part} in:\n{text}");
        }
        assert!(text.contains("67 % of 3 seeds") && text.contains("core.a -&gt; core.b &lt;1&gt;"), "{text}");
        assert!(!text.contains("nextpnr <2>"), "what tools say is text");
    }

    #[test]
    fn the_index_has_every_page() {
        let boards = Board::all().unwrap();
        let subjects: Vec<Subject> = (boards.iter())
            .flat_map(|board| board.configs.iter().map(move |name| subject(board, board.config(Some(name)).unwrap())))
            .collect();
        let text = index(&subjects);
        for one in &subjects {
            assert!(text.contains(&format!("href=\"{}\"", one.file())), "{}", one.file());
        }
    }
}
