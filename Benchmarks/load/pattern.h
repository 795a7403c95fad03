/// What the streams carry: one pseudo-random block, repeated. Its length is odd and fits no buffer size, so that a
/// piece of a stream that is lost, doubled, moved or taken from another stream no longer matches. No byte of it is
/// zero, so that it may stand in a NAL unit of H.264 as it is.
#ifndef LOAD_PATTERN_H
#define LOAD_PATTERN_H

#include <stddef.h>
#include <stdint.h>

/// The most bytes that `pattern_at` offers in one piece.
#define PATTERN_PIECE ((size_t)262144)

/// Fills the block; before this every pattern is zero.
void make_pattern(uint64_t seed);

/// The bytes from `position` of stream number `stream` on; at least `PATTERN_PIECE` may be read.
const unsigned char *pattern_at(size_t stream, uint64_t position);

#endif
