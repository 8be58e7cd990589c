// --- AXI4 memory: banks, rows that cost time to open, one data bus, everything in order -------------------------------------
// Outputs depend on state alone (`axi_drive`, before a clock settles); what the design does is taken before the edge (`axi_sample`).
struct AxiPorts {
    uint32_t awid, awaddr, awlen, awsize, awburst, awvalid, awready, wdata, wstrb, wlast, wvalid, wready, bid, bresp, bvalid, bready;
    uint32_t arid, araddr, arlen, arsize, arburst, arvalid, arready, rid, rdata, rresp, rlast, rvalid, rready;
    uint32_t rst;  // index of the reset, or ~0
};

struct AxiShape {
    uint64_t bytes;
    uint32_t banks, page_bytes, open_clocks, latency, outstanding, turnaround;
    uint64_t fail_read, fail_write;  // number of the burst (from 1) that is answered with an error; 0 for none
    Stall stall;
};

struct AxiFigures {
    uint64_t clocks, busy, moved, waited, read_bytes, write_bytes, row_opens, turnarounds;
    uint64_t read_bursts[9], write_bursts[9];  // by log2 of the beats, rounded up
};

struct AxiBurst {
    uint64_t address, sequence, row, ready_at;
    uint32_t id, beats, done, bank;
    bool planned, fail;
    std::vector<uint32_t> data, strobes;  // of a write: what has come
    uint32_t came;
};

struct AxiAnswer {
    uint32_t id, fail;
    uint64_t at;
};

struct Axi {
    AxiPorts port;
    AxiShape shape;
    AxiFigures figures = {};
    uint32_t words, data_bytes;  // of a beat
    uint8_t* memory = nullptr;
    std::deque<AxiBurst> reads, writes;
    std::deque<AxiAnswer> answers;
    std::vector<uint64_t> open_row;
    uint64_t now = 0, sequence = 0, reads_taken = 0, writes_taken = 0;
    uint32_t came_at = 0;  // writes whose data have all come
    int direction = 0, current = 0;  // 0 none, 1 read, 2 write
    uint32_t streak = 0, penalty = 0;
    Stall stall[5];
    bool pause[5] = {};  // AR, AW, W, R, B
    // R output.
    bool r_valid = false, r_last = false;
    uint32_t r_id = 0, r_fail = 0;
    std::vector<uint32_t> r_data;
    // What was offered and not taken: it must stay.
    bool held_ar = false, held_aw = false, held_w = false;
    uint64_t held_araddr = 0, held_awaddr = 0;
    std::vector<uint32_t> held_data, scratch;
    uint32_t held_last = 0;
    ~Axi() { std::free(memory); }
};

static const uint64_t NO_ROW = ~0ull;

static inline uint32_t axi_u32(Sim* s, uint32_t index) {
    uint32_t v[64];
    take(s->ports[index], v);
    return v[0];
}
static inline uint64_t axi_u64(Sim* s, uint32_t index) {
    uint32_t v[64] = {};
    take(s->ports[index], v);
    return s->ports[index].width > 32 ? v[0] | uint64_t(v[1]) << 32 : v[0];
}
static inline void axi_put(Sim* s, uint32_t index, uint32_t value) {
    const uint32_t v[2] = {value, 0};
    put(s->ports[index], v);
}
[[noreturn]] static void axi_wrong(Axi* a, const std::string& what) {
    throw std::runtime_error("the AXI4 port: " + what + " (clock " + std::to_string(a->now) + " of the memory)");
}

static bool axi_answer_ready(Axi* a) { return !a->answers.empty() && a->answers.front().at <= a->now && !a->pause[4]; }

