//! Plays the game sample and prints the moves: how samples/game/cleared.moves was made.
//! `cargo run --release -p galena-vm --example play > vm/samples/game/cleared.moves`

#[path = "../samples/game/src/breakout.rs"]
#[allow(unreachable_pub, dead_code)]
mod breakout;

use breakout::{Game, Move, PADDLE_ROW, PADDLE_WIDTH, WIDTH};

/// The game just before the ball reaches the paddle's row, the paddle at rest. Every part of the field leads back there.
fn before_landing(game: &Game) -> Game {
    let mut future = game.clone();
    let landing = |game: &Game| game.y == PADDLE_ROW - 1 && game.dy == 1;
    while !(future.is_over() || landing(&future)) {
        future.tick(Move::Stay);
    }
    future
}

/// Where the paddle should be when the ball lands: where the flight after that removes the most bricks; of several, one by `taste`.
fn best_place(game: &Game, taste: u32) -> i32 {
    let landing = before_landing(game);
    let mut x = landing.x + landing.dx;
    if !(0..WIDTH).contains(&x) {
        x = landing.x - landing.dx;
    }
    let places = (0..PADDLE_WIDTH).map(|part| x - part).filter(|place| (0..=WIDTH - PADDLE_WIDTH).contains(place));
    let gain = |&place: &i32| {
        let mut future = Game { paddle: place, ..landing.clone() };
        future.tick(Move::Stay);
        let removed = landing.bricks_left - before_landing(&future).bricks_left;
        (removed, (place as u32).wrapping_mul(taste) >> 16)
    };
    places.max_by_key(gain).unwrap_or(game.paddle)
}

fn main() {
    let mut game = Game::new();
    let mut moves = String::new();
    let (mut taste, mut wanted) = (1_u32, game.paddle);
    while !game.is_over() && moves.len() < 10_000 {
        if game.dy == 1 || moves.is_empty() {
            wanted = best_place(&game, taste);
        }
        let step = match wanted - game.paddle {
            ..0 => Move::Left,
            0 => Move::Stay,
            1.. => Move::Right,
        };
        let falling = game.dy == 1;
        game.tick(step);
        if falling && game.dy == -1 {
            taste = taste.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        }
        moves.push(match step {
            Move::Left => '<',
            Move::Stay => '.',
            Move::Right => '>',
        });
    }
    for line in moves.as_bytes().chunks(80) {
        println!("{}", String::from_utf8_lossy(line));
    }
    eprintln!("score {} bricks {} lives {} ticks {}", game.score, game.bricks_left, game.lives, moves.len());
}
