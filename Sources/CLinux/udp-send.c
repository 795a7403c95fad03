#define _GNU_SOURCE
#include "CLinux.h"

#include <endian.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

/* Messages and vectors that one system call takes at most; together 11 KB of stack. */
#define BATCH 32
#define VECTORS 256
/* Vectors of a message that is sent by itself. */
#define SINGLE_VECTORS 64

/* Packet info, traffic class, segment size. */
#define CONTROL_ROOM (CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(uint16_t)))

union name {
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

struct batch {
    struct mmsghdr headers[BATCH];
    union name names[BATCH];
    _Alignas(struct cmsghdr) char control[BATCH][CONTROL_ROOM];
    struct iovec vectors[VECTORS];
};

struct single {
    struct msghdr header;
    union name name;
    _Alignas(struct cmsghdr) char control[CONTROL_ROOM];
    struct iovec vectors[SINGLE_VECTORS];
};

static struct in6_addr v6_bytes(uint64_t high, uint64_t low) {
    struct in6_addr address;
    uint64_t words[2] = {htobe64(high), htobe64(low)};
    memcpy(&address, words, sizeof words);
    return address;
}

static socklen_t write_name(union name *name, const struct clinux_udp_address *peer, int maps_v4) {
    if (peer->version == 4 && !maps_v4) {
        name->v4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(peer->port)};
        name->v4.sin_addr.s_addr = htonl((uint32_t)peer->low);
        return sizeof name->v4;
    }
    name->v6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons(peer->port)};
    name->v6.sin6_scope_id = peer->scope;
    name->v6.sin6_addr = v6_bytes(peer->high, peer->version == 4 ? 0xFFFF00000000u | peer->low : peer->low);
    return sizeof name->v6;
}

static void put(struct msghdr *header, int level, int type, const void *value, size_t size) {
    struct cmsghdr *control = (struct cmsghdr *)((char *)header->msg_control + header->msg_controllen);
    control->cmsg_level = level;
    control->cmsg_type = type;
    control->cmsg_len = CMSG_LEN(size);
    memcpy(CMSG_DATA(control), value, size);
    header->msg_controllen += CMSG_SPACE(size);
}

