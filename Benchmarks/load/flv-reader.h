/// Reads an HTTP answer that carries FLV, in any pieces, chunked or not.
#ifndef LOAD_FLV_READER_H
#define LOAD_FLV_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rtmp-viewer.h"

#define LONGEST_ANSWER_HEAD 2048

struct flv_reader {
    unsigned char head[LONGEST_ANSWER_HEAD];  // of the answer
    size_t head_length;
    bool answered, chunked;
    enum { CHUNK_SIZE, CHUNK_BODY, CHUNK_END } chunk;
    uint64_t chunk_left;
    unsigned digits;

    bool opened;                              // the header of the file was read
    unsigned char fields[15];                 // the size of the tag before, and the header of the next
    unsigned got;
    uint32_t left;                            // bytes of the current tag
    uint32_t length, timestamp, before;
    uint8_t type;
    char fault[160];                          // empty while all is well
};

/// Takes bytes and passes the tags on to the viewer; false once there is a fault here or there.
bool read_flv(
    struct flv_reader *reader, struct viewer *viewer, const unsigned char *bytes, size_t count, int64_t now,
    struct histogram *delivery);

#endif
