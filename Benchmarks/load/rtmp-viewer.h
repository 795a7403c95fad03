/// One viewer of a synthetic stream, by whatever protocol: takes the messages in pieces, as they come from the socket,
/// and finds fault with every frame that is lost, doubled, changed, mixed up or stamped with another time.
#ifndef LOAD_RTMP_VIEWER_H
#define LOAD_RTMP_VIEWER_H

#include "histogram.h"
#include "rtmp-media.h"

struct viewed_track {
    bool configured, started;        // the sequence header came, and then a frame
    uint32_t first, next;            // numbers of frames
    uint32_t length, got;            // bytes of the message that is coming
    int32_t shift;                   // its server's timestamps less the publisher's
    struct frame_name name;
    unsigned char head[64];
};

struct viewer {
    uint32_t stream;
    struct viewed_track video, audio;
    bool stamped;
    uint32_t timestamp;              // of the last frame
    unsigned char data_name[16];     // what the message of data that is coming begins with
    uint64_t bytes, key_frames, metadata;
    int64_t asked_at, first_frame_at;
    char fault[160];                 // empty while all is well
};

struct message_piece {
    uint8_t type;
    uint32_t timestamp, length;      // of the whole message
    uint32_t offset;                 // of these bytes within it
    const unsigned char *bytes;
    uint32_t count;
    int64_t now;
    struct histogram *delivery;      // of viewers that read at once; NULL for others
};

/// Takes the next bytes of a message; those of a message come in order. False once there is a fault.
bool view(struct viewer *viewer, const struct message_piece *piece);

/// Whether all frames of the video and of the audio have come, of as many as the publisher sent.
bool has_seen(const struct viewer *viewer, uint32_t video, uint32_t audio);

#endif
