//! Reads n in decimal, prints the n-th Fibonacci number modulo 2^32: F(0) = 0, F(1) = 1.
#![no_std]
#![no_main]

use core::fmt::Write;
use galena_guest::{OUTPUT, Writer, exit, read, write};

galena_guest::entry!(main);

const INPUT_SIZE: usize = 16;

/// A number in decimal, perhaps a newline after it, and nothing else.
fn parse(input: &[u8]) -> Option<u32> {
    let text = core::str::from_utf8(input).ok()?;
    let digits = text.strip_suffix('\n').unwrap_or(text);
    if text.len() == INPUT_SIZE || digits.starts_with('+') { None } else { digits.parse().ok() } // when it is full there may be more
}

fn main() {
    let mut buffer = [0; INPUT_SIZE];
    let Some(n) = parse(read(&mut buffer)) else {
        write(galena_guest::LOG, b"expected a number from 0 to 4294967295 in decimal as the input\n");
        exit(1)
    };
    let (mut current, mut next) = (0_u32, 1_u32);
    for _ in 0..n {
        (current, next) = (next, current.wrapping_add(next));
    }
    let _ = writeln!(Writer(OUTPUT), "{current}");
}
