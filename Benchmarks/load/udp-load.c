/// A load for a UDP relay: clients and their origin in one program. Each flow sends a burst of datagrams at regular
/// times, like the packets of one video frame; part of the flows are publishers (client → origin), the others viewers
/// (origin → client). The sender looks once per tick which bursts are due, a millisecond by default, as the pacers of
/// media servers do. `--send single` is one sendto per datagram, `--send gso` one sendmsg per
/// burst with UDP_SEGMENT. `--receive gro` lets the kernel hand over bursts whole, as it would to a network card that
/// cuts them itself; with `--receive plain` it cuts them on the relay's core. Every datagram is checked.
#include <inttypes.h>

#include "clock.h"
#include "dialogue.h"
#include "options.h"
#include "pattern.h"
#include "udp-flow.h"

static struct flows flows;

static bool choice(const char *name, const char *value, const char *no, const char *yes) {
    if (strcmp(value, yes) == 0) return true;
    if (strcmp(value, no) != 0) fail("--%s: \"%s\" is neither %s nor %s", name, value, no, yes);
    return false;
}

/// Sends the bursts of all flows, evenly spread over the ticks, and returns the longest delay of the load itself, in
/// ns.
static int64_t run(long rate, long milliseconds, int64_t tick) {
    int64_t interval = (int64_t)flows.burst * SECOND / rate, start = now_ns() + MILLISECOND, latest = 0;
    int64_t bursts = milliseconds * MILLISECOND / interval;
    for (int64_t burst = 0; burst < bursts;) {
        int64_t now = now_ns(), due = start + (burst * interval + tick - 1) / tick * tick;
        if (now < due) {
            receive_packets(&flows, due - now);
            continue;
        }
        if (now - due > latest) latest = now - due;
        send_burst(&flows, (size_t)burst % flows.count);
        // A load that is late looks after what arrives as well: nothing may be lost at its own sockets.
        receive_packets(&flows, 0);
        burst++;
    }
    return latest;
}

int main(int argc, char **argv) {
    int relay = (int)number_option(argc, argv, "relay", NULL, 1, 65535);
    int origin = (int)number_option(argc, argv, "origin", NULL, 1, 65535);
    long rate = number_option(argc, argv, "rate", "50000", 1, 10000000);
    long milliseconds = number_option(argc, argv, "milliseconds", "3000", 10, 600000);
    int64_t tick = number_option(argc, argv, "tick-us", "1000", 1, 1000000) * 1000;
    long publishers = number_option(argc, argv, "publishers", "100", 0, 60000);
    uint64_t seed = (uint64_t)number_option(argc, argv, "seed", "1", 0, 1000000);
    flows.count = (size_t)number_option(argc, argv, "flows", "200", 1, 60000);
    flows.burst = (size_t)number_option(argc, argv, "burst", "8", 1, 44);
    flows.size = (size_t)number_option(argc, argv, "size", "1200", sizeof(struct header), LONGEST_PACKET);
    flows.segmented_send = choice("send", text_option(argc, argv, "send", "single"), "single", "gso");
    flows.grouped_receive = choice("receive", text_option(argc, argv, "receive", "gro"), "plain", "gro");
    if ((size_t)publishers > flows.count) fail("--publishers: more than --flows");

    make_pattern(seed);
    open_flows(&flows, relay, origin, (size_t)publishers);
    say("ready");
    wait_for("go");
    int64_t began = now_ns(), late = run(rate, milliseconds, tick);
    double seconds = (double)(now_ns() - began) / SECOND;
    // What is still on its way arrives within a fraction of this.
    while (flows.received < flows.sent && receive_packets(&flows, 300 * MILLISECOND)) {}
    long p50 = percentile_us(&flows.delivery, 0.5), p99 = percentile_us(&flows.delivery, 0.99);
    say("done packets=%" PRIu64 " sent=%" PRIu64 " bytes=%" PRIu64 " seconds=%.4f p50_us=%ld p99_us=%ld"
        " late_us=%" PRId64,
        flows.received, flows.sent, flows.bytes, seconds, p50, p99, late / 1000);
    wait_for_end();
    return 0;
}
