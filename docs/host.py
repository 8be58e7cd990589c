#!/usr/bin/env python3
"""A host in one page, from bitstreams/ABI.md alone: identify a serial board and have it extend a matrix.

    galena sim serve --config tiny-uart --pty /tmp/board &
    docs/host.py /tmp/board [BAUD]

It asks the board who it is, runs one `lde` job, honours the credit, checks every frame, and compares the rows with
its own evaluation of the polynomials. Python's standard library only; nothing here knows the Rust sources.
"""

import os
import select
import struct
import sys
import termios
import time
import tty
import zlib

P = 0x78000001                  # BabyBear
R = 1 << 32                     # words on the link are x * R mod P
ROOT = 0x1A427A41               # a generator of the subgroup of order 2^27
MAGIC = 0x4E4C4702
COMMAND, DATA, CHUNKS, STATUS, REGISTERS, CREDIT, CANCEL, RESET = range(8)
IDENTIFY, LDE = 0, 1
DEADLINE = 5.0                  # seconds without a word: a simulated board shares the machine


def pack(words):
    return struct.pack("<%dI" % len(words), *words)


def frame(kernel, kind, sequence, job, payload=()):
    head = [MAGIC, kernel | kind << 8 | sequence << 16, len(payload) | job << 16]
    return pack(head + [zlib.crc32(pack(head))] + list(payload) + [zlib.crc32(pack(payload))])


class Board:
    def __init__(self, path, baud):
        self.fd = os.open(path, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(self.fd)
        attributes = termios.tcgetattr(self.fd)
        attributes[4] = attributes[5] = getattr(termios, "B%d" % baud)
        termios.tcsetattr(self.fd, termios.TCSANOW, attributes)
        termios.tcflush(self.fd, termios.TCIOFLUSH)
        self.bytes, self.job, self.window = b"", int.from_bytes(os.urandom(2), "little") % 0xFFFF, 2048

    def words(self, count):
        """The next words; data that come to no frame within the deadline are an error, never a hang."""
        until = time.monotonic() + DEADLINE
        while len(self.bytes) < 4 * count:
            ready, _, _ = select.select([self.fd], [], [], max(0.0, until - time.monotonic()))
            if not ready:
                raise TimeoutError("the board went silent")
            self.bytes += os.read(self.fd, 65536)
            until = time.monotonic() + DEADLINE
        taken, self.bytes = self.bytes[:4 * count], self.bytes[4 * count:]
        return list(struct.unpack("<%dI" % count, taken))

    def receive(self, kernel, sequence):
        head = self.words(4)
        while head[0] == 0:                                     # filler
            head = head[1:] + self.words(1)
        assert head[0] == MAGIC and head[3] == zlib.crc32(pack(head[:3])), "a damaged header"
        kind, length, job = head[1] >> 8 & 0xFF, head[2] & 0xFFFF, head[2] >> 16
        payload = self.words(length)
        assert self.words(1)[0] == zlib.crc32(pack(payload)), "a damaged payload"
        if job != self.job:                                     # the rest of an answer to a host before us
            return self.receive(kernel, sequence)
        assert (head[1] & 0xFF, head[1] >> 16) == (kernel, sequence), "a frame out of place"
        return kind, payload

    def run(self, kernel, command, data=()):
        """One job: the payloads of its chunks and registers frames, and its status."""
        self.job = (self.job + 1) % 0xFFFF
        out = frame(kernel, COMMAND, 0, self.job, command)
        for n, start in enumerate(range(0, len(data), 1024)):
            out += frame(kernel, DATA, n + 1, self.job, data[start:start + 1024])
        sent, credit, sequence, answers = 0, 4 * self.window, 0, []
        while True:
            # A write may block, a board's output may not: send what the credit allows, then listen.
            if sent < min(credit, len(out)):
                sent += os.write(self.fd, out[sent:min(credit, len(out), sent + 4096)])
                if sent < min(credit, len(out)) and not select.select([self.fd], [], [], 0)[0]:
                    continue
            kind, payload = self.receive(kernel, sequence)
            sequence = (sequence + 1) & 0xFFFF
            if kind == CREDIT:
                credit = 4 * (payload[0] + self.window)
            elif kind == STATUS:
                assert payload[0] == 0, "status %d at frame %d, word %d, found %#x" % tuple(payload[:4])
                return answers, payload
            else:
                answers.append(payload)


def evaluate(values, x):
    """The polynomial through `values` on the subgroup, at x: barycentric, in plain integers."""
    n = len(values)
    w = pow(ROOT, 1 << 27 - n.bit_length() + 1, P)
    total = sum(v * pow(w, i, P) * pow(x - pow(w, i, P), -1, P) for i, v in enumerate(values))
    return total * (pow(x, n, P) - 1) * pow(n, -1, P) % P


def main():
    board = Board(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000)
    (registers,), _ = board.run(IDENTIFY, [0] * 24)
    assert registers[0] == 0x414E4C47 and registers[1] == 2, "not a board of ABI version 2"
    board.window = registers[28]
    print("config %s, %d lanes, %d multipliers, window %d words, %d MHz" % (
        "".join("%08x" % word for word in registers[2:10])[:16], registers[21], registers[22], registers[28],
        registers[24] // 1_000_000))

    log_rows, columns, shift = 5, 11, 31
    rows = 1 << log_rows
    matrix = [[(r * 1_000_003 + c * 7919 + 1) ** 5 % P for c in range(columns)] for r in range(rows)]
    data = [matrix[r][g + c] * R % P if g + c < columns else 0
            for g in range(0, columns, 8) for r in range(rows) for c in range(8)]
    command = [log_rows | 1 << 8 | 1 << 16, columns, 0, len(data), pow(shift, 16, P) * R % P, 0, 0, 0]
    command += [pow(shift, k, P) * pow(rows, -1, P) * R % P for k in range(16)]
    answers, status = board.run(LDE, command, data)

    chunks = [payload[i:i + 9] for payload in answers for i in range(0, len(payload), 9)]
    height, groups = 2 * rows, (columns + 7) // 8
    assert [c[0] for c in chunks] == [g << 20 | j for g in range(groups) for j in range(height)], "not the rows asked for"
    w = pow(ROOT, 1 << 27 - log_rows - 1, P)
    for j in range(height):
        x = shift * pow(w, int(format(j, "0%db" % (log_rows + 1))[::-1], 2), P) % P
        for c in range(columns):
            found = chunks[c // 8 * height + j][1 + c % 8] * pow(R, -1, P) % P
            expected = evaluate([matrix[r][c] for r in range(rows)], x)
            assert found == expected, "row %d, column %d: expected %d, found %d" % (j, c, expected, found)
    print("lde of %d x %d: %d rows right, %d clocks" % (rows, columns, height, status[4] | status[5] << 32))


if __name__ == "__main__":
    main()
