#define _GNU_SOURCE
#include "udp-flow.h"

#include <arpa/inet.h>
#include <netinet/udp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "clock.h"
#include "dialogue.h"
#include "pattern.h"

#define BATCH 32
#define LARGEST_DATAGRAM 65536
#define NO_FLOW 0xFFFF
#define ORIGIN_MARK UINT64_MAX

static unsigned char arrived[BATCH][LARGEST_DATAGRAM];

static struct sockaddr_in loopback(int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static int open_socket(struct flows *flows, uint64_t mark) {
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), room = 4 << 20, on = 1;
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = mark};
    if (fd < 0) fail_call("socket");
    // As root the room is had in any case; otherwise net.core.rmem_max bounds it.
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room) < 0)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    if (flows->grouped_receive && setsockopt(fd, IPPROTO_UDP, UDP_GRO, &on, sizeof on) < 0) fail_call("UDP_GRO");
    if (epoll_ctl(flows->epoll, EPOLL_CTL_ADD, fd, &event) < 0) fail_call("epoll_ctl");
    return fd;
}

static void fill(struct flows *flows, size_t flow, unsigned char *packet, int64_t now) {
    struct header header = {.flow = (uint32_t)flow, .number = flows->flow[flow].sent++, .sent_at = now};
    memcpy(packet, &header, sizeof header);
    memcpy(packet + sizeof header, pattern_at(flow, header.number), flows->size - sizeof header);
}

void send_burst(struct flows *flows, size_t number) {
    static unsigned char packets[LONGEST_BURST * LONGEST_PACKET];
    struct flow *flow = &flows->flow[number];
    int fd = flow->publishes ? flow->client : flows->origin;
    void *name = flow->publishes ? NULL : &flow->relayed;
    socklen_t name_length = flow->publishes ? 0 : sizeof flow->relayed;
    int64_t now = now_ns();
    for (size_t i = 0; i < flows->burst; i++) fill(flows, number, packets + i * flows->size, now);
    flows->sent += flows->burst;
    if (flows->segmented_send) {
        union { char bytes[CMSG_SPACE(sizeof(uint16_t))]; struct cmsghdr header; } control = {0};
        struct iovec vector = {.iov_base = packets, .iov_len = flows->burst * flows->size};
        struct msghdr message = {.msg_name = name, .msg_namelen = name_length, .msg_iov = &vector, .msg_iovlen = 1,
                                 .msg_control = &control, .msg_controllen = sizeof control};
        uint16_t size = (uint16_t)flows->size;
        control.header.cmsg_level = IPPROTO_UDP;
        control.header.cmsg_type = UDP_SEGMENT;
        control.header.cmsg_len = CMSG_LEN(sizeof size);
        memcpy(CMSG_DATA(&control.header), &size, sizeof size);
        if (sendmsg(fd, &message, 0) < 0) fail_call("sendmsg with UDP_SEGMENT");
        return;
    }
    for (size_t i = 0; i < flows->burst; i++)
        if (sendto(fd, packets + i * flows->size, flows->size, 0, name, name_length) < 0) fail_call("sendto");
}

/// Checks one datagram: its flow by the socket or address it came by, its place, its length and every byte.
static void check(struct flows *flows, size_t number, enum end end, const unsigned char *packet, size_t length,
                  int64_t now) {
    struct flow *flow = &flows->flow[number];
    struct header header;
    if (length != flows->size) fail("flow %zu: a datagram of %zu bytes instead of %zu", number, length, flows->size);
    memcpy(&header, packet, sizeof header);
    if (header.flow != number) fail("flow %zu received a datagram of flow %u", number, header.flow);
    if (flow->publishes != (end == ORIGIN)) fail("flow %zu: a datagram came back to where it was sent", number);
    if (header.number < flow->expected) fail("flow %zu: datagram %u came twice or late", number, header.number);
    if (memcmp(packet + sizeof header, pattern_at(number, header.number), length - sizeof header) != 0)
        fail("flow %zu: wrong bytes in datagram %u", number, header.number);
    flow->expected = header.number + 1;
    flows->received++;
    flows->bytes += length;
    record(&flows->delivery, now - header.sent_at);
}

/// The size of the datagrams that one message holds: all of it, unless the kernel grouped some.
static size_t segment_size(struct msghdr *message, size_t length) {
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c))
        if (c->cmsg_level == IPPROTO_UDP && c->cmsg_type == UDP_GRO) {
            int size;
            memcpy(&size, CMSG_DATA(c), sizeof size);
            return (size_t)size;
        }
    return length;
}

static size_t flow_of(struct flows *flows, const struct sockaddr_in *from) {
    uint16_t number = flows->flow_of_port[ntohs(from->sin_port)];
    if (number == NO_FLOW) fail("the origin received a datagram from an unknown address of the relay");
    return number;
}