/* An IPv4 packet takes the options of IPv4 on a socket of either family. */
static void write_control(struct msghdr *header, const struct clinux_udp_message *message, int is_cut) {
    const struct clinux_udp_address *source = &message->source;
    if (source->version == 4) {
        struct in_pktinfo info = {.ipi_spec_dst.s_addr = htonl((uint32_t)source->low)};
        put(header, IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
    } else if (source->version == 6) {
        struct in6_pktinfo info = {.ipi6_addr = v6_bytes(source->high, source->low), .ipi6_ifindex = source->scope};
        put(header, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info);
    }
    if (message->traffic_class != CLINUX_UDP_NO_CLASS) {
        int value = message->traffic_class;
        if (message->peer.version == 4) put(header, IPPROTO_IP, IP_TOS, &value, sizeof value);
        else put(header, IPPROTO_IPV6, IPV6_TCLASS, &value, sizeof value);
    }
    if (!is_cut && message->count > 1) {
        uint16_t segment = (uint16_t)message->segment;
        put(header, IPPROTO_UDP, UDP_SEGMENT, &segment, sizeof segment);
    }
}

/* Everything but the payload; `msg_control` has room for it. */
static void address(
    struct msghdr *header, union name *name, const struct clinux_udp_message *message, int maps_v4, int is_cut) {
    if (!message->is_connected && message->peer.version) {
        header->msg_name = name;
        header->msg_namelen = write_name(name, &message->peer, maps_v4);
    }
    write_control(header, message, is_cut);
    if (header->msg_controllen == 0) header->msg_control = NULL;
}

static struct iovec vector(const struct clinux_udp_outbox *outbox, uint32_t offset, uint32_t length) {
    return (struct iovec){.iov_base = (uint8_t *)outbox->bytes + offset, .iov_len = length};
}

/* Points a message at its pieces; returns the vectors used, or 0 where they do not fit in `room`. A message has no more
 * pieces than datagrams, so a whole batch always has room for the first. */
static unsigned gather(
    const struct clinux_udp_outbox *outbox, const struct clinux_udp_message *message, struct iovec *vectors,
    unsigned room) {
    unsigned used = 0;
    for (uint32_t piece = message->first_piece;; piece = outbox->pieces[piece].next) {
        if (used == room) return 0;
        vectors[used++] = vector(outbox, outbox->pieces[piece].offset, outbox->pieces[piece].length);
        if (piece == message->last_piece) return used;
    }
}

/* Points a slot at its vectors. */
static void prepare(struct batch *batch, unsigned slot, struct iovec *vectors, unsigned count) {
    batch->headers[slot].msg_hdr =
        (struct msghdr){.msg_control = batch->control[slot], .msg_iov = vectors, .msg_iovlen = count};
}

static int transmit(int fd, struct batch *batch, unsigned count) {
    int sent = sendmmsg(fd, batch->headers, count, MSG_DONTWAIT | MSG_NOSIGNAL);
    return sent < 0 ? -errno : sent;
}

/* One message by itself, as most are: without the large batch, and without what sendmmsg does for many. */
static int send_one(
    int fd, const struct clinux_udp_outbox *outbox, const struct clinux_udp_message *message, int maps_v4) {
    struct single single;
    single.header = (struct msghdr){.msg_control = single.control, .msg_iov = single.vectors};
    single.header.msg_iovlen = gather(outbox, message, single.vectors, SINGLE_VECTORS);
    address(&single.header, &single.name, message, maps_v4, 0);
    return sendmsg(fd, &single.header, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -errno : 1;
}

/* By itself, so that only those who need it touch the stack of a batch. */
static __attribute__((noinline)) int send_many(
    int fd, const struct clinux_udp_outbox *outbox, int32_t first, int maps_v4) {
    struct batch batch;
    unsigned count = 0, used = 0;
    for (int32_t next = first; next >= 0 && count < BATCH; next = outbox->messages[next].next) {
        const struct clinux_udp_message *message = &outbox->messages[next];
        unsigned gathered = gather(outbox, message, batch.vectors + used, VECTORS - used);
        if (gathered == 0) break;
        prepare(&batch, count, batch.vectors + used, gathered);
        address(&batch.headers[count].msg_hdr, &batch.names[count], message, maps_v4, 0);
        used += gathered;
        count++;
    }
    return transmit(fd, &batch, count);
}

int clinux_udp_send(int fd, const struct clinux_udp_outbox *outbox, int32_t first, int maps_v4) {
    const struct clinux_udp_message *message = &outbox->messages[first];
    if (message->next < 0 && message->count <= SINGLE_VECTORS) return send_one(fd, outbox, message, maps_v4);
    return send_many(fd, outbox, first, maps_v4);
}

int clinux_udp_send_cut(int fd, const struct clinux_udp_outbox *outbox, int32_t index, uint32_t first, int maps_v4) {
    const struct clinux_udp_message *message = &outbox->messages[index];
    struct batch batch;
    unsigned count = 0;
    uint32_t number = 0; /* of the next datagram of the message */
    for (uint32_t piece = message->first_piece; count < BATCH; piece = outbox->pieces[piece].next) {
        uint32_t length = outbox->pieces[piece].length, at = 0;
        do {
            uint32_t size = length - at < message->segment ? length - at : message->segment;
            if (number++ >= first) {
                batch.vectors[count] = vector(outbox, outbox->pieces[piece].offset + at, size);
                prepare(&batch, count, &batch.vectors[count], 1);
                address(&batch.headers[count].msg_hdr, &batch.names[count], message, maps_v4, 1);
                count++;
            }
            at += size;
        } while (at < length && count < BATCH);
        if (piece == message->last_piece) break;
    }
    return transmit(fd, &batch, count);
}
