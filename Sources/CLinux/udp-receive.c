#define _GNU_SOURCE
#include "CLinux.h"

#include <endian.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

/* Packet info of both families, TOS, traffic class, segment size, drop count. */
#define CONTROL_ROOM                                                                                        \
    (CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(struct in_pktinfo)) + 4 * CMSG_SPACE(sizeof(int)))

union name {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

struct clinux_udp_inbox {
    struct mmsghdr headers[2][CLINUX_UDP_SLOTS]; /* without names, for connected sockets; with names */
    struct iovec vectors[CLINUX_UDP_SLOTS];
    union name names[CLINUX_UDP_SLOTS];
    _Alignas(struct cmsghdr) char control[CLINUX_UDP_SLOTS][CONTROL_ROOM];
};

size_t clinux_udp_inbox_size(void) {
    return sizeof(struct clinux_udp_inbox);
}

/* Sets what the kernel overwrites with every message. */
static void prepare(struct msghdr *header) {
    header->msg_namelen = header->msg_name ? sizeof(union name) : 0;
    header->msg_controllen = CONTROL_ROOM;
    header->msg_flags = 0;
}

void clinux_udp_inbox_set_up(struct clinux_udp_inbox *inbox, void *memory, size_t stride, size_t size) {
    memset(inbox, 0, sizeof *inbox);
    for (unsigned i = 0; i < CLINUX_UDP_SLOTS; i++) {
        inbox->vectors[i] = (struct iovec){.iov_base = (char *)memory + i * stride, .iov_len = size};
        for (int named = 0; named < 2; named++) {
            struct msghdr *header = &inbox->headers[named][i].msg_hdr;
            header->msg_name = named ? &inbox->names[i] : NULL;
            header->msg_iov = &inbox->vectors[i];
            header->msg_iovlen = 1;
            header->msg_control = inbox->control[i];
            prepare(header);
        }
    }
}

static void set_v4(struct clinux_udp_address *to, const struct in_addr *address, in_port_t port) {
    *to = (struct clinux_udp_address){.low = ntohl(address->s_addr), .port = ntohs(port), .version = 4};
}

static void set_v6(struct clinux_udp_address *to, const struct in6_addr *address, in_port_t port, uint32_t scope) {
    uint64_t words[2];
    memcpy(words, address, sizeof words);
    *to = (struct clinux_udp_address){
        .high = be64toh(words[0]), .low = be64toh(words[1]), .scope = scope, .port = ntohs(port), .version = 6};
    if (to->high == 0 && to->low >> 32 == 0xFFFF) {
        to->low &= 0xFFFFFFFF;
        to->scope = 0;
        to->version = 4;
    }
}

static void read_name(const struct msghdr *header, struct clinux_udp_address *peer) {
    const union name *name = header->msg_name;
    if (!name) return;
    if (header->msg_namelen >= sizeof name->v4 && name->any.sa_family == AF_INET)
        set_v4(peer, &name->v4.sin_addr, name->v4.sin_port);
    else if (header->msg_namelen >= sizeof name->v6 && name->any.sa_family == AF_INET6)
        set_v6(peer, &name->v6.sin6_addr, name->v6.sin6_port, name->v6.sin6_scope_id);
}

static void read_packet_info(const struct in6_pktinfo *info, struct clinux_udp_arrival *arrival) {
    arrival->interface = info->ipi6_ifindex;
    if (IN6_IS_ADDR_MULTICAST(&info->ipi6_addr)) return;
    set_v6(&arrival->local, &info->ipi6_addr, 0, IN6_IS_ADDR_LINKLOCAL(&info->ipi6_addr) ? info->ipi6_ifindex : 0);
    uint32_t v4 = (uint32_t)arrival->local.low;
    /* One cannot answer from a group or from the broadcast address. */
    if (arrival->local.version == 4 && (IN_MULTICAST(v4) || v4 == INADDR_BROADCAST)) arrival->local.version = 0;
}

static void read_ip_control(const struct cmsghdr *control, struct clinux_udp_arrival *arrival) {
    if (control->cmsg_type == IP_TOS && control->cmsg_len > CMSG_LEN(0)) {
        arrival->traffic_class = *CMSG_DATA(control);
    } else if (control->cmsg_type == IP_PKTINFO && control->cmsg_len >= CMSG_LEN(sizeof(struct in_pktinfo))) {
        struct in_pktinfo info;
        memcpy(&info, CMSG_DATA(control), sizeof info);
        arrival->interface = (uint32_t)info.ipi_ifindex;
        /* Not the packet's destination, but what to answer from: the same for unicast. */
        if (info.ipi_spec_dst.s_addr) set_v4(&arrival->local, &info.ipi_spec_dst, 0);
    }
}

static void read_control(const struct cmsghdr *control, struct clinux_udp_arrival *arrival) {
    int value = 0;
    if (control->cmsg_level == IPPROTO_IP) {
        read_ip_control(control, arrival);
        return;
    }
    if (control->cmsg_level == IPPROTO_IPV6 && control->cmsg_type == IPV6_PKTINFO) {
        struct in6_pktinfo info;
        if (control->cmsg_len < CMSG_LEN(sizeof info)) return;
        memcpy(&info, CMSG_DATA(control), sizeof info);
        read_packet_info(&info, arrival);
        return;
    }
    if (control->cmsg_len < CMSG_LEN(sizeof value)) return;
    memcpy(&value, CMSG_DATA(control), sizeof value);
    if (control->cmsg_level == IPPROTO_IPV6 && control->cmsg_type == IPV6_TCLASS)
        arrival->traffic_class = (uint8_t)value;
    else if (control->cmsg_level == IPPROTO_UDP && control->cmsg_type == UDP_GRO && value > 0)
        arrival->segment = (uint32_t)value < arrival->length ? (uint32_t)value : arrival->length;
    else if (control->cmsg_level == SOL_SOCKET && control->cmsg_type == SO_RXQ_OVFL)
        arrival->drops = (uint32_t)value;
}

int clinux_udp_receive(struct clinux_udp_inbox *inbox, int fd, int is_connected, struct clinux_udp_arrival *arrivals) {
    struct mmsghdr *headers = inbox->headers[is_connected ? 0 : 1];
    int count = recvmmsg(fd, headers, CLINUX_UDP_SLOTS, MSG_DONTWAIT, NULL);
    if (count < 0) return -errno;
    for (int i = 0; i < count; i++) {
        struct msghdr *header = &headers[i].msg_hdr;
        struct clinux_udp_arrival *arrival = &arrivals[i];
        uint32_t length = headers[i].msg_len;
        *arrival = (struct clinux_udp_arrival){.length = length, .segment = length};
        arrival->is_truncated = (header->msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0;
        read_name(header, &arrival->peer);
        for (struct cmsghdr *control = CMSG_FIRSTHDR(header); control; control = CMSG_NXTHDR(header, control))
            read_control(control, arrival);
        prepare(header);
    }
    return count;
}