static void axi_drive(Sim* s) {
    Axi* a = s->axi;
    const AxiPorts& p = a->port;
    bit(s->ports[p.arready], a->reads.size() < a->shape.outstanding && !a->pause[0]);
    bit(s->ports[p.awready], a->writes.size() < a->shape.outstanding && !a->pause[1]);
    // Data wait for their address.
    bit(s->ports[p.wready], a->came_at < a->writes.size() && !a->pause[2]);
    bit(s->ports[p.rvalid], a->r_valid);
    if (a->r_valid) {
        put(s->ports[p.rdata], a->r_data.data());
        axi_put(s, p.rid, a->r_id);
        axi_put(s, p.rresp, a->r_fail ? 2 : 0);
        axi_put(s, p.rlast, a->r_last);
    }
    const bool answer = axi_answer_ready(a);
    bit(s->ports[p.bvalid], answer);
    if (answer) {
        axi_put(s, p.bid, a->answers.front().id);
        axi_put(s, p.bresp, a->answers.front().fail ? 2 : 0);
    }
}

// Rows are opened in the order of arrival within a bank, and in all banks at once: a burst's row is opened as soon as no earlier burst
// needs the bank for another row.
static void axi_plan(Axi* a) {
    for (auto* queue : {&a->reads, &a->writes})
        for (AxiBurst& burst : *queue) {
            if (burst.planned) continue;
            bool blocked = false;
            for (auto* others : {&a->reads, &a->writes})
                for (AxiBurst& other : *others)
                    blocked |= other.sequence < burst.sequence && other.bank == burst.bank &&
                               !(other.planned && other.row == burst.row);
            if (blocked) continue;
            burst.planned = true;
            if (a->open_row[burst.bank] != burst.row) {
                a->open_row[burst.bank] = burst.row;
                a->figures.row_opens++;
                burst.ready_at = std::max(burst.ready_at, a->now + a->shape.open_clocks);
            }
        }
}

static AxiBurst axi_burst(Sim* s, uint32_t id, uint32_t addr, uint32_t len, uint32_t size, uint32_t type, const char* what) {
    Axi* a = s->axi;
    AxiBurst burst = {};
    burst.address = axi_u64(s, addr);
    burst.id = axi_u32(s, id);
    burst.beats = axi_u32(s, len) + 1;
    const uint64_t bytes = uint64_t(burst.beats) * a->data_bytes;
    const std::string name = std::string(what) + " of " + std::to_string(bytes) + " bytes at " + std::to_string(burst.address);
    if (axi_u32(s, type) != 1) axi_wrong(a, name + " is not of type INCR");
    if (1u << axi_u32(s, size) != a->data_bytes) axi_wrong(a, name + " has beats narrower than the bus");
    if (burst.address % a->data_bytes) axi_wrong(a, name + " is not aligned to its beats");
    if (burst.address / 4096 != (burst.address + bytes - 1) / 4096) axi_wrong(a, name + " crosses a 4 KiB boundary");
    if (burst.address + bytes > a->shape.bytes) axi_wrong(a, name + " is outside of the memory");
    const uint64_t page = burst.address / a->shape.page_bytes;
    burst.bank = uint32_t(page % a->shape.banks);
    burst.row = page / a->shape.banks;
    burst.sequence = a->sequence++;
    burst.ready_at = a->now + a->shape.latency;
    return burst;
}

static void axi_count(uint64_t* bins, uint32_t beats) {
    uint32_t k = 0;
    while (k < 8 && (1u << k) < beats) k++;
    bins[k]++;
}

static void axi_flush(Axi* a) {
    a->reads.clear();
    a->writes.clear();
    a->answers.clear();
    a->came_at = 0;
    a->r_valid = a->held_ar = a->held_aw = a->held_w = false;
    a->current = 0;
    a->penalty = 0;
}

