/* Datagrams in batches: recvmmsg and sendmmsg with the control messages of IP and UDP, read and written here so that
 * callers see plain structs. Addresses are in host byte order; IPv4 mapped into IPv6 is IPv4 on this side. */
#ifndef CLINUX_UDP_H
#define CLINUX_UDP_H

#include <netinet/udp.h>
#include <stddef.h>
#include <stdint.h>

/* Messages that one call receives at most. */
#define CLINUX_UDP_SLOTS 16

/* A message without a traffic class of its own: the socket's is used. */
#define CLINUX_UDP_NO_CLASS 0xFFFF

struct clinux_udp_address {
    uint64_t high; /* 0 for IPv4 */
    uint64_t low;
    uint32_t scope;
    uint16_t port;
    uint16_t version; /* 4, 6, or 0 for no address */
};

/* What one call to the kernel brought in one slot: a datagram, or several of one flow that the kernel has grouped. */
struct clinux_udp_arrival {
    struct clinux_udp_address peer;
    struct clinux_udp_address local; /* only with packet info switched on, and for unicast; its port is 0 */
    uint32_t length;
    uint32_t segment; /* size of each datagram but the last, which may be shorter; `length` where nothing is grouped */
    uint32_t interface;
    uint32_t drops; /* datagrams that the socket has lost so far for want of room; 0 where the kernel does not say */
    uint8_t traffic_class;
    uint8_t is_truncated; /* the payload or what is known about it is incomplete */
};

/* The headers of CLINUX_UDP_SLOTS messages, kept from one call to the next. */
struct clinux_udp_inbox;

/* Bytes that the headers need, aligned to 16. */
size_t clinux_udp_inbox_size(void);

/* Slot n will receive its payload at memory + n * stride, at most `size` bytes. */
void clinux_udp_inbox_set_up(struct clinux_udp_inbox *inbox, void *memory, size_t stride, size_t size);

/* Receives what is there without waiting. Returns the number of arrivals, or -errno. `is_connected` spares the kernel
 * the names of peers. */
int clinux_udp_receive(struct clinux_udp_inbox *inbox, int fd, int is_connected, struct clinux_udp_arrival *arrivals);

/* A run of bytes of one message, and the index of the run after it. */
struct clinux_udp_piece {
    uint32_t offset;
    uint32_t length;
    uint32_t next;
};

/* One datagram to send, or several of equal size (the last may be shorter) that the kernel cuts apart. */
struct clinux_udp_message {
    struct clinux_udp_address peer;
    struct clinux_udp_address source; /* version 0 lets the system choose; a scope other than 0 pins the interface */
    uint32_t length;
    uint32_t segment;
    uint32_t count; /* datagrams; no piece ends inside one */
    uint32_t first_piece; /* there is always one, empty for an empty datagram */
    uint32_t last_piece;
    int32_t next; /* index of the next message of the same socket, or -1 */
    int32_t descriptor;
    uint16_t bucket;        /* the caller's */
    uint16_t traffic_class; /* 0 to 255, or CLINUX_UDP_NO_CLASS */
    uint8_t is_connected;   /* `peer` is the one that the socket is connected to */
    uint8_t is_closed;      /* takes no further datagram */
};

/* Messages and their bytes. */
struct clinux_udp_outbox {
    const void *bytes;
    const struct clinux_udp_message *messages;
    const struct clinux_udp_piece *pieces;
};

/* Sends messages from index `first` on along `next`. Returns how many the kernel took, at least 1, or -errno of the
 * first. `maps_v4` is set for an AF_INET6 socket. */
int clinux_udp_send(int fd, const struct clinux_udp_outbox *outbox, int32_t first, int maps_v4);

/* Sends the datagrams of one message from number `first` on, each by itself. Returns how many the kernel took, at
 * least 1, or -errno of the first. */
int clinux_udp_send_cut(int fd, const struct clinux_udp_outbox *outbox, int32_t message, uint32_t first, int maps_v4);

#endif
