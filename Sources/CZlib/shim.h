/* zlib as Swift needs it. Shims only, no logic. */
#ifndef CZLIB_SHIM_H
#define CZLIB_SHIM_H

#include <zlib.h>

/* deflateInit2, a macro, for the gzip format (RFC 1952) with the largest window. */
static inline int czlib_deflate_init_gzip(z_stream *stream, int level, int memory_level) {
    return deflateInit2(stream, level, Z_DEFLATED, 15 + 16, memory_level, Z_DEFAULT_STRATEGY);
}

#endif
