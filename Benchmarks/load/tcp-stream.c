#define _GNU_SOURCE
#include "tcp-stream.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "dialogue.h"
#include "pattern.h"

enum end { SINK, SOURCE };

static struct sockaddr_in loopback(int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static void watch(struct streams *streams, int fd, size_t number, enum end end) {
    struct epoll_event event = {.data.u64 = number << 1 | end};
    // A source is watched for room, edge-triggered: it is asked for it only after a send fell short.
    event.events = end == SINK ? EPOLLIN : EPOLLOUT | EPOLLET;
    if (epoll_ctl(streams->epoll, EPOLL_CTL_ADD, fd, &event) < 0) fail_call("epoll_ctl");
}

static int listen_at(int port) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    struct sockaddr_in address = loopback(port);
    struct timeval patience = {.tv_sec = 10};
    if (fd < 0) fail_call("socket");
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0) fail_call("bind to the origin's port");
    if (listen(fd, 1024) < 0) fail_call("listen");
    return fd;
}

static void read_fully(int fd, void *buffer, size_t length) {
    struct timeval patience = {.tv_sec = 10};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ssize_t n = recv(fd, buffer, length, MSG_WAITALL);
    if (n != (ssize_t)length) fail("the relay did not pass on the first %zu bytes of a viewer", length);
}

void open_streams(struct streams *streams, size_t count, int relay_port, int origin_port) {
    struct sockaddr_in relay = loopback(relay_port);
    int listener = listen_at(origin_port), on = 1;
    streams->count = count;
    streams->stream = calloc(count, sizeof *streams->stream);
    streams->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (!streams->stream || streams->epoll < 0) fail_call("epoll_create1");
    for (size_t i = 0; i < count; i++) {
        struct stream *stream = &streams->stream[i];
        uint32_t number = (uint32_t)i, echoed = 0;
        stream->number = i;
        stream->sink = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (stream->sink < 0) fail_call("socket");
        if (connect(stream->sink, (struct sockaddr *)&relay, sizeof relay) < 0) fail_call("connect to the relay");
        // The viewer speaks first, as in RTMP and HTTP; its number tells which of the accepted connections it got.
        if (send(stream->sink, &number, sizeof number, MSG_NOSIGNAL) != sizeof number) fail_call("send to the relay");
        stream->source = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (stream->source < 0) fail_call("accept from the relay");
        read_fully(stream->source, &echoed, sizeof echoed);
        if (echoed != number) fail("viewer %u was connected as viewer %u", number, echoed);
        setsockopt(stream->source, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        watch(streams, stream->sink, i, SINK);
        watch(streams, stream->source, i, SOURCE);
    }
    close(listener);
}

/// Sends what was offered and not yet sent, until the socket is full.
static void send_offered(struct stream *stream) {
    while (stream->sent < stream->offered) {
        uint64_t length = stream->offered - stream->sent;
        if (length > PATTERN_PIECE) length = PATTERN_PIECE;
        const unsigned char *bytes = pattern_at(stream->number, stream->sent);
        ssize_t n = send(stream->source, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN) return;
        if (n < 0) fail("stream %zu: send after %lu bytes: %s", stream->number, stream->sent, strerror(errno));
        stream->sent += (uint64_t)n;
        if ((uint64_t)n < length) return;
    }
}

void offer_frame(struct streams *streams, struct stream *stream, size_t length, int64_t now) {
    if (stream->frame_count == FRAMES_ON_THEIR_WAY)
        fail("stream %zu: the relay is %u frames behind", stream->number, FRAMES_ON_THEIR_WAY);
    unsigned last = (stream->first_frame + stream->frame_count++) % FRAMES_ON_THEIR_WAY;
    stream->offered += length;
    streams->offered += length;
    stream->frames[last] = (struct frame){.end = stream->offered, .sent_at = now};
    send_offered(stream);
}

static void finish_frames(struct streams *streams, struct stream *stream) {
    int64_t now = now_ns();
    while (stream->frame_count && stream->frames[stream->first_frame].end <= stream->received) {
        record(&streams->delivery, now - stream->frames[stream->first_frame].sent_at);
        stream->first_frame = (stream->first_frame + 1) % FRAMES_ON_THEIR_WAY;
        stream->frame_count--;
    }
}

/// Receives once, and compares every byte with what the source sent at that place.
static void receive(struct streams *streams, struct stream *stream) {
    static unsigned char buffer[PATTERN_PIECE];
    ssize_t n = recv(stream->sink, buffer, sizeof buffer, MSG_DONTWAIT);
    if (n < 0 && errno == EAGAIN) return;
    if (n < 0) fail("stream %zu: receive after %lu bytes: %s", stream->number, stream->received, strerror(errno));
    if (n == 0) fail("stream %zu: the relay closed it after %lu bytes", stream->number, stream->received);
    if (stream->received + (uint64_t)n > stream->sent) fail("stream %zu: more arrived than was sent", stream->number);
    if (memcmp(buffer, pattern_at(stream->number, stream->received), (size_t)n) != 0)
        fail("stream %zu: wrong bytes within %zd from offset %lu", stream->number, n, stream->received);
    stream->received += (uint64_t)n;
    streams->received += (uint64_t)n;
    finish_frames(streams, stream);
}

void move_bytes(struct streams *streams, int64_t timeout) {
    struct epoll_event events[256];
    struct timespec limit = duration(timeout);
    int n = epoll_pwait2(streams->epoll, events, 256, &limit, NULL);
    if (n < 0 && errno != EINTR) fail_call("epoll_pwait2");
    for (int i = 0; i < n; i++) {
        struct stream *stream = &streams->stream[events[i].data.u64 >> 1];
        if ((events[i].data.u64 & 1) == SOURCE) send_offered(stream);
        else receive(streams, stream);
    }
}

void drain_streams(struct streams *streams) {
    int64_t deadline = now_ns() + 5 * SECOND;
    while (streams->received < streams->offered) {
        int64_t left = deadline - now_ns();
        uint64_t missing = streams->offered - streams->received;
        if (left <= 0) fail("%lu bytes had not arrived 5 s after the last was sent", missing);
        move_bytes(streams, left);
    }
}
