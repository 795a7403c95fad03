/// A seeded generator (SplitMix64): the same seed gives the same load, for ours and for the peer.
#ifndef LOAD_RANDOM_H
#define LOAD_RANDOM_H

#include <stdint.h>

static inline uint64_t next_random(uint64_t *state) {
    uint64_t z = (*state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

/// Uniform in [0, 1).
static inline double next_fraction(uint64_t *state) {
    return (double)(next_random(state) >> 11) / (double)(UINT64_C(1) << 53);
}

#endif
