/// Streams through a TCP relay: each is one connection from a sink to the relay and the one that the relay then
/// opens to the source. Bytes flow from the source to the sink, as from an origin to a viewer.
#ifndef LOAD_TCP_STREAM_H
#define LOAD_TCP_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "histogram.h"

/// Frames that one stream may have on their way; more means that the relay has stopped.
#define FRAMES_ON_THEIR_WAY 128

struct frame {
    uint64_t end;     // stream offset just after the frame
    int64_t sent_at;  // when the source offered it to its socket
};

struct stream {
    size_t number;
    int source, sink;
    uint64_t offered, sent, received;  // bytes, from the beginning of the stream
    struct frame frames[FRAMES_ON_THEIR_WAY];
    unsigned first_frame, frame_count;
};

struct streams {
    int epoll;
    size_t count;
    struct stream *stream;
    uint64_t offered, received;  // bytes of all streams
    struct histogram delivery;   // of whole frames
};

/// Connects `count` streams to `relay_port` and accepts them at `origin_port`, both on 127.0.0.1; fails after 10 s.
void open_streams(struct streams *streams, size_t count, int relay_port, int origin_port);

/// Offers `length` more bytes of a stream to its source socket; what does not fit is sent when it can be.
void offer_frame(struct streams *streams, struct stream *stream, size_t length, int64_t now);

/// Waits at most `timeout` ns for the sockets, and moves what can be moved.
void move_bytes(struct streams *streams, int64_t timeout);

/// Waits until all that was offered has arrived; fails after 5 s.
void drain_streams(struct streams *streams);

#endif
