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
    bool begun = false;  // the initial blocks have run
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

void Vtop___024root___eval(Vtop___024root*);

// `Vtop::eval()` also keeps books for threads, for dynamic objects and for waves: a tenth of the work of a core of 16 multipliers. Once the
// initial blocks have run, a model without waves needs nothing but the design.
static inline void evaluate(Sim* s) {
#if !VM_TRACE
    if (s->begun) return Vtop___024root___eval(s->top->rootp);
    s->begun = true;
#endif
    s->top->eval();
}

// Clock low: what the inputs of this cycle do to the outputs.
static inline void settle(Sim* s) {
    if (s->axi) axi_drive(s);
#ifdef GALENA_CLOCK
    s->top->GALENA_CLOCK = 0;
#endif
    evaluate(s);
    DUMP(0);
}

// Clock high: the registers take their next value.
static inline void edge(Sim* s) {
    if (s->axi) axi_sample(s);
#ifdef GALENA_CLOCK
    s->top->GALENA_CLOCK = 1;
    evaluate(s);
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

// A stream's places in the model, looked up once a run.
struct Wires {
    uint8_t *valid, *ready;
    uint32_t* word;  // the payload, if it is one port of 17 to 32 bits: what most streams are
    uint32_t mask;
};

static Wires wires(Sim* s, const Stream& t) {
    const Port& first = s->ports[t.payload[0]];
    const bool one = t.ports == 1 && first.width > 16 && first.width <= 32;
    auto level = [&](uint32_t port) { return static_cast<uint8_t*>(s->ports[port].data); };
    return {level(t.valid), level(t.ready), one ? static_cast<uint32_t*>(first.data) : nullptr, ~0u >> (32 - first.width) % 32};
}

static inline void lay(Sim* s, const Stream& t, const Wires& w) {
    const uint32_t* beat = t.beats + t.done * t.beat_words;
    if (w.word) {
        *w.word = *beat & w.mask;
        return;
    }
    for (uint32_t i = 0; i < t.ports; i++) {
        const Port& p = s->ports[t.payload[i]];
        put(p, beat);
        beat += words_of(p);
    }
}

static inline void pick(Sim* s, const Stream& t, const Wires& w, uint32_t* beat) {
    if (w.word) {
        *beat = *w.word;
        return;
    }
    for (uint32_t i = 0; i < t.ports; i++) {
        const Port& p = s->ports[t.payload[i]];
        take(p, beat);
        beat += words_of(p);
    }
}

// All required streams are done, or with `any` at least one of them.
static bool finished(const Stream* in, uint32_t ins, const Stream* out, uint32_t outs, bool any) {
    uint32_t required = 0, done = 0;
    auto count = [&](const Stream* t, uint32_t n) {
        for (uint32_t i = 0; i < n; i++) {
            required += t[i].required;
            done += t[i].required && t[i].done == t[i].len;
        }
    };
    count(in, ins);
    count(out, outs);
    return any ? done > 0 : done == required;
}

// Ends when all required streams are done, or with `any` as soon as one of them is.
static int run(Sim* s, Stream* in, uint32_t ins, Stream* out, uint32_t outs, uint32_t any, uint64_t max_cycles,
               uint64_t silence) {
    std::vector<Wires> at_in, at_out;
    for (uint32_t i = 0; i < ins; i++) {
        at_in.push_back(wires(s, in[i]));
        if (in[i].offered) lay(s, in[i], at_in[i]);
    }
    for (uint32_t i = 0; i < outs; i++) at_out.push_back(wires(s, out[i]));
    bool done = finished(in, ins, out, outs, any);
    uint64_t quiet = 0;
    for (uint64_t n = 0;; n++) {
        if (done || n == max_cycles || quiet == silence) {
            // Between runs nothing is offered and nothing accepted; an offered input beat stays offered (the stream rule).
            for (const Wires& w : at_out) *w.ready = false;
            for (uint32_t i = 0; i < ins; i++)
                if (!in[i].offered) *at_in[i].valid = false;
            return done ? END_DONE : n == max_cycles ? END_CYCLES : END_SILENCE;
        }
        for (uint32_t i = 0; i < ins; i++) {
            Stream& t = in[i];
            if (!t.offered && t.done < t.len && !pause(t.stall)) {
                t.offered = 1;
                lay(s, t, at_in[i]);
            }
            *at_in[i].valid = t.offered;
        }
        for (uint32_t i = 0; i < outs; i++) *at_out[i].ready = out[i].done < out[i].len && !pause(out[i].stall);
        settle(s);
        bool moved = false;
        for (uint32_t i = 0; i < ins; i++) {
            Stream& t = in[i];
            if (t.offered && (*at_in[i].ready & 1)) {
                t.done++;
                t.offered = 0;
                moved = true;
            }
        }
        for (uint32_t i = 0; i < outs; i++) {
            Stream& t = out[i];
            const Wires& w = at_out[i];
            const bool valid = *w.valid & 1, ready = *w.ready & 1;
            if (t.offered) {
                uint32_t now[64];
                if (valid) pick(s, t, w, now);
                if (!valid || std::memcmp(now, t.held, 4 * t.beat_words)) {
                    t.broken = s->cycles + 1;
                    return END_RULE;
                }
            }
            if (valid && ready) {
                pick(s, t, w, t.beats + t.done++ * t.beat_words);
                moved = true;
            } else if (valid && !t.offered)
                pick(s, t, w, t.held);
            t.offered = valid && !ready;
        }
        edge(s);
        if (moved) done = finished(in, ins, out, outs, any);
        quiet = moved ? 0 : quiet + 1;
    }
}