/// Receives one batch from a socket; returns how many messages there were.
static int receive_batch(struct flows *flows, int fd, uint64_t mark) {
    static struct mmsghdr messages[BATCH];
    static struct iovec vectors[BATCH];
    static struct sockaddr_in from[BATCH];
    static char control[BATCH][CMSG_SPACE(sizeof(int))];
    for (int i = 0; i < BATCH; i++) {
        vectors[i] = (struct iovec){.iov_base = arrived[i], .iov_len = LARGEST_DATAGRAM};
        messages[i].msg_hdr = (struct msghdr){
            .msg_name = &from[i], .msg_namelen = sizeof from[i], .msg_iov = &vectors[i], .msg_iovlen = 1,
            .msg_control = control[i], .msg_controllen = sizeof control[i]};
    }
    int n = recvmmsg(fd, messages, BATCH, MSG_DONTWAIT, NULL);
    if (n < 0 && errno == EAGAIN) return 0;
    if (n < 0) fail_call("recvmmsg");
    int64_t now = now_ns();
    enum end end = mark == ORIGIN_MARK ? ORIGIN : CLIENT;
    for (int i = 0; i < n; i++) {
        size_t length = messages[i].msg_len, size = segment_size(&messages[i].msg_hdr, length);
        size_t number = end == ORIGIN ? flow_of(flows, &from[i]) : mark;
        for (size_t at = 0; at < length; at += size)
            check(flows, number, end, arrived[i] + at, length - at < size ? length - at : size, now);
    }
    return n;
}

bool receive_packets(struct flows *flows, int64_t timeout) {
    struct epoll_event events[64];
    struct timespec limit = duration(timeout);
    int n = epoll_pwait2(flows->epoll, events, 64, &limit, NULL);
    if (n < 0 && errno != EINTR) fail_call("epoll_pwait2");
    for (int i = 0; i < n; i++) {
        uint64_t mark = events[i].data.u64;
        receive_batch(flows, mark == ORIGIN_MARK ? flows->origin : flows->flow[mark].client, mark);
    }
    return n > 0;
}

/// Waits for a datagram of four bytes, the number of a flow, and returns where it came from.
static bool greeted(int fd, uint32_t number, struct sockaddr_in *from) {
    struct timeval patience = {.tv_usec = 200000};
    socklen_t from_length = sizeof *from;
    uint32_t said;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    while (recvfrom(fd, &said, sizeof said, 0, (struct sockaddr *)from, &from_length) == sizeof said)
        if (said == number) return true;
    return false;
}

/// Sends a greeting through the relay and back, several times where it gets lost while the relay starts.
static void greet(struct flows *flows, uint32_t number) {
    struct flow *flow = &flows->flow[number];
    struct sockaddr_in from;
    for (int attempt = 0; attempt < 25; attempt++) {
        if (send(flow->client, &number, sizeof number, 0) < 0 && errno != ECONNREFUSED) fail_call("send to the relay");
        if (!greeted(flows->origin, number, &flow->relayed)) continue;
        sendto(flows->origin, &number, sizeof number, 0, (struct sockaddr *)&flow->relayed, sizeof flow->relayed);
        if (greeted(flow->client, number, &from)) return;
    }
    fail("flow %u: no greeting came through the relay and back within 5 s", number);
}

void open_flows(struct flows *flows, int relay_port, int origin_port, size_t publishers) {
    struct sockaddr_in relay = loopback(relay_port), origin = loopback(origin_port);
    flows->epoll = epoll_create1(EPOLL_CLOEXEC);
    flows->flow = calloc(flows->count, sizeof *flows->flow);
    if (flows->epoll < 0 || !flows->flow) fail_call("epoll_create1");
    memset(flows->flow_of_port, 0xFF, sizeof flows->flow_of_port);
    flows->origin = open_socket(flows, ORIGIN_MARK);
    if (bind(flows->origin, (struct sockaddr *)&origin, sizeof origin) < 0) fail_call("bind to the origin's port");
    for (size_t i = 0; i < flows->count; i++) {
        struct flow *flow = &flows->flow[i];
        // Publishers and viewers alternate, so that the burst of one is always followed by one of the other.
        flow->publishes = (i + 1) * publishers / flows->count > i * publishers / flows->count;
        flow->client = open_socket(flows, i);
        if (connect(flow->client, (struct sockaddr *)&relay, sizeof relay) < 0) fail_call("connect to the relay");
        greet(flows, (uint32_t)i);
        uint16_t *owner = &flows->flow_of_port[ntohs(flow->relayed.sin_port)];
        if (*owner != NO_FLOW) fail("the relay uses one address for flows %u and %zu", *owner, i);
        *owner = (uint16_t)i;
    }
}
