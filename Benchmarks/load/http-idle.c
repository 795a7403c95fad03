/// Opens keep-alive HTTP connections, asks one question on each, reads the whole answer, and then leaves them idle. At
/// `go` it makes sure that the server still holds every one of them.
#define _GNU_SOURCE
#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "dialogue.h"
#include "loopback.h"
#include "options.h"

#define AT_ONCE 64
static const char question[] = "GET / HTTP/1.1\r\nHost: localhost\r\nUser-Agent: http-idle\r\nAccept: */*\r\n\r\n";

struct connection {
    int fd;
    bool asked;
    size_t length;
    char answer[4096];
};

static int poller;
static struct connection current[AT_ONCE];

static void watch(int slot, uint32_t events, int operation) {
    struct epoll_event event = {.events = events, .data.u32 = (uint32_t)slot};
    if (epoll_ctl(poller, operation, current[slot].fd, &event) < 0) fail_call("epoll_ctl");
}

static void ask(int slot) {
    int error = 0;
    socklen_t length = sizeof error;
    getsockopt(current[slot].fd, SOL_SOCKET, SO_ERROR, &error, &length);
    if (error) fail("connect: %s", strerror(error));
    if (send(current[slot].fd, question, sizeof question - 1, MSG_NOSIGNAL) != sizeof question - 1) fail_call("send");
    current[slot].asked = true;
    watch(slot, EPOLLIN, EPOLL_CTL_MOD);
}

/// Whether all of an answer with status 200 and a Content-Length is there.
static bool answered(const struct connection *connection) {
    const char *answer = connection->answer;
    const char *end = strstr(answer, "\r\n\r\n"), *field = strcasestr(answer, "\r\ncontent-length:");
    if (!end) return false;
    if (strncmp(answer, "HTTP/1.1 200 ", 13) != 0) fail("the answer is not a 200: %.20s", answer);
    if (!field || field > end) fail("the answer has no Content-Length");
    size_t wanted = (size_t)(end + 4 - answer) + strtoul(field + 17, NULL, 10);
    if (connection->length > wanted) fail("the answer has %zu bytes too many", connection->length - wanted);
    return connection->length == wanted;
}

/// Reads what there is; true when the connection is now idle.
static bool read_answer(int slot) {
    struct connection *connection = &current[slot];
    size_t room = sizeof connection->answer - 1 - connection->length;
    ssize_t n = recv(connection->fd, connection->answer + connection->length, room, 0);
    if (n == 0) fail("the server closed a connection before it had answered");
    if (n < 0 && errno == EAGAIN) return false;
    if (n < 0) fail_call("recv");
    connection->length += (size_t)n;
    connection->answer[connection->length] = 0;
    if (!answered(connection)) return false;
    watch(slot, 0, EPOLL_CTL_DEL);
    return true;
}

/// Opens all connections, `AT_ONCE` at a time, and leaves their descriptors in `opened`.
static void open_connections(int port, long count, int *opened) {
    long started = 0, finished = 0;
    int64_t deadline = now_ns() + 30 * SECOND;
    for (int slot = 0; slot < AT_ONCE && started < count; slot++) {
        current[slot].fd = start_connecting(port, started++);
        watch(slot, EPOLLOUT, EPOLL_CTL_ADD);
    }
    while (finished < count) {
        struct epoll_event events[AT_ONCE];
        int n = epoll_wait(poller, events, AT_ONCE, 1000);
        if (now_ns() > deadline) fail("%ld of %ld connections had their answer after 30 s", finished, count);
        for (int i = 0; i < n; i++) {
            int slot = (int)events[i].data.u32;
            if (!current[slot].asked) {
                ask(slot);
                continue;
            }
            if (!read_answer(slot)) continue;
            opened[finished++] = current[slot].fd;
            if (started == count) continue;
            current[slot] = (struct connection){.fd = start_connecting(port, started++)};
            watch(slot, EPOLLOUT, EPOLL_CTL_ADD);
        }
    }
}

int main(int argc, char **argv) {
    int port = (int)number_option(argc, argv, "port", NULL, 1, 65535);
    long count = number_option(argc, argv, "connections", "10000", 1, 200000);
    require_open_files(count);
    int *opened = calloc((size_t)count, sizeof *opened);
    poller = epoll_create1(EPOLL_CLOEXEC);
    if (!opened || poller < 0) fail_call("epoll_create1");
    open_connections(port, count, opened);
    say("ready");
    wait_for("go");
    for (long i = 0; i < count; i++) {
        char byte;
        if (recv(opened[i], &byte, 1, MSG_DONTWAIT) >= 0 || errno != EAGAIN)
            fail("the server did not keep connection %ld open and quiet", i);
    }
    say("done connections=%ld", count);
    wait_for_end();
    return 0;
}