// The data bus, this clock: one beat of the burst that has it.
static void axi_bus(Axi* a) {
    const bool waiting = !a->reads.empty() || a->came_at > 0;
    a->figures.busy += waiting;
    if (a->penalty) {
        a->penalty--;
        return;
    }
    if (!a->current) {
        const bool read = !a->reads.empty() && a->reads.front().planned && a->reads.front().ready_at <= a->now;
        const bool write = a->came_at > 0 && a->writes.front().planned && a->writes.front().ready_at <= a->now;
        if (!read && !write) return;
        // Turning the bus round costs time: it goes on in its direction for up to eight bursts.
        const int same = a->direction == 2 ? (write ? 2 : 1) : (read ? 1 : 2);
        const int other = same == 1 && write ? 2 : same == 2 && read ? 1 : same;
        const int next = a->streak >= 8 ? other : same;
        a->streak = next == a->direction ? a->streak + 1 : 1;
        a->current = next;
        if (next != a->direction && a->direction) {
            a->figures.turnarounds++;
            a->penalty = a->shape.turnaround;
        }
        a->direction = next;
        if (a->penalty) {
            a->penalty--;
            return;
        }
    }
    if (a->current == 1) {
        if (a->r_valid) {
            // The design does not take what stands there: that is not the memory's loss.
            a->figures.waited++;
            return;
        }
        if (a->pause[3]) return;
        AxiBurst& burst = a->reads.front();
        std::memcpy(a->r_data.data(), a->memory + burst.address + uint64_t(burst.done) * a->data_bytes, a->data_bytes);
        a->r_valid = true;
        a->r_id = burst.id;
        a->r_fail = burst.fail;
        a->r_last = ++burst.done == burst.beats;
        a->figures.moved++;
        a->figures.read_bytes += a->data_bytes;
        if (a->r_last) {
            a->reads.pop_front();
            a->current = 0;
            axi_plan(a);
        }
    } else {
        AxiBurst& burst = a->writes.front();
        uint8_t* to = a->memory + burst.address + uint64_t(burst.done) * a->data_bytes;
        const uint8_t* from = reinterpret_cast<const uint8_t*>(&burst.data[uint64_t(burst.done) * a->words]);
        const uint32_t* strobe = &burst.strobes[uint64_t(burst.done) * ((a->data_bytes + 31) / 32)];
        for (uint32_t k = 0; k < a->data_bytes; k += 32) {
            const uint32_t n = std::min(32u, a->data_bytes - k);
            if (strobe[k / 32] == (n == 32 ? ~0u : (1u << n) - 1)) std::memcpy(to + k, from + k, n);
            else
                for (uint32_t j = 0; j < n; j++)
                    if (strobe[k / 32] >> j & 1) to[k + j] = from[k + j];
        }
        a->figures.moved++;
        a->figures.write_bytes += a->data_bytes;
        if (++burst.done == burst.beats) {
            a->answers.push_back({burst.id, burst.fail, a->now + a->shape.latency});
            a->writes.pop_front();
            a->came_at--;
            a->current = 0;
            axi_plan(a);
        }
    }
}

