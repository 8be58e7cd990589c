/* Galena's guest interface for C: the system calls of the machine, which are those of RISC-V Linux. Programs built on it run unmodified
   under qemu-riscv32. Link with start.c and guest.ld; there is no other library. */
#ifndef GALENA_H
#define GALENA_H

#include <stddef.h>
#include <stdint.h>

enum { GALENA_OUTPUT = 1, /* public: part of what is proved */ GALENA_LOG = 2 /* for the person who runs it; not in the receipt */ };

static inline long galena_call(long number, long first, long second, long third) {
    register long a0 __asm__("a0") = first;
    register long a1 __asm__("a1") = second;
    register long a2 __asm__("a2") = third;
    register long a7 __asm__("a7") = number;
    __asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a7) : "memory");
    return a0;
}

/* Reads up to `size` bytes of the input. Fewer come only at its end; 0 means that there is no more. */
static inline size_t galena_read(void *buffer, size_t size) {
    return (size_t)galena_call(63, 0, (long)buffer, (long)size);
}

/* Writes all `size` bytes. */
static inline void galena_write(int descriptor, const void *buffer, size_t size) {
    (void)galena_call(64, descriptor, (long)buffer, (long)size);
}

/* Ends the program. The low 8 bits of `code` are the exit code, 0 for success. */
static inline _Noreturn void galena_exit(int code) {
    (void)galena_call(93, code, 0, 0);
    __builtin_unreachable();
}

#endif
