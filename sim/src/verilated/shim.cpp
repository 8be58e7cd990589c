// The C face of one Verilated model: a table of its ports, clock stepping, and batched valid/ready streams.
// The lines above this one (the port table, `GALENA_CLOCK`) are generated from the model's header by shim.rs.
// Nothing here throws across the boundary: a fatal message of the model is kept and reported by code.

struct Sim {
    VerilatedContext ctx;
    std::unique_ptr<Vtop> top;
    std::vector<Port> ports;
    std::string fault;
    uint64_t cycles = 0;
#if VM_TRACE
    std::unique_ptr<VerilatedFstC> trace;
#endif
};

// Verilator calls this for $fatal, $stop, a failed $readmemh and a design that does not converge.
void vl_fatal(const char* file, int line, const char*, const char* message) {
    throw std::runtime_error(std::string(file) + ":" + std::to_string(line) + ": " + message);
}

static inline uint32_t words_of(const Port& p) { return (p.width + 31) / 32; }

static inline void put(const Port& p, const uint32_t* v) {
    const uint64_t mask = p.width >= 64 ? ~0ull : (1ull << p.width) - 1;
    if (p.width <= 8) *static_cast<uint8_t*>(p.data) = v[0] & mask;
    else if (p.width <= 16) *static_cast<uint16_t*>(p.data) = v[0] & mask;
    else if (p.width <= 32) *static_cast<uint32_t*>(p.data) = v[0] & mask;
    else if (p.width <= 64) *static_cast<uint64_t*>(p.data) = (v[0] | uint64_t(v[1]) << 32) & mask;
    else {
        uint32_t* w = static_cast<uint32_t*>(p.data);
        const uint32_t n = words_of(p);
        for (uint32_t i = 0; i < n; i++) w[i] = v[i];
        if (p.width % 32) w[n - 1] &= (1u << p.width % 32) - 1;
    }
}

static inline void take(const Port& p, uint32_t* v) {
    if (p.width <= 8) v[0] = *static_cast<const uint8_t*>(p.data);
    else if (p.width <= 16) v[0] = *static_cast<const uint16_t*>(p.data);
    else if (p.width <= 32) v[0] = *static_cast<const uint32_t*>(p.data);
    else if (p.width <= 64) {
        const uint64_t x = *static_cast<const uint64_t*>(p.data);
        v[0] = uint32_t(x);
        v[1] = uint32_t(x >> 32);
    } else
        for (uint32_t i = 0; i < words_of(p); i++) v[i] = static_cast<const uint32_t*>(p.data)[i];
}

static inline bool bit(const Port& p) { return *static_cast<const uint8_t*>(p.data) & 1; }
static inline void bit(const Port& p, bool v) { *static_cast<uint8_t*>(p.data) = v; }

#if VM_TRACE
#define DUMP(phase) \
    if (s->trace) s->trace->dump(2 * s->cycles + (phase))
#else
#define DUMP(phase)
#endif

// Clock low: what the inputs of this cycle do to the outputs.
static inline void settle(Sim* s) {
#ifdef GALENA_CLOCK
    s->top->GALENA_CLOCK = 0;
#endif
    s->top->eval();
    DUMP(0);
}

// Clock high: the registers take their next value.
static inline void edge(Sim* s) {
#ifdef GALENA_CLOCK
    s->top->GALENA_CLOCK = 1;
    s->top->eval();
    DUMP(1);
#endif
    s->cycles++;
}

// --- Stalls: a two-state random walk, so that pauses come alone and in bursts (stall.rs is the same walk in Rust) --------
struct Stall {
    uint64_t state;           // xorshift64*, never zero
    uint32_t enter, leave;    // chances in 256 of beginning and of ending a pause, each cycle
    uint32_t paused;
};

static inline bool pause(Stall& p) {
    if (p.enter == 0) return false;
    p.state ^= p.state >> 12;
    p.state ^= p.state << 25;
    p.state ^= p.state >> 27;
    const uint32_t draw = uint32_t((p.state * 0x2545F4914F6CDD1Dull) >> 56);
    p.paused = p.paused ? draw >= p.leave : draw < p.enter;
    return p.paused;
}

enum { END_DONE = 0, END_CYCLES = 1, END_SILENCE = 2, END_FATAL = 3, END_RULE = 4 };

// --- Streams --------------------------------------------------------------------------------------------------------------
struct Stream {
    uint32_t valid, ready;    // port indices
    const uint32_t* payload;  // port indices, `ports` of them; a beat is their words in this order
    uint32_t ports, beat_words;
    uint32_t* beats;          // input: what to send; output: room for what comes
    uint64_t len, done;       // beats in all, beats moved
    uint32_t required;        // the run ends when every required stream is done
    uint32_t offered;         // input: a beat stands on the wires; output: valid was seen, ready was low
    uint64_t broken;          // output: cycle + 1 at which valid was withdrawn or the payload changed
    Stall stall;
    uint32_t* held;           // output: the beat that was offered, to be offered unchanged
};

