//! A small Breakout: the rules, in integers, one move per tick.
//!
//! The field is `WIDTH` cells wide, open at the bottom. `BRICK_ROWS` rows of bricks, each `BRICK_WIDTH` cells wide, hang below the top. The
//! ball flies straight or diagonally, one cell per tick. Walls and the top turn it back. A brick turns it back and is gone: 10 points in the
//! lowest row, 10 more in each row above. The paddle turns it up: its left third to the left, its middle straight, its right third to
//! the right. A ball that passes the paddle costs one of `LIVES` lives. Each life left when the last brick is gone is worth 100 points.

pub const WIDTH: i32 = 24;
pub const BRICK_WIDTH: i32 = 2;
pub const BRICK_ROWS: usize = 5;
/// Row of the highest bricks; row 0 is the top of the field.
pub const FIRST_BRICK_ROW: i32 = 2;
pub const PADDLE_ROW: i32 = 15;
pub const PADDLE_WIDTH: i32 = 6;
pub const LIVES: u32 = 3;

/// What the player does in one tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    Left,
    Stay,
    Right,
}

impl Move {
    /// `<`, `.` and `>`.
    pub fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            b'<' => Some(Self::Left),
            b'.' => Some(Self::Stay),
            b'>' => Some(Self::Right),
            _ => None,
        }
    }
}

/// The whole state of a game.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Game {
    /// One bit per brick, row by row from the top.
    pub bricks: [u32; BRICK_ROWS],
    pub bricks_left: u32,
    /// Leftmost cell of the paddle.
    pub paddle: i32,
    pub x: i32,
    pub y: i32,
    pub dx: i32,
    pub dy: i32,
    pub lives: u32,
    pub score: u32,
}

impl Game {
    pub fn new() -> Self {
        let row = (1 << (WIDTH / BRICK_WIDTH)) - 1;
        let bricks_left = (WIDTH / BRICK_WIDTH) as u32 * BRICK_ROWS as u32;
        let paddle = (WIDTH - PADDLE_WIDTH) / 2;
        let mut game =
            Self { bricks: [row; BRICK_ROWS], bricks_left, paddle, x: 0, y: 0, dx: 0, dy: 0, lives: LIVES, score: 0 };
        game.serve();
        game
    }

    /// Whether another move is allowed.
    pub fn is_over(&self) -> bool {
        self.lives == 0 || self.bricks_left == 0
    }

    /// The ball leaves the middle of the paddle, up and to the right.
    fn serve(&mut self) {
        (self.x, self.y) = (self.paddle + PADDLE_WIDTH / 2, PADDLE_ROW - 1);
        (self.dx, self.dy) = (1, -1);
    }

    /// One tick: the paddle moves, then the ball.
    pub fn tick(&mut self, step: Move) {
        match step {
            Move::Left if self.paddle > 0 => self.paddle -= 1,
            Move::Right if self.paddle < WIDTH - PADDLE_WIDTH => self.paddle += 1,
            _ => {}
        }
        if self.x + self.dx < 0 || self.x + self.dx >= WIDTH {
            self.dx = -self.dx;
        }
        if self.y + self.dy < 0 {
            self.dy = 1;
        }
        let (x, y) = (self.x + self.dx, self.y + self.dy);
        if self.take_brick(x, y) {
            self.dy = -self.dy;
        } else if y == PADDLE_ROW {
            self.meet_paddle(x);
        } else {
            (self.x, self.y) = (x, y);
        }
    }

    fn take_brick(&mut self, x: i32, y: i32) -> bool {
        let bit = 1 << (x / BRICK_WIDTH);
        let Some(row) = self.bricks.get_mut((y - FIRST_BRICK_ROW) as usize).filter(|row| **row & bit != 0) else {
            return false;
        };
        *row ^= bit;
        self.bricks_left -= 1;
        self.score += 10 * (FIRST_BRICK_ROW + BRICK_ROWS as i32 - y) as u32;
        if self.bricks_left == 0 {
            self.score += 100 * self.lives;
        }
        true
    }

    fn meet_paddle(&mut self, x: i32) {
        let part = (x - self.paddle).div_euclid(PADDLE_WIDTH / 3);
        if (0..3).contains(&part) {
            (self.dx, self.dy) = (part - 1, -1);
        } else {
            self.lives -= 1;
            if self.lives != 0 {
                self.serve();
            }
        }
    }
}
