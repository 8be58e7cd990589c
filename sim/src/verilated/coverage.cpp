// Only in models that are built with coverage: the counters to zero, or to a file.
EXPORT int galena_coverage(Sim* s, const char* path) {
    return guarded(s, [&] {
        if (path) s->ctx.coveragep()->write(path);
        else s->ctx.coveragep()->zero();
        return 0;
    });
}