static void axi_sample(Sim* s) {
    Axi* a = s->axi;
    const AxiPorts& p = a->port;
    a->now++;
    a->figures.clocks++;
    if (p.rst != ~0u && bit(s->ports[p.rst])) {
        axi_flush(a);
        return;
    }
    const bool ar = bit(s->ports[p.arvalid]), aw = bit(s->ports[p.awvalid]), w = bit(s->ports[p.wvalid]);
    if (a->held_ar && (!ar || axi_u64(s, p.araddr) != a->held_araddr)) axi_wrong(a, "a read address was withdrawn or changed");
    if (a->held_aw && (!aw || axi_u64(s, p.awaddr) != a->held_awaddr)) axi_wrong(a, "a write address was withdrawn or changed");
    if (a->held_w) {
        if (w) take(s->ports[p.wdata], a->scratch.data());
        if (!w || axi_u32(s, p.wlast) != a->held_last || std::memcmp(a->scratch.data(), a->held_data.data(), a->data_bytes))
            axi_wrong(a, "write data were withdrawn or changed");
    }
    const bool ar_taken = ar && bit(s->ports[p.arready]), aw_taken = aw && bit(s->ports[p.awready]);
    const bool w_taken = w && bit(s->ports[p.wready]);
    if (bit(s->ports[p.bvalid]) && bit(s->ports[p.bready])) a->answers.pop_front();
    if (a->r_valid && bit(s->ports[p.rready])) a->r_valid = false;
    if (w_taken) {
        AxiBurst& burst = a->writes[a->came_at];
        const uint32_t at = burst.came++;
        take(s->ports[p.wdata], &burst.data[uint64_t(at) * a->words]);
        take(s->ports[p.wstrb], &burst.strobes[uint64_t(at) * ((a->data_bytes + 31) / 32)]);
        if ((axi_u32(s, p.wlast) & 1) != (burst.came == burst.beats)) axi_wrong(a, "the last beat of a write is marked wrongly");
        if (burst.came == burst.beats) a->came_at++;
    }
    if (ar_taken) {
        AxiBurst burst = axi_burst(s, p.arid, p.araddr, p.arlen, p.arsize, p.arburst, "a read");
        burst.fail = ++a->reads_taken == a->shape.fail_read;
        axi_count(a->figures.read_bursts, burst.beats);
        a->reads.push_back(std::move(burst));
    }
    if (aw_taken) {
        AxiBurst burst = axi_burst(s, p.awid, p.awaddr, p.awlen, p.awsize, p.awburst, "a write");
        burst.fail = ++a->writes_taken == a->shape.fail_write;
        burst.data.resize(uint64_t(burst.beats) * a->words);
        burst.strobes.resize(uint64_t(burst.beats) * ((a->data_bytes + 31) / 32));
        axi_count(a->figures.write_bursts, burst.beats);
        a->writes.push_back(std::move(burst));
    }
    if (ar_taken || aw_taken) axi_plan(a);
    a->held_ar = ar && !ar_taken;
    a->held_aw = aw && !aw_taken;
    a->held_w = w && !w_taken;
    if (a->held_ar) a->held_araddr = axi_u64(s, p.araddr);
    if (a->held_aw) a->held_awaddr = axi_u64(s, p.awaddr);
    if (a->held_w) {
        take(s->ports[p.wdata], a->held_data.data());
        a->held_last = axi_u32(s, p.wlast);
    }
    // An answer that stands on the wires is not taken back by a pause.
    const bool answered = axi_answer_ready(a);
    if (a->shape.stall.enter)
        for (int k = 0; k < 5; k++) a->pause[k] = pause(a->stall[k]);
    if (answered) a->pause[4] = false;
    axi_bus(a);
}

static void axi_free(Sim* s) {
    delete s->axi;
    s->axi = nullptr;
}

EXPORT int galena_axi_attach(Sim* s, const AxiPorts* ports, const AxiShape* shape) {
    return guarded(s, [&] {
        axi_free(s);
        Axi* a = new Axi;
        a->port = *ports;
        a->shape = *shape;
        a->words = words_of(s->ports[ports->rdata]);
        a->data_bytes = 4 * a->words;
        // Zero pages that are only taken when they are written.
        a->memory = static_cast<uint8_t*>(std::calloc(shape->bytes, 1));
        if (!a->memory) {
            delete a;
            throw std::runtime_error("no memory of " + std::to_string(shape->bytes) + " bytes");
        }
        a->open_row.assign(shape->banks, NO_ROW);
        a->r_data.resize(a->words + 2);
        a->held_data.resize(a->words + 2);
        a->scratch.resize(a->words + 2);
        for (int k = 0; k < 5; k++) {
            a->stall[k] = shape->stall;
            a->stall[k].state += 0x9e3779b97f4a7c15ull * k;
            if (!a->stall[k].state) a->stall[k].state = 1;
        }
        s->axi = a;
        return 0;
    });
}
EXPORT void galena_axi_figures(Sim* s, AxiFigures* figures) {
    if (s->axi) *figures = s->axi->figures;
}
