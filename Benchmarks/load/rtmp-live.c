#define _GNU_SOURCE
#include <inttypes.h>
#include <sys/epoll.h>

#include "dialogue.h"
#include "rtmp-modes.h"

#define AT_ONCE 64
#define OPENING_PATIENCE (30 * SECOND)
#define DRAINING_PATIENCE (5 * SECOND)

static uint32_t last_video, last_audio;
static size_t finished_publishers;

static void require(const struct session *session) {
    if (session->state != FAILED) return;
    fail("%s %zu: %s", session->role == PUBLISHER ? "publisher" : "player", session->number, session->reason);
}

static bool is_prompt(const struct session *session) {
    return load.read_every == 0 || (load.prompt_every && session->number % load.prompt_every == 0);
}

static void read_later(struct timer *timer, int64_t now) {
    struct session *session = (struct session *)((char *)timer - offsetof(struct session, timer));
    if (session->wants_room) watch_session(session, true);
    else watch_session(session, false);
    read_session(session, NULL);
    require(session);
    arm(&load.wheel, timer, now + load.read_every);
}

/// Until its first frame a player reads at once; then most look again every few milliseconds, as programs do that have
/// enough to play.
static void look_after_player(struct session *session) {
    struct viewer *viewer = &session->viewer;
    if (!viewer->first_frame_at || session->timer.fire || session->role == PUBLISHER) return;
    session->timer.fire = read_later;
    if (load.joining) record(&load.first_frame, viewer->first_frame_at - viewer->asked_at);
    if (is_prompt(session)) return;
    int64_t phase = (int64_t)(session->number * 7919 % 1000) * load.read_every / 1000;
    watch_session(session, false);
    arm(&load.wheel, &session->timer, now_ns() + MILLISECOND + phase);
}

void turn(int64_t until) {
    struct epoll_event events[256];
    int64_t next = next_timer(&load.wheel);
    struct timespec limit = duration((next < until ? next : until) - now_ns());
    int n = epoll_pwait2(session_poller, events, 256, &limit, NULL);
    if (n < 0 && errno != EINTR) fail_call("epoll_pwait2");
    for (int i = 0; i < n; i++) {
        struct session *session = events[i].data.ptr;
        bool prompt = session->role == PLAYER && is_prompt(session) && session->timer.fire;
        move_session(session, events[i].events, prompt ? &load.delivery : NULL);
        if (session->role == PLAYER && load.connects_per_second) {
            look_after_storm(session);
            continue;
        }
        require(session);
        look_after_player(session);
    }
    serve_timers(&load.wheel, now_ns());
}

/// Opens sessions, at most `AT_ONCE` of them half open.
static void open_all(struct session *sessions, size_t count, enum role role) {
    int64_t deadline = now_ns() + OPENING_PATIENCE;
    size_t opened = 0, running = 0;
    while (running < count) {
        while (opened < count && opened < running + AT_ONCE) open_session(&sessions[opened++]);
        turn(deadline);
        while (running < opened && sessions[running].state == RUNNING) running++;
        if (now_ns() > deadline)
            fail("%s %zu was not running after 30 s", role == PUBLISHER ? "publisher" : "player", running);
    }
}

void open_publishers(void) {
    for (size_t i = 0; i < load.publisher_count; i++) {
        struct session *session = &load.publishers[i];
        *session = (struct session){.plan = &load.plan, .role = PUBLISHER, .number = i, .stream = (uint32_t)i};
    }
    open_all(load.publishers, load.publisher_count, PUBLISHER);
    for (size_t i = 0; i < load.publisher_count; i++) send_headers(&load.publishers[i]);
}

/// The players are spread evenly over the streams.
static void prepare_players(void) {
    for (size_t i = 0; i < load.player_count; i++) {
        size_t stream = load.player_count < load.publisher_count ? i * load.publisher_count / load.player_count
                                                                 : i % load.publisher_count;
        load.players[i] = (struct session){
            .plan = &load.plan, .role = PLAYER, .number = i, .stream = (uint32_t)stream};
    }
}

void open_players(void) {
    prepare_players();
    if (!load.joining) open_all(load.players, load.player_count, PLAYER);
}

// MARK: Publishing

