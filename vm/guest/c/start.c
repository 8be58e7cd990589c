/* What runs before main, and the four functions that the compiler may call on its own. */
#include "galena.h"

extern int main(void);

__asm__(".section .text._start,\"ax\",@progbits\n"
        ".globl _start\n"
        ".type _start, @function\n"
        "_start:\n"
        ".option push\n"
        ".option norelax\n"
        "la gp, __global_pointer$\n"
        ".option pop\n"
        "la sp, __stack_top\n"
        "call main\n"
        "li a7, 93\n" /* exit with the result of main */
        "ecall\n"
        "unimp\n"
        ".size _start, . - _start\n"
        ".text\n");

void *memcpy(void *restrict to, const void *restrict from, size_t size) {
    unsigned char *target = to;
    const unsigned char *source = from;
    if ((((uintptr_t)target | (uintptr_t)source) & 3) == 0) {
        for (; size >= 4; size -= 4, target += 4, source += 4) {
            *(uint32_t *)(void *)target = *(const uint32_t *)(const void *)source;
        }
    }
    while (size--) {
        *target++ = *source++;
    }
    return to;
}

void *memmove(void *to, const void *from, size_t size) {
    unsigned char *target = to;
    const unsigned char *source = from;
    if ((uintptr_t)target - (uintptr_t)source >= size) { /* also when the target is below */
        return memcpy(to, from, size);
    }
    while (size--) {
        target[size] = source[size];
    }
    return to;
}

void *memset(void *to, int value, size_t size) {
    unsigned char *target = to;
    uint32_t word = (unsigned char)value * UINT32_C(0x01010101);
    for (; size && ((uintptr_t)target & 3); size--) {
        *target++ = (unsigned char)value;
    }
    for (; size >= 4; size -= 4, target += 4) {
        *(uint32_t *)(void *)target = word;
    }
    while (size--) {
        *target++ = (unsigned char)value;
    }
    return to;
}

int memcmp(const void *left, const void *right, size_t size) {
    const unsigned char *a = left, *b = right;
    for (; size; size--, a++, b++) {
        if (*a != *b) {
            return *a < *b ? -1 : 1;
        }
    }
    return 0;
}
