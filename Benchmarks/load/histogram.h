/// Delivery times in buckets of 10 µs up to 100 ms; what is slower falls into the last bucket.
#ifndef LOAD_HISTOGRAM_H
#define LOAD_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_BUCKETS 10000
#define HISTOGRAM_BUCKET_NS 10000

struct histogram {
    uint64_t total;
    uint32_t count[HISTOGRAM_BUCKETS];
};

static inline void record(struct histogram *histogram, int64_t ns) {
    int64_t bucket = ns < 0 ? 0 : ns / HISTOGRAM_BUCKET_NS;
    if (bucket >= HISTOGRAM_BUCKETS) bucket = HISTOGRAM_BUCKETS - 1;
    histogram->count[bucket]++;
    histogram->total++;
}

/// The time, in µs, that `share` (0…1) of the deliveries stayed within.
static inline long percentile_us(const struct histogram *histogram, double share) {
    uint64_t wanted = (uint64_t)((double)histogram->total * share), seen = 0;
    for (int i = 0; i < HISTOGRAM_BUCKETS; i++) {
        seen += histogram->count[i];
        if (seen >= wanted) return (long)(i + 1) * HISTOGRAM_BUCKET_NS / 1000;
    }
    return (long)HISTOGRAM_BUCKETS * HISTOGRAM_BUCKET_NS / 1000;
}

#endif
