#define _GNU_SOURCE
#include "rtmp-session.h"

#include <netinet/tcp.h>
#include <stdarg.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "loopback.h"

#define READ_SIZE 262144
/// More than this waiting for room means that the server has stopped reading.
#define MOST_WAITING (16 << 20)

int session_poller = -1;

bool fail_session(struct session *session, enum failure failure, const char *format, ...) {
    va_list arguments;
    if (session->state == FAILED) return false;
    va_start(arguments, format);
    vsnprintf(session->reason, sizeof session->reason, format, arguments);
    va_end(arguments);
    session->state = FAILED;
    session->failure = failure;
    return false;
}

static void poll_session(struct session *session, int operation) {
    struct epoll_event event = {.data.ptr = session};
    event.events = (session->wants_room ? EPOLLOUT : 0) | EPOLLIN;
    if (epoll_ctl(session_poller, operation, session->fd, &event) < 0) fail_call("epoll_ctl");
}

void watch_session(struct session *session, bool watched) {
    if (session->watched == watched) return;
    session->watched = watched;
    poll_session(session, watched ? EPOLL_CTL_ADD : EPOLL_CTL_DEL);
}

static void want_room(struct session *session, bool wanted) {
    if (session->wants_room == wanted) return;
    session->wants_room = wanted;
    if (session->watched) poll_session(session, EPOLL_CTL_MOD);
    else watch_session(session, true);
}

void open_session(struct session *session) {
    int port = session->role == PLAYER ? session->plan->play_port : session->plan->port, on = 1;
    if (session_poller < 0) session_poller = epoll_create1(EPOLL_CLOEXEC);
    if (session_poller < 0) fail_call("epoll_create1");
    session->opened_at = now_ns();
    session->chunks.chunk_size = 128;
    session->viewer.stream = session->stream;
    session->fd = start_connecting(port, (long)session->number);
    setsockopt(session->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    session->wants_room = true;
    watch_session(session, true);
}

void close_session(struct session *session) {
    close(session->fd);
    close_chunks(&session->chunks);
    free(session->handshake);
    free(session->waiting);
    session->handshake = session->waiting = NULL;
}

static void finish_connecting(struct session *session) {
    int error = 0;
    socklen_t length = sizeof error;
    getsockopt(session->fd, SOL_SOCKET, SO_ERROR, &error, &length);
    if (error) {
        fail_session(session, REFUSED, "connect: %s", strerror(error));
        return;
    }
    session->state = SHAKING;
    want_room(session, false);
    if (session->role == PLAYER && session->plan->protocol == FLV) begin_flv(session);
    else begin_rtmp(session);
}

static void keep(struct session *session, const unsigned char *bytes, size_t count) {
    size_t wanted = session->waiting_count + count;
    if (wanted > MOST_WAITING) {
        fail_session(session, TIMED_OUT, "the server has left %zu bytes unread", wanted);
        return;
    }
    if (wanted > session->waiting_room) {
        session->waiting_room = 2 * wanted;
        session->waiting = realloc(session->waiting, session->waiting_room);
        if (!session->waiting) fail_call("realloc");
    }
    memcpy(session->waiting + session->waiting_count, bytes, count);
    session->waiting_count = wanted;
    want_room(session, true);
}

/// How many of the bytes the socket took.
static size_t sent_at_once(struct session *session, const unsigned char *bytes, size_t count) {
    ssize_t n = send(session->fd, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN) fail_session(session, CLOSED, "send: %s", strerror(errno));
    return n < 0 ? 0 : (size_t)n;
}

void send_bytes(struct session *session, const unsigned char *bytes, size_t count) {
    size_t sent = session->waiting_count ? 0 : sent_at_once(session, bytes, count);
    if (sent < count && session->state != FAILED) keep(session, bytes + sent, count - sent);
}

static void send_waiting(struct session *session) {
    size_t sent = sent_at_once(session, session->waiting, session->waiting_count);
    session->waiting_count -= sent;
    memmove(session->waiting, session->waiting + sent, session->waiting_count);
    if (session->waiting_count == 0) want_room(session, false);
}

void read_session(struct session *session, struct histogram *delivery) {
    static unsigned char buffer[READ_SIZE];
    ssize_t n;
    do {
        n = recv(session->fd, buffer, sizeof buffer, MSG_DONTWAIT);
        if (n < 0 && errno == EAGAIN) return;
        if (n <= 0) {
            fail_session(session, CLOSED, "the server closed it after %lu bytes%s%s", session->received,
                         n < 0 ? ": " : "", n < 0 ? strerror(errno) : "");
            return;
        }
        session->received += (uint64_t)n;
        bool flv = session->role == PLAYER && session->plan->protocol == FLV;
        if (!(flv ? take_flv : take_rtmp)(session, buffer, (size_t)n, delivery)) return;
    } while (n == sizeof buffer);
}

void move_session(struct session *session, uint32_t events, struct histogram *delivery) {
    if (session->state == CONNECTING) finish_connecting(session);
    else if (events & EPOLLOUT) send_waiting(session);
    if (session->state != FAILED && session->state != CONNECTING && events & (EPOLLIN | EPOLLHUP | EPOLLERR))
        read_session(session, delivery);
}
