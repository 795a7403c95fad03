/// A load for a TCP relay, its viewers and its origin in one program. `--mode live` sends frames of 2 to 14 KB at a
/// steady rate on many connections, each with its own clock, like a live stream of 25 frames a second; `--mode bulk`
/// sends as fast as the relay takes it. Every byte that arrives is compared with the one sent.
#include <inttypes.h>

#include "clock.h"
#include "dialogue.h"
#include "options.h"
#include "pattern.h"
#include "random.h"
#include "tcp-stream.h"

#define FRAME_INTERVAL (40 * MILLISECOND)

static struct streams streams;

/// Sizes between 0.2 and 1.4 times the mean, larger ones more often; their mean is `mean`.
static size_t frame_size(uint64_t *random, double mean) {
    double a = next_fraction(random), b = next_fraction(random);
    return (size_t)(mean * (0.2 + 1.2 * (a > b ? a : b)));
}

/// Sends every frame at its own time, evenly spread over the interval, and returns the longest delay of the load
/// itself, in ns.
static int64_t run_live(long rate, long milliseconds, uint64_t seed) {
    size_t count = streams.count;
    uint64_t frames = (uint64_t)milliseconds * MILLISECOND / FRAME_INTERVAL * count;
    double mean = (double)rate / 8 * FRAME_INTERVAL / SECOND;
    int64_t start = now_ns() + MILLISECOND, latest = 0;
    for (uint64_t frame = 0; frame < frames;) {
        int64_t due = start + (int64_t)(frame * FRAME_INTERVAL / count), now = now_ns();
        if (now < due) {
            move_bytes(&streams, due - now);
            continue;
        }
        if (now - due > latest) latest = now - due;
        offer_frame(&streams, &streams.stream[frame % count], frame_size(&seed, mean), now);
        frame++;
    }
    return latest;
}

/// Keeps one piece of each stream waiting for room until the time is over.
static void run_bulk(long milliseconds) {
    int64_t end = now_ns() + milliseconds * MILLISECOND;
    for (int64_t now = now_ns(); now < end; now = now_ns()) {
        bool moved = false;
        for (size_t i = 0; i < streams.count; i++) {
            struct stream *stream = &streams.stream[i];
            if (stream->offered > stream->sent || stream->frame_count == FRAMES_ON_THEIR_WAY) continue;
            offer_frame(&streams, stream, PATTERN_PIECE, now);
            moved = true;
        }
        move_bytes(&streams, moved ? 0 : 100 * MILLISECOND);
    }
}

int main(int argc, char **argv) {
    const char *mode = text_option(argc, argv, "mode", NULL);
    int relay = (int)number_option(argc, argv, "relay", NULL, 1, 65535);
    int origin = (int)number_option(argc, argv, "origin", NULL, 1, 65535);
    long connections = number_option(argc, argv, "connections", "1", 1, 5000);
    long rate = number_option(argc, argv, "rate", "2000000", 1000, 1000000000);
    long milliseconds = number_option(argc, argv, "milliseconds", "4000", 40, 600000);
    uint64_t seed = (uint64_t)number_option(argc, argv, "seed", "1", 0, 1000000);
    bool live = strcmp(mode, "live") == 0;
    if (!live && strcmp(mode, "bulk") != 0) fail("--mode: \"%s\" is neither live nor bulk", mode);

    make_pattern(seed);
    open_streams(&streams, (size_t)connections, relay, origin);
    say("ready");
    wait_for("go");
    int64_t began = now_ns(), late = 0;
    if (live) late = run_live(rate, milliseconds, seed);
    else run_bulk(milliseconds);
    drain_streams(&streams);
    double seconds = (double)(now_ns() - began) / SECOND;
    say("done bytes=%" PRIu64 " seconds=%.4f p50_us=%ld p99_us=%ld late_us=%" PRId64, streams.received, seconds,
        percentile_us(&streams.delivery, 0.5), percentile_us(&streams.delivery, 0.99), late / 1000);
    wait_for_end();
    return 0;
}
