/// One connection of a publisher or a viewer, over RTMP or, for viewers, HTTP-FLV. It opens by itself; whoever owns it
/// waits for `RUNNING` or `FAILED`.
#ifndef LOAD_RTMP_SESSION_H
#define LOAD_RTMP_SESSION_H

#include "flv-reader.h"
#include "rtmp-chunks.h"
#include "rtmp-viewer.h"
#include "wheel.h"

enum role { PUBLISHER, PLAYER };
enum protocol { RTMP, FLV };
enum state { CONNECTING, SHAKING, OPENING, RUNNING, FAILED };
enum failure { REFUSED, CLOSED, REJECTED, MALFORMED, WRONG_MEDIA, TIMED_OUT, FAILURES };

/// What sessions have in common.
struct plan {
    int port, play_port;
    enum protocol protocol;          // of the players
    const char *app, *name;          // stream 7 is `<app>/<name>7`
    uint32_t chunk_size;
    bool only_connect;               // a session runs once its `connect` was answered
};

struct session {
    const struct plan *plan;
    enum role role;
    enum state state;
    enum failure failure;
    char reason[240];                // of the failure
    size_t number;                   // among those of its role
    uint32_t stream;
    int fd;
    bool watched, wants_room;        // by the poller, and there for room
    int64_t opened_at;
    struct timer timer;              // the owner's

    unsigned char *handshake;        // until it is over
    size_t shaken;
    bool connected;                  // and chunks have the size of the plan
    uint32_t message_stream, window;
    bool fenced;                     // the answer that follows the last frame has come
    struct chunk_reader chunks;
    struct flv_reader flv;
    uint64_t received, acknowledged;

    unsigned char *waiting;          // bytes that did not fit into the socket
    size_t waiting_count, waiting_room;

    struct viewer viewer;
    uint32_t next_video, next_audio; // frames of a publisher
    uint64_t published;              // bytes of its frames
    int64_t start;
};

/// Where all sessions wait for their sockets; -1 until the first is opened.
extern int session_poller;

/// Starts to connect. `plan`, `role`, `number` and `stream` are set, all else is zero.
void open_session(struct session *session);

/// Closes the connection and frees everything but the session.
void close_session(struct session *session);

/// Whether the poller shall tell when there is something to read; otherwise the owner calls `read_session`.
void watch_session(struct session *session, bool watched);

/// Does what the poller asks for.
void move_session(struct session *session, uint32_t events, struct histogram *delivery);

/// Reads and checks what there is; delivery times go to `delivery` unless it is NULL.
void read_session(struct session *session, struct histogram *delivery);

/// Sends bytes, or keeps them until there is room.
void send_bytes(struct session *session, const unsigned char *bytes, size_t count);

/// Ends the session with a reason, and returns false.
__attribute__((format(printf, 3, 4))) bool
fail_session(struct session *session, enum failure failure, const char *format, ...);

// MARK: RTMP

/// Sends the first bytes once the connection is there.
void begin_rtmp(struct session *session);

/// Takes bytes from the server; false once the session has failed.
bool take_rtmp(struct session *session, const unsigned char *bytes, size_t count, struct histogram *delivery);

/// Sends the metadata and the sequence headers, which precede all frames.
void send_headers(struct session *session);

/// Sends the next frame of a track.
void send_frame(struct session *session, enum track track, int64_t now);

/// Asks something that the server answers once it has read all frames; the answer sets `fenced`.
void send_fence(struct session *session);

// MARK: HTTP-FLV

/// Sends the request.
void begin_flv(struct session *session);

bool take_flv(struct session *session, const unsigned char *bytes, size_t count, struct histogram *delivery);

#endif
