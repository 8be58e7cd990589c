// --- UART, 8N1: bytes to the design's line and from it ---------------------------------------------------------------------
// Bit times are in 1/65536 clock, so that rates which do not divide the clock keep their time over a byte; each direction has its own.
struct Uart {
    uint32_t rx, tx;          // port indices of the design's input and output line
    uint32_t any;             // the run ends also when all bytes are taken
    uint32_t on;              // sampler: a byte is under way
    uint64_t send_bit, receive_bit;
    const uint8_t* send;
    uint64_t send_len, send_done;   // a byte is taken when its start bit begins, and sent whatever comes after
    uint8_t* receive;
    uint64_t receive_len, receive_done;
    uint64_t frame_errors;    // stop bits found low; the byte counts as received, as it does for a tty
    uint64_t lost;            // bytes received without room for them
    uint64_t quiet;           // clocks since a byte began or ended, from run to run
    Stall stall;              // idle time before a byte
    int64_t feed_time;        // feeder: time left of the bit on the line
    int64_t sample_time;      // sampler: time to the middle of the next bit
    uint32_t feed_bits, feed_left, sample_bit, sample_data;
};

static const int64_t CLOCK = 1 << 16;

// The line to the design, this clock. True if a byte begins.
static inline bool feed(Uart* u, const Port& rx) {
    bool begins = false;
    if (u->feed_time < CLOCK) {
        if (u->feed_left == 0 && u->send_done < u->send_len && !pause(u->stall)) {
            u->feed_bits = 1 << 9 | uint32_t(u->send[u->send_done++]) << 1;
            u->feed_left = 10;
            begins = true;
        }
        if (u->feed_left > 0) {
            bit(rx, u->feed_bits & 1);
            u->feed_bits >>= 1;
            u->feed_left--;
            u->feed_time += u->send_bit;
        } else {
            bit(rx, true);
            u->feed_time = 0;
        }
    }
    if (u->feed_time >= CLOCK) u->feed_time -= CLOCK;
    return begins;
}

// The line from the design, this clock. True if a byte ends.
static inline bool sample(Uart* u, bool level) {
    if (!u->on) {
        if (level) return false;
        u->on = 1;
        u->sample_time = int64_t(u->receive_bit / 2);
        u->sample_bit = u->sample_data = 0;
        return false;
    }
    u->sample_time -= CLOCK;
    if (u->sample_time > 0) return false;
    u->sample_time += int64_t(u->receive_bit);
    const uint32_t n = u->sample_bit++;
    if (n == 0 && level) u->on = 0;  // a glitch, no start bit
    if (n >= 1 && n <= 8) u->sample_data |= uint32_t(level) << (n - 1);
    if (n < 9) return false;
    u->on = 0;
    if (!level) u->frame_errors++;
    if (u->receive_done < u->receive_len) u->receive[u->receive_done++] = uint8_t(u->sample_data);
    else u->lost++;
    return true;
}

static int uart(Sim* s, Uart* u, uint64_t max_cycles, uint64_t silence) {
    const Port &rx = s->ports[u->rx], &tx = s->ports[u->tx];
    uint64_t still = 0;
    for (uint64_t n = 0;; n++) {
        if (u->receive_len && u->receive_done == u->receive_len) return END_DONE;
        if (u->any && u->send_len && u->send_done == u->send_len) return END_DONE;
        if (n == max_cycles) return END_CYCLES;
        if (still == silence) return END_SILENCE;
        bool moved = feed(u, rx);
        settle(s);
        moved |= sample(u, bit(tx));
        edge(s);
        still = moved ? 0 : still + 1;
        u->quiet = moved ? 0 : u->quiet + 1;
    }
}

