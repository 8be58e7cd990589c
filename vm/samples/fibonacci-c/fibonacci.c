/* Reads n in decimal, prints the n-th Fibonacci number modulo 2^32: F(0) = 0, F(1) = 1. */
#include "galena.h"

#define INPUT_SIZE 16

static _Noreturn void fail(void) {
    static const char MESSAGE[] = "expected a number from 0 to 4294967295 in decimal as the input\n";
    galena_write(GALENA_LOG, MESSAGE, sizeof MESSAGE - 1);
    galena_exit(1);
}

/* A number in decimal, perhaps a newline after it, and nothing else. */
static uint32_t parse(const char *text, size_t size) {
    uint64_t value = 0;
    if (size == INPUT_SIZE) { /* there may be more */
        fail();
    }
    if (size && text[size - 1] == '\n') {
        size--;
    }
    if (size == 0) {
        fail();
    }
    for (size_t i = 0; i < size; i++) {
        uint32_t digit = (uint32_t)text[i] - '0';
        if (digit > 9) {
            fail();
        }
        value = value * 10 + digit;
    }
    if (value > UINT32_MAX) {
        fail();
    }
    return (uint32_t)value;
}

int main(void) {
    char text[INPUT_SIZE];
    uint32_t n = parse(text, galena_read(text, sizeof text));
    uint32_t current = 0, next = 1;
    while (n--) {
        uint32_t sum = current + next;
        current = next;
        next = sum;
    }
    size_t start = sizeof text;
    text[--start] = '\n';
    do {
        text[--start] = (char)('0' + current % 10);
        current /= 10;
    } while (current);
    galena_write(GALENA_OUTPUT, text + start, sizeof text - start);
    return 0;
}
