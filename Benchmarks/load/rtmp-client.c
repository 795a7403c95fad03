#define _GNU_SOURCE
#include <stdlib.h>

#include "dialogue.h"
#include "pattern.h"
#include "rtmp-amf.h"
#include "rtmp-session.h"

#define HANDSHAKE 1536
/// What the server sends: a version, its own bytes, and ours again.
#define SERVER_HANDSHAKE (1 + 2 * HANDSHAKE)
/// A command's number; those between are of commands whose answer is not waited for.
enum transaction { CONNECT = 1, RELEASE, FC_PUBLISH, CREATE, START, FENCE };
enum message_type { SET_CHUNK_SIZE = 1, ACKNOWLEDGEMENT = 3, USER_CONTROL, WINDOW_SIZE, COMMAND = 20 };
/// The chunk streams: librtmp's.
enum { CONTROL_CHUNKS = 2, COMMAND_CHUNKS = 3, AUDIO_CHUNKS = 4, VIDEO_CHUNKS = 6, STREAM_CHUNKS = 8 };

static unsigned char chunked[2 * LARGEST_FRAME];

static void send_message(struct session *session, struct chunk_message message) {
    send_bytes(session, chunked, put_chunks(chunked, &message, session->connected ? session->plan->chunk_size : 128));
}

static void send_control(struct session *session, enum message_type type, const unsigned char *body, uint32_t length) {
    send_message(session, (struct chunk_message){
        .chunk_stream = CONTROL_CHUNKS, .type = (uint8_t)type, .body = body, .length = length});
}

static void send_number(struct session *session, enum message_type type, uint32_t number) {
    const unsigned char body[] = {
        (unsigned char)(number >> 24), (unsigned char)(number >> 16), (unsigned char)(number >> 8),
        (unsigned char)number};
    send_control(session, type, body, sizeof body);
}

static void send_command(struct session *session, bool of_stream, const unsigned char *body, const unsigned char *end) {
    send_message(session, (struct chunk_message){
        .chunk_stream = of_stream ? STREAM_CHUNKS : COMMAND_CHUNKS, .type = COMMAND,
        .stream = of_stream ? session->message_stream : 0, .body = body, .length = (uint32_t)(end - body)});
}

static void send_simple(struct session *session, const char *name, enum transaction transaction, const char *argument) {
    unsigned char body[256], *at = put_null(put_command(body, name, transaction));
    if (argument) at = put_string(at, argument);
    send_command(session, false, body, at);
}

// MARK: Handshake

/// The client's bytes: no time, no version, which asks for the simple handshake, and noise.
static void put_handshake(const struct session *session, unsigned char *to) {
    memset(to, 0, 8);
    memcpy(to + 8, pattern_at(session->number, 0), HANDSHAKE - 8);
}

void begin_rtmp(struct session *session) {
    unsigned char hello[1 + HANDSHAKE] = {3};
    session->handshake = malloc(SERVER_HANDSHAKE);
    if (!session->handshake) fail_call("malloc");
    put_handshake(session, hello + 1);
    send_bytes(session, hello, sizeof hello);
}

static void send_connect(struct session *session) {
    char url[128];
    unsigned char body[512], *at = put_command(body, "connect", CONNECT);
    const struct plan *plan = session->plan;
    bool plays = session->role == PLAYER;
    snprintf(url, sizeof url, "rtmp://127.0.0.1:%d/%s", plays ? plan->play_port : plan->port, plan->app);
    *at++ = 3;
    at = put_string(put_key(at, "app"), plan->app);
    if (!plays) at = put_string(put_key(at, "type"), "nonprivate");
    at = put_string(put_key(at, "flashVer"), plays ? "LNX 9,0,124,2" : "FMLE/3.0 (compatible; rtmp-load)");
    at = put_string(put_key(at, "tcUrl"), url);
    if (plays) {
        at = put_boolean(put_key(at, "fpad"), false);
        at = put_number(put_key(at, "capabilities"), 15);
        at = put_number(put_key(at, "audioCodecs"), 4071);
        at = put_number(put_key(at, "videoCodecs"), 252);
        at = put_number(put_key(at, "videoFunction"), 1);
    }
    send_command(session, false, body, put_object_end(at));
}

