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
    axi_free(s);
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