/// Sends what is due, in the order of the timestamps, and waits for the next.
static void publish(struct timer *timer, int64_t now) {
    struct session *session = (struct session *)((char *)timer - offsetof(struct session, timer));
    for (;;) {
        int64_t video = frame_due(VIDEO, session->next_video), audio = frame_due(AUDIO, session->next_audio);
        bool more_video = session->next_video < last_video, more_audio = session->next_audio < last_audio;
        if (!more_video && !more_audio) break;
        enum track track = more_video && (!more_audio || video <= audio) ? VIDEO : AUDIO;
        int64_t due = session->start + (track == VIDEO ? video : audio);
        if (due > now) {
            arm(&load.wheel, timer, due);
            return;
        }
        if (now - due > load.latest) load.latest = now - due;
        send_frame(session, track, now_ns());
        require(session);
    }
    finished_publishers++;
    send_fence(session);
}

void start_publishers(uint32_t video, uint32_t audio) {
    last_video = video;
    last_audio = audio;
    int64_t start = now_ns() + MILLISECOND;
    serve_timers(&load.wheel, now_ns());
    for (size_t i = 0; i < load.publisher_count; i++) {
        struct session *session = &load.publishers[i];
        session->start = start + (int64_t)(i * (GOP / MILLISECOND) / load.publisher_count) * MILLISECOND;
        session->timer.fire = publish;
        arm(&load.wheel, &session->timer, session->start);
    }
}

static uint32_t frames_before(enum track track, int64_t end) {
    uint32_t count = 0;
    while (frame_due(track, count) < end) count++;
    return count;
}

/// Opens the players that join, from the second group of pictures on.
static void join_due(int64_t began, size_t *joined) {
    int64_t passed = now_ns() - began - GOP - GOP / 4;
    while (*joined < load.player_count && (int64_t)*joined * load.joining / (int64_t)load.player_count <= passed)
        open_session(&load.players[(*joined)++]);
}

static void require_all_seen(int64_t deadline) {
    for (size_t i = 0; i < load.player_count; i++) {
        const struct viewer *viewer = &load.players[i].viewer;
        while (!has_seen(viewer, last_video, last_audio)) {
            if (now_ns() > deadline)
                fail("player %zu had %u of %u frames of video and %u of %u of audio 5 s after the last was sent", i,
                     viewer->video.next, last_video, viewer->audio.next, last_audio);
            turn(deadline);
        }
        if (!load.joining && (viewer->video.first || viewer->audio.first))
            fail("player %zu was there before the stream and began with frame %u of video and %u of audio", i,
                 viewer->video.first, viewer->audio.first);
    }
}

void run_live(void) {
    int64_t began = now_ns();
    size_t joined = load.joining ? 0 : load.player_count;
    start_publishers(
        frames_before(VIDEO, load.milliseconds * MILLISECOND), frames_before(AUDIO, load.milliseconds * MILLISECOND));
    while (finished_publishers < load.publisher_count) {
        if (joined < load.player_count) join_due(began, &joined);
        turn(joined < load.player_count ? now_ns() + MILLISECOND : INT64_MAX);
    }
    if (joined < load.player_count) fail("the stream ended before all players had joined");
    int64_t deadline = now_ns() + DRAINING_PATIENCE;
    for (size_t i = 0; i < load.publisher_count; i++) {
        while (!load.publishers[i].fenced) {
            if (now_ns() > deadline) fail("the server had not read all of publisher %zu after 5 s", i);
            turn(deadline);
        }
    }
    require_all_seen(deadline);
}

void report_live(int64_t began, int64_t cpu) {
    uint64_t frames = 0, bytes = 0, key_frames = 0, metadata = 0, published = 0, published_bytes = 0;
    for (size_t i = 0; i < load.publisher_count; i++) {
        published += load.publishers[i].next_video + load.publishers[i].next_audio;
        published_bytes += load.publishers[i].published;
    }
    for (size_t i = 0; i < load.player_count; i++) {
        const struct viewer *viewer = &load.players[i].viewer;
        frames += viewer->video.next - viewer->video.first + viewer->audio.next - viewer->audio.first;
        bytes += viewer->bytes;
        key_frames += viewer->key_frames;
        metadata += viewer->metadata > 0;
    }
    say("done published=%" PRIu64 " published_bytes=%" PRIu64 " frames=%" PRIu64 " bytes=%" PRIu64
        " key_frames=%" PRIu64 " with_metadata=%" PRIu64 " seconds=%.4f p50_us=%ld p99_us=%ld first_p50_us=%ld"
        " first_p99_us=%ld late_us=%" PRId64 " load_cpu=%.4f",
        published, published_bytes, frames, bytes, key_frames, metadata, (double)(now_ns() - began) / SECOND,
        percentile_us(&load.delivery, 0.5), percentile_us(&load.delivery, 0.99), percentile_us(&load.first_frame, 0.5),
        percentile_us(&load.first_frame, 0.99), load.latest / 1000, (double)(cpu_ns() - cpu) / SECOND);
}