/// Gathers the server's half, answers it, and goes on to the commands. Returns how many bytes belonged to it.
static size_t take_handshake(struct session *session, const unsigned char *bytes, size_t count) {
    size_t missing = SERVER_HANDSHAKE - session->shaken, piece = count < missing ? count : missing;
    bool answered = session->shaken >= 1 + HANDSHAKE;
    unsigned char own[HANDSHAKE];
    memcpy(session->handshake + session->shaken, bytes, piece);
    session->shaken += piece;
    if (session->handshake[0] != 3) fail_session(session, MALFORMED, "RTMP version %u", session->handshake[0]);
    if (!answered && session->shaken >= 1 + HANDSHAKE) send_bytes(session, session->handshake + 1, HANDSHAKE);
    if (session->shaken < SERVER_HANDSHAKE || session->state == FAILED) return piece;
    put_handshake(session, own);
    if (memcmp(session->handshake + 1 + HANDSHAKE + 8, own + 8, HANDSHAKE - 8) != 0)
        fail_session(session, MALFORMED, "the handshake's last part is not an echo");
    free(session->handshake);
    session->handshake = NULL;
    if (session->state == FAILED) return piece;
    session->state = OPENING;
    send_connect(session);
    return piece;
}

// MARK: Commands

static void finish_connect(struct session *session) {
    send_number(session, SET_CHUNK_SIZE, session->plan->chunk_size);
    session->connected = true;
    send_number(session, WINDOW_SIZE, 2500000);
    if (session->plan->only_connect && session->role == PLAYER) {
        session->state = RUNNING;
        return;
    }
    char name[64];
    snprintf(name, sizeof name, "%s%u", session->plan->name, session->stream);
    if (session->role == PUBLISHER) {
        send_simple(session, "releaseStream", RELEASE, name);
        send_simple(session, "FCPublish", FC_PUBLISH, name);
    }
    send_simple(session, "createStream", CREATE, NULL);
}

static void start_stream(struct session *session) {
    char name[64];
    bool plays = session->role == PLAYER;
    unsigned char body[256], *at = put_null(put_command(body, plays ? "play" : "publish", START));
    snprintf(name, sizeof name, "%s%u", session->plan->name, session->stream);
    at = put_string(at, name);
    at = plays ? put_number(at, -2000) : put_string(at, "live");
    session->viewer.asked_at = now_ns();
    send_command(session, true, body, at);
    if (plays) {
        // The length of the player's buffer: a second.
        const unsigned char buffer[10] = {0, 3, 0, 0, 0, (unsigned char)session->message_stream, 0, 0, 0x03, 0xE8};
        send_control(session, USER_CONTROL, buffer, sizeof buffer);
    }
}

static bool take_status(struct session *session, const unsigned char *body, size_t length) {
    char code[80], level[16];
    read_field(body, length, "code", code, sizeof code);
    read_field(body, length, "level", level, sizeof level);
    if (strcmp(level, "error") == 0) return fail_session(session, REJECTED, "the server refused it: %s", code);
    const char *started = session->role == PLAYER ? "NetStream.Play.Start" : "NetStream.Publish.Start";
    if (session->state == OPENING && strcmp(code, started) == 0) session->state = RUNNING;
    return true;
}

static bool take_command(struct session *session, const unsigned char *body, size_t length) {
    char name[32], code[80];
    double transaction;
    size_t arguments;
    if (!read_command(body, length, name, &transaction, &arguments)) return true;
    if (strcmp(name, "onStatus") == 0) return take_status(session, body, length);
    bool awaited = transaction == CONNECT || transaction == CREATE || transaction == FENCE;
    if (!awaited) return true;
    if (strcmp(name, "_error") == 0) {
        read_field(body, length, "code", code, sizeof code);
        return fail_session(session, REJECTED, "the server refused command %.0f: %s", transaction, code);
    }
    if (strcmp(name, "_result") != 0) return true;
    if (transaction == CONNECT && !session->connected) finish_connect(session);
    if (transaction == FENCE) session->fenced = true;
    if (transaction == CREATE && !session->message_stream) {
        // After the null stands the number of the stream.
        if (length < arguments + 10 || body[arguments + 1] != 0)
            return fail_session(session, MALFORMED, "the answer to createStream has no number");
        session->message_stream = (uint32_t)number_at(body + arguments + 2);
        start_stream(session);
    }
    return session->state != FAILED;
}

static uint32_t number_in(const unsigned char *body) {
    return (uint32_t)body[0] << 24 | (uint32_t)body[1] << 16 | (uint32_t)body[2] << 8 | body[3];
}