static void lay(Sim* s, const Stream& t, const uint32_t* beat) {
    for (uint32_t i = 0; i < t.ports; i++) {
        const Port& p = s->ports[t.payload[i]];
        put(p, beat);
        beat += words_of(p);
    }
}

static void pick(Sim* s, const Stream& t, uint32_t* beat) {
    for (uint32_t i = 0; i < t.ports; i++) {
        const Port& p = s->ports[t.payload[i]];
        take(p, beat);
        beat += words_of(p);
    }
}

// Ends when all required streams are done, or with `any` as soon as one of them is.
static int run(Sim* s, Stream* in, uint32_t ins, Stream* out, uint32_t outs, uint32_t any, uint64_t max_cycles,
               uint64_t silence) {
    uint64_t quiet = 0;
    for (uint64_t n = 0;; n++) {
        uint32_t required = 0, finished = 0;
        for (uint32_t i = 0; i < ins; i++) {
            required += in[i].required;
            finished += in[i].required && in[i].done == in[i].len;
        }
        for (uint32_t i = 0; i < outs; i++) {
            required += out[i].required;
            finished += out[i].required && out[i].done == out[i].len;
        }
        const bool done = any ? finished > 0 : finished == required;
        if (done || n == max_cycles || quiet == silence) {
            // Between runs nothing is offered and nothing accepted; an offered input beat stays offered (the stream rule).
            for (uint32_t i = 0; i < outs; i++) bit(s->ports[out[i].ready], false);
            for (uint32_t i = 0; i < ins; i++)
                if (!in[i].offered) bit(s->ports[in[i].valid], false);
            return done ? END_DONE : n == max_cycles ? END_CYCLES : END_SILENCE;
        }
        for (uint32_t i = 0; i < ins; i++) {
            Stream& t = in[i];
            if (!t.offered) t.offered = t.done < t.len && !pause(t.stall);
            bit(s->ports[t.valid], t.offered);
            if (t.offered) lay(s, t, t.beats + t.done * t.beat_words);
        }
        for (uint32_t i = 0; i < outs; i++) bit(s->ports[out[i].ready], out[i].done < out[i].len && !pause(out[i].stall));
        settle(s);
        bool moved = false;
        for (uint32_t i = 0; i < ins; i++) {
            Stream& t = in[i];
            if (t.offered && bit(s->ports[t.ready])) {
                t.done++;
                t.offered = 0;
                moved = true;
            }
        }
        for (uint32_t i = 0; i < outs; i++) {
            Stream& t = out[i];
            const bool valid = bit(s->ports[t.valid]), ready = bit(s->ports[t.ready]);
            if (t.offered) {
                uint32_t now[64];
                if (valid) pick(s, t, now);
                if (!valid || std::memcmp(now, t.held, 4 * t.beat_words)) {
                    t.broken = s->cycles + 1;
                    return END_RULE;
                }
            }
            if (valid && ready) {
                pick(s, t, t.beats + t.done++ * t.beat_words);
                moved = true;
            } else if (valid && !t.offered)
                pick(s, t, t.held);
            t.offered = valid && !ready;
        }
        edge(s);
        quiet = moved ? 0 : quiet + 1;
    }
}

// --- UART, 8N1: words as four bytes, low byte first, `divisor` clocks a bit ------------------------------------------------
struct Uart {
    uint32_t rx, tx, divisor; // port indices of the design's input and output line
    uint32_t any;             // end also when all words are taken
    const uint32_t* send;
    uint64_t send_len, send_done; // words; a word is taken when its first byte begins, and sent whatever comes after
    uint32_t* receive;
    uint64_t receive_len, receive_done;
    uint64_t frame_errors;    // stop bits found low
    Stall stall;              // idle time before a byte
    uint32_t line_bits, line_left, line_wait, line_byte, line_word; // feeder: bits to go, count, clocks left of the bit, bytes begun
    uint32_t sample_on, sample_wait, sample_bit, sample_byte, sample_data, sample_word, sample_word_bytes;
};

