/// Timers in steps of a millisecond: a ring of lists, one for each of the next four seconds' steps. What is due later
/// goes round again. Arming and firing cost the same however many there are.
#ifndef LOAD_WHEEL_H
#define LOAD_WHEEL_H

#include <stddef.h>
#include <stdint.h>

#include "clock.h"

#define WHEEL_SLOTS 4096

struct timer {
    struct timer *next;
    int64_t due;
    void (*fire)(struct timer *timer, int64_t now);
};

struct wheel {
    int64_t served;  // the last step whose timers have fired; steps count milliseconds of the clock
    size_t armed;
    struct timer *slot[WHEEL_SLOTS];
};

/// Calls `timer->fire` at the first step that begins at `due` or later. The timer must not be armed already.
static inline void arm(struct wheel *wheel, struct timer *timer, int64_t due) {
    int64_t step = (due + MILLISECOND - 1) / MILLISECOND;
    if (step <= wheel->served) step = wheel->served + 1;
    if (step >= wheel->served + WHEEL_SLOTS) step = wheel->served + WHEEL_SLOTS - 1;
    timer->due = due;
    timer->next = wheel->slot[step % WHEEL_SLOTS];
    wheel->slot[step % WHEEL_SLOTS] = timer;
    wheel->armed++;
}

/// Fires what is due; timers that are armed meanwhile wait for a later call.
static inline void serve_timers(struct wheel *wheel, int64_t now) {
    int64_t last = now / MILLISECOND;
    if (wheel->armed == 0) wheel->served = last;
    while (wheel->served < last) {
        struct timer *timer = wheel->slot[++wheel->served % WHEEL_SLOTS];
        wheel->slot[wheel->served % WHEEL_SLOTS] = NULL;
        while (timer) {
            struct timer *next = timer->next;
            wheel->armed--;
            if (timer->due > now) arm(wheel, timer, timer->due);
            else timer->fire(timer, now);
            timer = next;
        }
    }
}

/// When the next timer is due, at the latest in four seconds.
static inline int64_t next_timer(const struct wheel *wheel) {
    for (int64_t step = wheel->served + 1; wheel->armed && step < wheel->served + WHEEL_SLOTS; step++)
        if (wheel->slot[step % WHEEL_SLOTS]) return step * MILLISECOND;
    return (wheel->served + WHEEL_SLOTS) * MILLISECOND;
}

#endif