/// A whole message that is no media.
static bool take_message(struct session *session, const struct chunk_stream *stream) {
    const unsigned char *body = stream->kept;
    size_t length = stream->length < KEPT_BYTES ? stream->length : KEPT_BYTES;
    switch (stream->type) {
        case SET_CHUNK_SIZE:
            if (length < 4 || number_in(body) == 0 || number_in(body) > 0x7FFFFFFF)
                return fail_session(session, MALFORMED, "a chunk size that cannot be");
            session->chunks.chunk_size = number_in(body);
            return true;
        case WINDOW_SIZE:
            if (length >= 4) session->window = number_in(body);
            return true;
        case USER_CONTROL:
            if (length >= 6 && body[0] == 0 && body[1] == 6) {
                unsigned char answer[6] = {0, 7};
                memcpy(answer + 2, body + 2, 4);
                send_control(session, USER_CONTROL, answer, sizeof answer);
            }
            return true;
        case COMMAND: return take_command(session, body, length);
        default: return true;
    }
}

struct taking {
    struct session *session;
    struct histogram *delivery;
    int64_t now;
};

static bool take_piece(void *owner, struct chunk_stream *stream, const unsigned char *bytes, uint32_t count) {
    const struct taking *taking = owner;
    struct session *session = taking->session;
    bool whole = stream->got + count == stream->length;
    if (stream->type == AUDIO || stream->type == VIDEO || stream->type == METADATA || stream->type == 22) {
        struct message_piece piece = {
            .type = stream->type, .timestamp = stream->timestamp, .length = stream->length, .offset = stream->got,
            .bytes = bytes, .count = count, .now = taking->now, .delivery = taking->delivery};
        if (!view(&session->viewer, &piece)) return fail_session(session, WRONG_MEDIA, "%s", session->viewer.fault);
        return true;
    }
    return !whole || take_message(session, stream);
}

bool take_rtmp(struct session *session, const unsigned char *bytes, size_t count, struct histogram *delivery) {
    struct taking taking = {.session = session, .delivery = delivery, .now = now_ns()};
    if (session->state == SHAKING) {
        size_t taken = take_handshake(session, bytes, count);
        bytes += taken;
        count -= taken;
    }
    if (session->state == FAILED) return false;
    if (!read_chunks(&session->chunks, bytes, count, take_piece, &taking)) {
        if (session->chunks.fault) fail_session(session, MALFORMED, "%s", session->chunks.fault);
        return false;
    }
    if (session->window && session->received - session->acknowledged >= session->window / 2) {
        session->acknowledged = session->received;
        send_number(session, ACKNOWLEDGEMENT, (uint32_t)session->received);
    }
    return true;
}

// MARK: Publishing

static void send_media(
    struct session *session, enum track track, uint32_t timestamp, bool continues, const unsigned char *body,
    size_t length) {
    send_message(session, (struct chunk_message){
        .chunk_stream = track == AUDIO ? AUDIO_CHUNKS : VIDEO_CHUNKS, .type = (uint8_t)track, .timestamp = timestamp,
        .continues = continues, .stream = session->message_stream, .body = body, .length = (uint32_t)length});
}

void send_headers(struct session *session) {
    unsigned char body[512], *at = put_string(put_string(body, "@setDataFrame"), "onMetaData");
    size_t length;
    const unsigned char *header;
    *at++ = 8;
    memcpy(at, "\0\0\0\x08", 4);
    at += 4;
    at = put_number(put_key(at, "width"), 1280);
    at = put_number(put_key(at, "height"), 720);
    at = put_number(put_key(at, "framerate"), 25);
    at = put_number(put_key(at, "videocodecid"), 7);
    at = put_number(put_key(at, "videodatarate"), (double)(media_rate - AUDIO_RATE) / 1000);
    at = put_number(put_key(at, "audiocodecid"), 10);
    at = put_number(put_key(at, "audiodatarate"), (double)AUDIO_RATE / 1000);
    at = put_string(put_key(at, "encoder"), "rtmp-load");
    at = put_object_end(at);
    send_media(session, METADATA, 0, false, body, (size_t)(at - body));
    header = sequence_header(VIDEO, &length);
    send_media(session, VIDEO, 0, false, header, length);
    header = sequence_header(AUDIO, &length);
    send_media(session, AUDIO, 0, false, header, length);
}

void send_frame(struct session *session, enum track track, int64_t now) {
    static unsigned char body[LARGEST_FRAME];
    uint32_t *next = track == VIDEO ? &session->next_video : &session->next_audio, number = (*next)++;
    size_t length = put_frame(track, session->stream, number, now, body);
    session->published += length;
    // The first follows the sequence header, whose timestamp is 0.
    uint32_t delta = number ? frame_timestamp(track, number) - frame_timestamp(track, number - 1) : 0;
    send_media(session, track, delta, true, body, length);
}

void send_fence(struct session *session) { send_simple(session, "createStream", FENCE, NULL); }
