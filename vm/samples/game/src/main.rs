//! Replays a game of Breakout from its moves: the input, which stays private. The score is public. Whoever verifies the receipt knows that
//! somebody has moves that reach the score, and learns nothing else about them.
//!
//! Input: `<`, `.` or `>` per tick; newlines are skipped. Output: `score S bricks B lives L`, what is left at the end. Any other byte, or a
//! move after the end of the game, is refused with exit code 1.
#![no_std]
#![no_main]

mod breakout;

use breakout::{Game, Move};
use core::fmt::Write;
use galena_guest::{LOG, OUTPUT, Writer, exit, read};

galena_guest::entry!(main);

fn main() {
    let mut game = Game::new();
    let mut buffer = [0; 4096];
    loop {
        let input = read(&mut buffer);
        if input.is_empty() {
            break;
        }
        for &byte in input.iter().filter(|&&byte| byte != b'\n') {
            match Move::from_byte(byte) {
                Some(step) if !game.is_over() => game.tick(step),
                Some(_) => refuse("found a move after the end of the game"),
                None => refuse("expected only the moves < . > and newlines"),
            }
        }
    }
    let _ = writeln!(Writer(OUTPUT), "score {} bricks {} lives {}", game.score, game.bricks_left, game.lives);
}

fn refuse(why: &str) -> ! {
    let _ = writeln!(Writer(LOG), "{why}");
    exit(1)
}
