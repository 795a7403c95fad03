/// The chunk layer of RTMP. The reader takes bytes in any pieces and passes the bodies of messages on as they come; the
/// beginnings are kept, so that commands can be read whole. The writer sends what encoders send.
#ifndef LOAD_RTMP_CHUNKS_H
#define LOAD_RTMP_CHUNKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHUNK_STREAMS 8
#define KEPT_BYTES 1024
#define LONGEST_CHUNK_HEADER 18

struct chunk_stream {
    uint32_t id, message_stream;
    uint32_t timestamp, delta, length, got;
    uint8_t type;
    bool extended, opened;
    unsigned char kept[KEPT_BYTES];  // the first bytes of a message that is no audio and no video
};

/// Takes the next `count` bytes of the message on a chunk stream, which already has `got`; false ends the reading.
typedef bool piece_taker(void *owner, struct chunk_stream *stream, const unsigned char *bytes, uint32_t count);

struct chunk_reader {
    uint32_t chunk_size;             // 128 at first; the taker of a Set Chunk Size message changes it
    uint32_t left;                   // bytes of the current chunk
    struct chunk_stream *current;
    unsigned header_length;
    unsigned char header[LONGEST_CHUNK_HEADER];
    unsigned count;
    struct chunk_stream *streams[CHUNK_STREAMS];
    const char *fault;               // NULL while all is well
};

/// Reads all bytes; false when the taker said so or there is a fault.
bool read_chunks(struct chunk_reader *reader, const unsigned char *bytes, size_t count, piece_taker *take, void *owner);

/// Frees what the reader allocated.
void close_chunks(struct chunk_reader *reader);

/// A message to send; its chunk stream is from 2 to 63.
struct chunk_message {
    uint8_t chunk_stream, type;
    uint32_t timestamp, stream;
    bool continues;                  // on a chunk stream that it shares: `timestamp` counts from the message before
    const unsigned char *body;
    uint32_t length;
};

/// The most bytes that a message needs as chunks.
size_t chunked_size(uint32_t length, uint32_t chunk_size);

/// Writes a message as chunks, and returns how many bytes that were.
size_t put_chunks(unsigned char *to, const struct chunk_message *message, uint32_t chunk_size);

#endif
