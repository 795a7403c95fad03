/// Delivery times in buckets of 10 µs up to 100 ms and of 1 ms up to 10 s; what is slower falls into the last bucket.
#ifndef LOAD_HISTOGRAM_H
#define LOAD_HISTOGRAM_H

#include <stdint.h>

#define FINE_BUCKETS 10000
#define FINE_BUCKET_NS 10000
#define COARSE_BUCKETS 9900
#define COARSE_BUCKET_NS 1000000
#define HISTOGRAM_BUCKETS (FINE_BUCKETS + COARSE_BUCKETS)

struct histogram {
    uint64_t total;
    uint32_t count[HISTOGRAM_BUCKETS];
};

/// The upper end of a bucket.
static inline int64_t bucket_end_ns(int64_t bucket) {
    if (bucket < FINE_BUCKETS) return (bucket + 1) * FINE_BUCKET_NS;
    return (int64_t)FINE_BUCKETS * FINE_BUCKET_NS + (bucket - FINE_BUCKETS + 1) * COARSE_BUCKET_NS;
}

static inline void record(struct histogram *histogram, int64_t ns) {
    int64_t beyond = ns - (int64_t)FINE_BUCKETS * FINE_BUCKET_NS;
    int64_t bucket = ns < 0 ? 0 : beyond < 0 ? ns / FINE_BUCKET_NS : FINE_BUCKETS + beyond / COARSE_BUCKET_NS;
    if (bucket >= HISTOGRAM_BUCKETS) bucket = HISTOGRAM_BUCKETS - 1;
    histogram->count[bucket]++;
    histogram->total++;
}

/// The time, in µs, that `share` (0…1) of the deliveries stayed within; 0 when there were none.
static inline long percentile_us(const struct histogram *histogram, double share) {
    uint64_t wanted = (uint64_t)((double)histogram->total * share), seen = 0;
    if (histogram->total == 0) return 0;
    for (int64_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
        seen += histogram->count[i];
        if (seen >= wanted) return (long)(bucket_end_ns(i) / 1000);
    }
    return (long)(bucket_end_ns(HISTOGRAM_BUCKETS - 1) / 1000);
}

#endif
