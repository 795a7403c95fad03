/// Flows through a UDP relay, both ends of each. A client has its own socket and speaks to the relay's one port; the
/// origin has one socket and tells the clients apart by the address that the relay uses for each.
#ifndef LOAD_UDP_FLOW_H
#define LOAD_UDP_FLOW_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "histogram.h"

#define LONGEST_BURST 64
#define LONGEST_PACKET 1472

enum end { CLIENT, ORIGIN };

/// What every datagram begins with; pattern bytes follow.
struct header {
    uint32_t flow;
    uint32_t number;  // counts from 0 within the flow
    int64_t sent_at;
};

struct flow {
    int client;
    bool publishes;              // client → origin; otherwise origin → client
    struct sockaddr_in relayed;  // the relay's address for this flow, as the origin sees it
    uint32_t sent, expected;
};

struct flows {
    int epoll, origin;
    size_t count, size, burst;     // flows, bytes of a datagram, datagrams of a burst
    bool segmented_send, grouped_receive;
    struct flow *flow;
    uint16_t flow_of_port[65536];  // by port of `relayed`; 0xFFFF where there is none
    uint64_t sent, received, bytes;
    struct histogram delivery;
};

/// Opens the sockets and takes one datagram of each flow through the relay and back; fails after 5 s.
void open_flows(struct flows *flows, int relay_port, int origin_port, size_t publishers);

/// Sends the next `burst` datagrams of a flow.
void send_burst(struct flows *flows, size_t flow);

/// Receives and checks what arrives within `timeout` ns; returns false when nothing did.
bool receive_packets(struct flows *flows, int64_t timeout);

#endif