static int uart(Sim* s, Uart* u, uint64_t max_cycles, uint64_t silence) {
    uint64_t quiet = 0;
    const Port &rx = s->ports[u->rx], &tx = s->ports[u->tx];
    for (uint64_t n = 0;; n++) {
        if (u->receive_len && u->receive_done == u->receive_len) return END_DONE;
        if (u->any && u->send_len && u->send_done == u->send_len) return END_DONE;
        if (n == max_cycles) return END_CYCLES;
        if (quiet == silence) return END_SILENCE;
        bool moved = false;
        if (u->line_wait == 0) {
            if (u->line_left == 0 && (u->line_byte || u->send_done < u->send_len) && !pause(u->stall)) {
                if (u->line_byte == 0) u->line_word = u->send[u->send_done++];
                u->line_bits = 1 << 9 | (u->line_word >> 8 * u->line_byte & 0xff) << 1;
                u->line_left = 10;
                u->line_byte = (u->line_byte + 1) & 3;
                moved = true;
            }
            if (u->line_left > 0) {
                bit(rx, u->line_bits & 1);
                u->line_bits >>= 1;
                u->line_wait = u->divisor;
                u->line_left--;
            } else
                bit(rx, true);
        }
        if (u->line_wait) u->line_wait--;
        settle(s);
        const bool level = bit(tx);
        if (!u->sample_on) {
            if (!level) {
                u->sample_on = 1;
                u->sample_wait = u->divisor / 2;
                u->sample_bit = u->sample_data = 0;
            }
        } else if (u->sample_wait > 1)
            u->sample_wait--;
        else {
            u->sample_wait = u->divisor;
            if (u->sample_bit >= 1 && u->sample_bit <= 8) u->sample_data |= uint32_t(level) << (u->sample_bit - 1);
            if (++u->sample_bit == 10) {
                u->sample_on = 0;
                moved = true;
                if (!level) u->frame_errors++;
                u->sample_word |= u->sample_data << 8 * u->sample_word_bytes;
                if (++u->sample_word_bytes == 4) {
                    if (u->receive_done < u->receive_len) u->receive[u->receive_done++] = u->sample_word;
                    u->sample_word = u->sample_word_bytes = 0;
                }
            }
        }
        edge(s);
        quiet = moved ? 0 : quiet + 1;
    }
}

// --- The C face -----------------------------------------------------------------------------------------------------------
template <class F> static int guarded(Sim* s, F body) {
    try {
        return body();
    } catch (const std::exception& e) {
        s->fault = e.what();
        return END_FATAL;
    }
}

#define EXPORT extern "C" __attribute__((visibility("default")))

EXPORT Sim* galena_new(uint64_t seed) {
    Sim* s = new Sim;
    guarded(s, [&] {
        s->ctx.randReset(2);  // registers and memories start with random content: nothing may depend on it
        s->ctx.randSeed(int(seed & 0x7fffffff));
#if VM_TRACE
        s->ctx.traceEverOn(true);
#endif
        s->top.reset(new Vtop(&s->ctx));
        s->ports = port_table(*s->top);
        return 0;
    });
    return s;
}
EXPORT void galena_free(Sim* s) {
    if (s->top) guarded(s, [&] { s->top->final(); return 0; });
#if VM_TRACE
    if (s->trace) s->trace->close();
#endif
    delete s;
}
EXPORT const char* galena_fault(Sim* s) { return s->fault.empty() ? nullptr : s->fault.c_str(); }
EXPORT uint64_t galena_cycles(Sim* s) { return s->cycles; }
EXPORT void galena_set(Sim* s, uint32_t port, const uint32_t* v) { put(s->ports[port], v); }
EXPORT void galena_get(Sim* s, uint32_t port, uint32_t* v) { take(s->ports[port], v); }
EXPORT int galena_settle(Sim* s) {
    return guarded(s, [&] { settle(s); return 0; });
}
EXPORT int galena_step(Sim* s, uint64_t n) {
    return guarded(s, [&] {
        for (uint64_t i = 0; i < n; i++) {
            settle(s);
            edge(s);
        }
        return 0;
    });
}
EXPORT int galena_edge(Sim* s) {
    return guarded(s, [&] { edge(s); return 0; });
}
EXPORT int galena_run(Sim* s, Stream* in, uint32_t ins, Stream* out, uint32_t outs, uint32_t any, uint64_t max_cycles,
                      uint64_t silence) {
    return guarded(s, [&] { return run(s, in, ins, out, outs, any, max_cycles, silence); });
}
EXPORT int galena_uart(Sim* s, Uart* u, uint64_t max_cycles, uint64_t silence) {
    return guarded(s, [&] { return uart(s, u, max_cycles, silence); });
}
EXPORT int galena_trace(Sim* s, const char* path) {
#if VM_TRACE
    return guarded(s, [&] {
        s->trace.reset(new VerilatedFstC);
        s->top->trace(s->trace.get(), 99);
        s->trace->open(path);
        return s->trace->isOpen() ? 0 : 1;
    });
#else
    (void)s, (void)path;
    return 1;
#endif
}
