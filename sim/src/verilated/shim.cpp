// One Verilated model: a table of its ports, clock stepping, and batched valid/ready streams. uart.cpp and face.cpp follow.
// The lines above this one (the port table, `GALENA_CLOCK`) are generated from the model's header by shim.rs.
// Nothing here throws across the boundary: a fatal message of the model is kept and reported by code.

struct Axi;

struct Sim {
    VerilatedContext ctx;
    std::unique_ptr<Vtop> top;
    std::vector<Port> ports;
    std::string fault;
    uint64_t cycles = 0;
    Axi* axi = nullptr;  // the memory at the design's AXI4 port: axi.cpp
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

static void axi_drive(Sim* s);
static void axi_sample(Sim* s);
static void axi_free(Sim* s);

// Clock low: what the inputs of this cycle do to the outputs.
static inline void settle(Sim* s) {
    if (s->axi) axi_drive(s);
#ifdef GALENA_CLOCK
    s->top->GALENA_CLOCK = 0;
#endif
    s->top->eval();
    DUMP(0);
}

// Clock high: the registers take their next value.
static inline void edge(Sim* s) {
    if (s->axi) axi_sample(s);
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

