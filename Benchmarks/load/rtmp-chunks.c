#include "rtmp-chunks.h"

#include <stdlib.h>
#include <string.h>

#include "dialogue.h"

#define NO_TIMESTAMP 0xFFFFFF

static uint32_t big_endian(const unsigned char *from, int bytes) {
    uint32_t value = 0;
    for (int i = 0; i < bytes; i++) value = value << 8 | from[i];
    return value;
}

static unsigned char *put_big_endian(unsigned char *to, uint32_t value, int bytes) {
    for (int i = bytes - 1; i >= 0; i--) *to++ = (unsigned char)(value >> 8 * i);
    return to;
}

static struct chunk_stream *chunk_stream_of(struct chunk_reader *reader, uint32_t id) {
    for (unsigned i = 0; i < reader->count; i++)
        if (reader->streams[i]->id == id) return reader->streams[i];
    if (reader->count == CHUNK_STREAMS) return NULL;
    struct chunk_stream *stream = calloc(1, sizeof *stream);
    if (!stream) fail_call("calloc");
    stream->id = id;
    return reader->streams[reader->count++] = stream;
}

static unsigned basic_length(unsigned char first) { return (first & 0x3F) == 0 ? 2 : (first & 0x3F) == 1 ? 3 : 1; }

static uint32_t stream_id(const unsigned char *header) {
    switch (basic_length(header[0])) {
        case 2: return 64 + header[1];
        case 3: return 64 + header[1] + 256u * header[2];
        default: return header[0] & 0x3F;
    }
}

/// The bytes that the header has as a whole, as far as those that are there tell.
static unsigned header_size(struct chunk_reader *reader) {
    static const unsigned fields[] = {11, 7, 3, 0};
    if (reader->header_length == 0) return 1;
    unsigned basic = basic_length(reader->header[0]), format = reader->header[0] >> 6;
    if (reader->header_length < basic) return basic;
    if (format == 3) {
        struct chunk_stream *stream = chunk_stream_of(reader, stream_id(reader->header));
        return basic + (stream && stream->extended ? 4 : 0);
    }
    if (reader->header_length < basic + 3) return basic + fields[format];
    return basic + fields[format] + (big_endian(reader->header + basic, 3) == NO_TIMESTAMP ? 4 : 0);
}

/// Begins a message on a stream, or goes on with the one that is there.
static bool begin_chunk(struct chunk_reader *reader) {
    const unsigned char *fields = reader->header + basic_length(reader->header[0]);
    unsigned format = reader->header[0] >> 6;
    struct chunk_stream *stream = chunk_stream_of(reader, stream_id(reader->header));
    if (!stream) return reader->fault = "more than 8 chunk streams", false;
    reader->header_length = 0;
    reader->current = stream;
    if (stream->got) {
        if (format != 3) return reader->fault = "a chunk with a new header within a message", false;
    } else {
        if (!stream->opened && format != 0) return reader->fault = "a chunk stream that begins without a header", false;
        if (format < 3) {
            stream->delta = big_endian(fields, 3);
            stream->extended = stream->delta == NO_TIMESTAMP;
            if (stream->extended) stream->delta = big_endian(fields + (format == 0 ? 11 : format == 1 ? 7 : 3), 4);
        }
        if (format < 2) {
            stream->length = big_endian(fields + 3, 3);
            stream->type = fields[6];
        }
        if (format == 0) stream->message_stream = (uint32_t)fields[7] | (uint32_t)fields[8] << 8
            | (uint32_t)fields[9] << 16 | (uint32_t)fields[10] << 24;
        stream->timestamp = format == 0 ? stream->delta : stream->timestamp + stream->delta;
        stream->opened = true;
    }
    uint32_t missing = stream->length - stream->got;
    reader->left = missing < reader->chunk_size ? missing : reader->chunk_size;
    return true;
}

static bool take_piece(
    struct chunk_reader *reader, const unsigned char *bytes, uint32_t count, piece_taker *take, void *owner) {
    struct chunk_stream *stream = reader->current;
    if (stream->type != 8 && stream->type != 9 && stream->got < KEPT_BYTES) {
        uint32_t room = KEPT_BYTES - stream->got;
        memcpy(stream->kept + stream->got, bytes, count < room ? count : room);
    }
    if (!take(owner, stream, bytes, count)) return false;
    stream->got += count;
    reader->left -= count;
    if (stream->got == stream->length) stream->got = 0;
    return true;
}

bool read_chunks(
    struct chunk_reader *reader, const unsigned char *bytes, size_t count, piece_taker *take, void *owner) {
    while (count) {
        if (reader->left == 0) {
            reader->header[reader->header_length++] = *bytes++;
            count--;
            if (reader->header_length < header_size(reader)) continue;
            if (!begin_chunk(reader)) return false;
            if (reader->left == 0 && !take_piece(reader, bytes, 0, take, owner)) return false;
            continue;
        }
        uint32_t piece = count < reader->left ? (uint32_t)count : reader->left;
        if (!take_piece(reader, bytes, piece, take, owner)) return false;
        bytes += piece;
        count -= piece;
    }
    return true;
}

void close_chunks(struct chunk_reader *reader) {
    for (unsigned i = 0; i < reader->count; i++) free(reader->streams[i]);
    reader->count = 0;
}

size_t chunked_size(uint32_t length, uint32_t chunk_size) {
    return LONGEST_CHUNK_HEADER + length + (length / chunk_size + 1) * 5;
}

size_t put_chunks(unsigned char *to, const struct chunk_message *message, uint32_t chunk_size) {
    unsigned char *at = to;
    bool extended = message->timestamp >= NO_TIMESTAMP;
    *at++ = (unsigned char)((message->continues ? 0x40 : 0) | message->chunk_stream);
    at = put_big_endian(at, extended ? NO_TIMESTAMP : message->timestamp, 3);
    at = put_big_endian(at, message->length, 3);
    *at++ = message->type;
    if (!message->continues)
        for (int i = 0; i < 4; i++) *at++ = (unsigned char)(message->stream >> 8 * i);
    if (extended) at = put_big_endian(at, message->timestamp, 4);
    for (uint32_t done = 0; done < message->length;) {
        uint32_t left = message->length - done, piece = left < chunk_size ? left : chunk_size;
        if (done) {
            *at++ = (unsigned char)(0xC0 | message->chunk_stream);
            if (extended) at = put_big_endian(at, message->timestamp, 4);
        }
        memcpy(at, message->body + done, piece);
        at += piece;
        done += piece;
    }
    return (size_t)(at - to);
}
