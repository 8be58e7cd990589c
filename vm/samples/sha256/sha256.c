/* SHA-256 (FIPS 180-4) of the whole input, as 64 hexadecimal digits and a newline, like sha256sum without the name. */
#include "galena.h"

#define BLOCK 64
#define CHUNK (64 * 1024) /* bytes per read: a multiple of the block */

/* First 32 bits of the fractional parts of the cube roots of the first 64 primes. */
static const uint32_t ROUND[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static inline uint32_t rotate(uint32_t x, int count) { return x >> count | x << (32 - count); }

static inline uint32_t big_endian(uint32_t x) {
    uint32_t pairs = (x & 0x00ff00ff) << 8 | (x >> 8 & 0x00ff00ff);
    return pairs << 16 | pairs >> 16;
}

/* One round. Only d and h change; the caller renames the variables instead of moving them. `last` is b ^ c, which the round before knew
   as a ^ b. */
static inline __attribute__((always_inline)) void round_step(uint32_t a, uint32_t b, uint32_t *d, uint32_t e, uint32_t f, uint32_t g,
                                                             uint32_t *h, uint32_t *last, uint32_t input) {
    uint32_t sum = *h + input + (g ^ (e & (f ^ g))) + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25));
    uint32_t differ = a ^ b;
    *d += sum;
    *h = sum + (b ^ (*last & differ)) + (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)); /* the middle is the majority of a, b, c */
    *last = differ;
}

/* Message word i + 16, in the place of word i. */
static inline __attribute__((always_inline)) uint32_t extend(uint32_t w[16], int i) {
    uint32_t x = w[(i + 1) & 15], y = w[(i + 14) & 15];
    return w[i] += w[(i + 9) & 15] + (rotate(x, 7) ^ rotate(x, 18) ^ x >> 3) + (rotate(y, 17) ^ rotate(y, 19) ^ y >> 10);
}

#define STEP(a, b, d, e, f, g, h, i) round_step(a, b, &d, e, f, g, &h, &last, k[i] + WORD(i))
#define EIGHT(i)                                                                                                                      \
    STEP(a, b, d, e, f, g, h, i);                                                                                                     \
    STEP(h, a, c, d, e, f, g, i + 1);                                                                                                 \
    STEP(g, h, b, c, d, e, f, i + 2);                                                                                                 \
    STEP(f, g, a, b, c, d, e, i + 3);                                                                                                 \
    STEP(e, f, h, a, b, c, d, i + 4);                                                                                                 \
    STEP(d, e, g, h, a, b, c, i + 5);                                                                                                 \
    STEP(c, d, f, g, h, a, b, i + 6);                                                                                                 \
    STEP(b, c, e, f, g, h, a, i + 7)

static void compress(uint32_t state[8], const uint32_t *block) {
    uint32_t w[16];
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
    uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
    uint32_t last = b ^ c;
    const uint32_t *k = ROUND;
#define WORD(i) (w[i] = big_endian(block[i]))
    EIGHT(0);
    EIGHT(8);
#undef WORD
#define WORD(i) extend(w, i)
#pragma GCC unroll 1
    for (k += 16; k != ROUND + 64; k += 16) {
        __asm__("" : "+r"(k)); /* constants come from the table: one load, not two instructions */
        EIGHT(0);
        EIGHT(8);
    }
    state[0] += a, state[1] += b, state[2] += c, state[3] += d;
    state[4] += e, state[5] += f, state[6] += g, state[7] += h;
}

/* Input as it is read, with room for the padding of the last block. */
static union {
    uint32_t words[(CHUNK + 2 * BLOCK) / 4];
    unsigned char bytes[CHUNK + 2 * BLOCK];
} buffer;

int main(void) {
    /* First 32 bits of the fractional parts of the square roots of the first 8 primes. */
    uint32_t state[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    uint64_t total = 0;
    size_t left = 0; /* bytes at the start of the buffer that do not fill a block yet */
    for (size_t count; (count = galena_read(buffer.bytes + left, CHUNK)) != 0;) {
        total += count;
        left += count;
        size_t done = 0;
        for (; left - done >= BLOCK; done += BLOCK) {
            compress(state, buffer.words + done / 4);
        }
        left -= done;
        for (size_t i = 0; i < left && done; i++) {
            buffer.bytes[i] = buffer.bytes[done + i];
        }
    }
    /* A one bit, zeros, and the length in bits, big-endian, at the end of a block. */
    size_t end = left + 9 <= BLOCK ? BLOCK : 2 * BLOCK;
    buffer.bytes[left] = 0x80;
    for (size_t i = left + 1; i < end - 8; i++) {
        buffer.bytes[i] = 0;
    }
    buffer.words[end / 4 - 2] = big_endian((uint32_t)(total >> 29));
    buffer.words[end / 4 - 1] = big_endian((uint32_t)(total << 3));
    for (size_t i = 0; i < end; i += BLOCK) {
        compress(state, buffer.words + i / 4);
    }
    char text[65];
    for (int i = 0; i < 64; i++) {
        uint32_t digit = state[i / 8] >> (28 - i % 8 * 4) & 15;
        text[i] = (char)(digit < 10 ? '0' + digit : 'a' + digit - 10);
    }
    text[64] = '\n';
    galena_write(GALENA_OUTPUT, text, sizeof text);
    return 0;
}
