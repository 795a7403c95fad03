#include "pattern.h"

#include "random.h"

#define PERIOD ((size_t)251021)

static unsigned char block[PERIOD + PATTERN_PIECE];

void make_pattern(uint64_t seed) {
    for (size_t i = 0; i < PERIOD; i++) block[i] = (unsigned char)(1 + next_random(&seed) % 255);
    for (size_t i = PERIOD; i < sizeof block; i++) block[i] = block[i - PERIOD];
}

const unsigned char *pattern_at(size_t stream, uint64_t position) {
    return block + (stream * 1237 + position) % PERIOD;
}
