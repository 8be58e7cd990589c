//! Galena's guest runtime for Rust: entry, input, output, exit, panics (exit code 101, message on the log) and a heap.
//!
//! The system calls are those of RISC-V Linux, so that a guest runs unmodified under `qemu-riscv32`. A guest is `no_std` and `no_main`:
//!
//! ```ignore
//! #![no_std]
//! #![no_main]
//! galena_guest::entry!(main);
//!
//! fn main() {
//!     let mut buffer = [0; 64];
//!     let input = galena_guest::read(&mut buffer);
//!     galena_guest::write(galena_guest::OUTPUT, input);
//! }
//! ```
#![no_std]

use core::alloc::{GlobalAlloc, Layout};
use core::arch::{asm, global_asm};
use core::fmt;
use core::sync::atomic::{AtomicUsize, Ordering};

/// Public output: part of what is proved.
pub const OUTPUT: u32 = 1;
/// For the person who runs it; not in the receipt.
pub const LOG: u32 = 2;

global_asm!(
    r#"
    .section .text._start,"ax",@progbits
    .globl _start
    .type _start, @function
_start:
    .option push
    .option norelax
    la gp, __global_pointer$
    .option pop
    la sp, __stack_top
    call __galena_main
    li a0, 0
    li a7, 93
    ecall
    unimp
    .size _start, . - _start
    .text
"#
);

/// Names the function `fn()` that the program begins with. It ends with exit code 0 when that returns.
#[macro_export]
macro_rules! entry {
    ($main:path) => {
        #[unsafe(no_mangle)]
        extern "C" fn __galena_main() {
            let main: fn() = $main;
            main()
        }
    };
}

/// Reads up to `buffer.len()` bytes of the input and returns them. Fewer come only at its end, none after it.
pub fn read(buffer: &mut [u8]) -> &mut [u8] {
    let count: usize;
    // SAFETY: the call writes at most a2 bytes from a1, all inside the buffer.
    unsafe {
        asm!("ecall", inlateout("a0") 0_usize => count, in("a1") buffer.as_mut_ptr(), in("a2") buffer.len(), in("a7") 63);
    }
    // An error would be a number above any length; there is none for descriptor 0 and a buffer in memory.
    let count = if count <= buffer.len() { count } else { exit(102) };
    &mut buffer[..count]
}

/// Writes all bytes to `OUTPUT` or `LOG`. Each call costs a few cycles and each byte one row of the proof: gather, then write once.
pub fn write(descriptor: u32, bytes: &[u8]) {
    // SAFETY: the call only reads the bytes.
    unsafe {
        asm!("ecall", inlateout("a0") descriptor => _, in("a1") bytes.as_ptr(), in("a2") bytes.len(), in("a7") 64, options(readonly));
    }
}

/// Ends the program. The low 8 bits of `code` are the exit code, 0 for success.
pub fn exit(code: i32) -> ! {
    // SAFETY: the call does not return.
    unsafe { asm!("ecall", in("a0") code, in("a7") 93, options(noreturn)) }
}

/// A descriptor as a target of `write!`. Unbuffered: one call per piece.
pub struct Writer(pub u32);

impl fmt::Write for Writer {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        write(self.0, text.as_bytes());
        Ok(())
    }
}

#[panic_handler]
fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
    use fmt::Write;
    let _ = writeln!(Writer(LOG), "{info}");
    exit(101)
}

/// Memory from the link script's heap, never given back. All sums are checked: a request that does not fit gets null, whatever its size.
struct Bump {
    /// First free address; 0 before the first request.
    next: AtomicUsize,
}

unsafe extern "C" {
    static __heap_start: u8;
    static __heap_end: u8;
}

// SAFETY: blocks are disjoint, aligned and inside the heap; there is one thread.
unsafe impl GlobalAlloc for Bump {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let next = match self.next.load(Ordering::Relaxed) {
            0 => (&raw const __heap_start).addr(),
            next => next,
        };
        let start = next.checked_add(layout.align() - 1).map(|last| last & !(layout.align() - 1));
        match start.and_then(|start| Some((start, start.checked_add(layout.size())?))) {
            Some((start, end)) if end <= (&raw const __heap_end).addr() => {
                self.next.store(end, Ordering::Relaxed);
                core::ptr::with_exposed_provenance_mut(start)
            }
            _ => core::ptr::null_mut(),
        }
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
}

#[global_allocator]
static HEAP: Bump = Bump { next: AtomicUsize::new(0) };
