/// The plain relay beside which ours is measured: one datagram, one recvfrom, one sendto.
///
///     udp-relay-plain LISTEN_PORT UPSTREAM_PORT
///
/// The topology is that of a media proxy for WebRTC and SRT. Clients speak to one port. Every client address is a flow
/// of its own and gets a socket of its own, connected to the origin, because origins tell sessions apart by address:
/// what the client sends leaves through that socket, what arrives on it goes back to the client from the one port.
/// Both addresses are 127.0.0.1. An edge-triggered epoll would gain nothing here: each socket is read until it is
/// empty.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAXIMUM_FLOWS 4096
#define TABLE_SIZE 16384
#define LARGEST_DATAGRAM 65536
/// Datagrams read from one socket before the others have their turn.
#define BUDGET 64

struct flow {
    int upstream;
    struct sockaddr_in client;
};

static struct flow flows[MAXIMUM_FLOWS];
static int flow_count;
static int table[TABLE_SIZE];  // open addressing; the index of a flow plus 1, 0 where empty
static int poller, downstream;
static struct sockaddr_in origin;
static unsigned char datagram[LARGEST_DATAGRAM];

static void give_up(const char *call) {
    fprintf(stderr, "udp-relay-plain: %s: %s\n", call, strerror(errno));
    exit(1);
}

static struct sockaddr_in loopback(int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static int open_socket(uint32_t mark) {
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), room = 4 << 20;
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = mark};
    if (fd < 0) give_up("socket");
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room) < 0)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event) < 0) give_up("epoll_ctl");
    return fd;
}

static int is_same(const struct sockaddr_in *a, const struct sockaddr_in *b) {
    return a->sin_port == b->sin_port && a->sin_addr.s_addr == b->sin_addr.s_addr;
}

static uint32_t hash(const struct sockaddr_in *address) {
    uint64_t key = (uint64_t)address->sin_addr.s_addr << 16 | address->sin_port;
    return (uint32_t)(key * 0x9E3779B97F4A7C15u >> 50);
}

/// The flow of a client, made at its first datagram; NULL when there are too many.
static struct flow *flow_of(const struct sockaddr_in *client) {
    uint32_t slot = hash(client) % TABLE_SIZE;
    for (; table[slot]; slot = (slot + 1) % TABLE_SIZE) {
        struct flow *flow = &flows[table[slot] - 1];
        if (is_same(&flow->client, client)) return flow;
    }
    if (flow_count == MAXIMUM_FLOWS) return NULL;
    struct flow *flow = &flows[flow_count++];
    table[slot] = flow_count;
    flow->client = *client;
    flow->upstream = open_socket((uint32_t)flow_count);
    if (connect(flow->upstream, (struct sockaddr *)&origin, sizeof origin) < 0) give_up("connect");
    return flow;
}

static void relay_from_clients(void) {
    for (int i = 0; i < BUDGET; i++) {
        struct sockaddr_in client;
        socklen_t length = sizeof client;
        ssize_t n = recvfrom(downstream, datagram, sizeof datagram, 0, (struct sockaddr *)&client, &length);
        if (n < 0) return;
        struct flow *flow = flow_of(&client);
        if (flow) sendto(flow->upstream, datagram, (size_t)n, 0, NULL, 0);
    }
}

static void relay_from_origin(struct flow *flow) {
    for (int i = 0; i < BUDGET; i++) {
        ssize_t n = recvfrom(flow->upstream, datagram, sizeof datagram, 0, NULL, NULL);
        if (n < 0) return;
        sendto(downstream, datagram, (size_t)n, 0, (struct sockaddr *)&flow->client, sizeof flow->client);
    }
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: udp-relay-plain LISTEN_PORT UPSTREAM_PORT\n");
        return 2;
    }
    struct sockaddr_in address = loopback(atoi(argv[1]));
    origin = loopback(atoi(argv[2]));
    poller = epoll_create1(EPOLL_CLOEXEC);
    if (poller < 0) give_up("epoll_create1");
    downstream = open_socket(0);
    if (bind(downstream, (struct sockaddr *)&address, sizeof address) < 0) give_up("bind");
    for (;;) {
        struct epoll_event events[256];
        int n = epoll_wait(poller, events, 256, -1);
        if (n < 0 && errno != EINTR) give_up("epoll_wait");
        for (int i = 0; i < n; i++) {
            if (events[i].data.u32 == 0) relay_from_clients();
            else relay_from_origin(&flows[events[i].data.u32 - 1]);
        }
    }
}
