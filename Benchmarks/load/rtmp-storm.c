#include <inttypes.h>

#include "dialogue.h"
#include "rtmp-modes.h"

/// A connect that takes longer has failed.
#define PATIENCE (5 * SECOND)

static const char *const failure_names[FAILURES] = {
    [REFUSED] = "refused", [CLOSED] = "closed", [REJECTED] = "rejected", [MALFORMED] = "malformed",
    [WRONG_MEDIA] = "wrong_media", [TIMED_OUT] = "timed_out"};

static struct session **sessions;  // NULL where they are over
static size_t opened, over, succeeded, failures[FAILURES], most_open;
static char first_reason[sizeof((struct session *)0)->reason];

static void end(struct session *session) {
    sessions[session->number] = NULL;
    over++;
    close_session(session);
    free(session);
}

static void end_failed(struct session *session) {
    if (!first_reason[0]) memcpy(first_reason, session->reason, sizeof first_reason);
    failures[session->failure]++;
    end(session);
}

void look_after_storm(struct session *session) {
    if (session->state == FAILED) {
        end_failed(session);
        return;
    }
    if (session->state != RUNNING || (load.until_frame && !session->viewer.first_frame_at)) return;
    record(&load.opening, now_ns() - session->opened_at);
    succeeded++;
    end(session);
}

/// Sessions are opened in the order of their numbers, so that the oldest come first.
static void end_overdue(size_t *oldest) {
    int64_t now = now_ns();
    for (; *oldest < opened; (*oldest)++) {
        struct session *session = sessions[*oldest];
        if (!session) continue;
        if (session->opened_at + PATIENCE > now) return;
        fail_session(session, TIMED_OUT, "not done after 5 s");
        end_failed(session);
    }
}

void run_storm(void) {
    size_t count = (size_t)(load.connects_per_second * load.milliseconds / 1000), oldest = 0;
    sessions = calloc(count, sizeof *sessions);
    if (!sessions) fail_call("calloc");
    if (load.until_frame) start_publishers(UINT32_MAX, UINT32_MAX);
    int64_t start = now_ns() + MILLISECOND;
    while (over < count) {
        int64_t now = now_ns(), due = start + (int64_t)opened * SECOND / load.connects_per_second;
        if (opened < count && now >= due) {
            struct session *session = calloc(1, sizeof *session);
            if (!session) fail_call("calloc");
            if (now - due > load.latest) load.latest = now - due;
            *session = (struct session){
                .plan = &load.plan, .role = PLAYER, .number = opened,
                .stream = (uint32_t)(opened % load.publisher_count)};
            sessions[opened++] = session;
            open_session(session);
            if (opened - over > most_open) most_open = opened - over;
            continue;
        }
        turn(opened < count ? due : now + 100 * MILLISECOND);
        end_overdue(&oldest);
    }
}

void report_storm(int64_t began, int64_t cpu) {
    char text[200];
    int length = 0;
    size_t errors = over - succeeded;
    for (int i = 0; i < FAILURES; i++)
        length += snprintf(text + length, sizeof text - (size_t)length, " %s=%zu", failure_names[i], failures[i]);
    // Beside the figures, which are numbers; the harness prints it when it gives up.
    if (errors) fprintf(stderr, "the first of %zu failures: %s\n", errors, first_reason);
    say("done connects=%zu succeeded=%zu errors=%zu%s most_open=%zu seconds=%.4f p50_us=%ld p99_us=%ld late_us=%" PRId64
        " load_cpu=%.4f",
        over, succeeded, errors, text, most_open, (double)(now_ns() - began) / SECOND,
        percentile_us(&load.opening, 0.5), percentile_us(&load.opening, 0.99), load.latest / 1000,
        (double)(cpu_ns() - cpu) / SECOND);
}
