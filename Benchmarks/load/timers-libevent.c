/// The timers of libevent: what one arm and one cancel cost while a million are armed.
///
///     timers-libevent ARMED OPERATIONS
///
/// Each operation cancels a timer chosen at random and arms it again with another delay of 30 to 600 s, as a server
/// does with its idle timeouts. It runs inside a callback of the loop, where libevent has the time at hand. Afterwards
/// a thousand short timers are armed, every other one is cancelled, and the loop must fire exactly the rest.
#include <event2/event.h>

#include "clock.h"
#include "dialogue.h"
#include "random.h"

#define SHORT_TIMERS 1000

static struct event_base *base;
static struct event **timers;
static long armed, operations, fired, elapsed;
static uint64_t seed = 1;

static void on_timeout(evutil_socket_t fd, short what, void *context) {
    (void)fd, (void)what, (void)context;
    fired++;
}

static struct timeval random_delay(void) {
    uint64_t us = 30000000 + next_random(&seed) % 570000000;
    return (struct timeval){.tv_sec = (time_t)(us / 1000000), .tv_usec = (suseconds_t)(us % 1000000)};
}

static void arm(struct event *timer, struct timeval delay) {
    if (event_add(timer, &delay) < 0) fail("event_add failed");
}

static void run_operations(evutil_socket_t fd, short what, void *context) {
    (void)fd, (void)what, (void)context;
    int64_t began = cpu_ns();
    for (long i = 0; i < operations; i++) {
        struct event *timer = timers[next_random(&seed) % (uint64_t)armed];
        event_del(timer);
        arm(timer, random_delay());
    }
    elapsed = cpu_ns() - began;
    event_base_loopbreak(base);
}

static long count_pending(void) {
    long pending = 0;
    for (long i = 0; i < armed; i++) pending += event_pending(timers[i], EV_TIMEOUT, NULL) != 0;
    return pending;
}

/// Arms short timers, cancels every other one, and lets the loop run until they must have fired.
static long fire_short_timers(void) {
    struct event *short_timers[SHORT_TIMERS];
    struct timeval limit = {.tv_usec = 200000};
    for (int i = 0; i < SHORT_TIMERS; i++) {
        short_timers[i] = evtimer_new(base, on_timeout, NULL);
        arm(short_timers[i], (struct timeval){.tv_usec = 1000 + (suseconds_t)(next_random(&seed) % 99000)});
    }
    for (int i = 0; i < SHORT_TIMERS; i += 2) event_del(short_timers[i]);
    event_base_loopexit(base, &limit);
    event_base_dispatch(base);
    return fired;
}

int main(int argc, char **argv) {
    if (argc != 3) fail("usage: timers-libevent ARMED OPERATIONS");
    armed = atol(argv[1]);
    operations = atol(argv[2]);
    struct event_config *configuration = event_config_new();
    event_config_set_flag(configuration, EVENT_BASE_FLAG_NOLOCK);
    base = event_base_new_with_config(configuration);
    timers = calloc((size_t)armed, sizeof *timers);
    if (!base || !timers || armed < 1) fail("no event base or no timers");
    for (long i = 0; i < armed; i++) {
        timers[i] = evtimer_new(base, on_timeout, NULL);
        if (!timers[i]) fail("evtimer_new failed");
        arm(timers[i], random_delay());
    }
    say("ready");
    wait_for("go");
    struct event *start = evtimer_new(base, run_operations, NULL);
    arm(start, (struct timeval){0});
    event_base_dispatch(base);
    long pending = count_pending();
    say("done operations=%ld ns=%ld armed=%ld fired=%ld", operations, elapsed, pending, fire_short_timers());
    wait_for_end();
    return 0;
}
