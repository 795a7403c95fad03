/// Connections to a server on this machine, thousands of them.
#ifndef LOAD_LOOPBACK_H
#define LOAD_LOOPBACK_H

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "dialogue.h"

#define CONNECTIONS_PER_ADDRESS 20000

/// Starts to connect to a port of 127.0.0.1 without waiting, and returns the socket. Connection `number` decides the
/// source: every 20,000 use an address of their own, so that ports do not run out.
static inline int start_connecting(int port, long number) {
    struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    struct sockaddr_in from = {.sin_family = AF_INET};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
    struct linger reset = {.l_onoff = 1};
    if (fd < 0) fail_call("socket");
    server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + (uint32_t)(number / CONNECTIONS_PER_ADDRESS));
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&from, sizeof from) < 0) fail_call("bind");
    // Closed by a reset: thousands of ports waiting for old segments would disturb the next round.
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    if (connect(fd, (struct sockaddr *)&server, sizeof server) < 0 && errno != EINPROGRESS) fail_call("connect");
    return fd;
}

/// Ends the program unless `count` connections can be open at once.
static inline void require_open_files(long count) {
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur < (rlim_t)count + 16)
        fail("%ld connections do not fit into the limit of %lu open files", count, limit.rlim_cur);
}

#endif
