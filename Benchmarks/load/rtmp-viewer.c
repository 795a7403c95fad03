#include "rtmp-viewer.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

__attribute__((format(printf, 2, 3))) static bool fault(struct viewer *viewer, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(viewer->fault, sizeof viewer->fault, format, arguments);
    va_end(arguments);
    return false;
}

static const char *name_of(enum track track) { return track == VIDEO ? "video" : "audio"; }

/// Servers may move all timestamps of a viewer by the same amount, nothing else.
static bool check_time(struct viewer *viewer, struct viewed_track *track, enum track type, uint32_t timestamp) {
    const struct frame_name *name = &track->name;
    int32_t shift = (int32_t)(timestamp - frame_timestamp(type, name->number));
    if (!track->started) track->shift = shift;
    if (shift != track->shift)
        return fault(viewer, "%s frame %u has the timestamp %u, %d ms off", name_of(type), name->number, timestamp,
                     shift - track->shift);
    if (viewer->stamped && (int32_t)(timestamp - viewer->timestamp) < 0)
        return fault(viewer, "%s frame %u goes back in time from %u to %u ms", name_of(type), name->number,
                     viewer->timestamp, timestamp);
    viewer->stamped = true;
    viewer->timestamp = timestamp;
    return true;
}

/// Once the head of a frame is whole: is it the one that must come now?
static bool check_head(struct viewer *viewer, struct viewed_track *track, enum track type, uint32_t timestamp) {
    struct frame_name *name = &track->name;
    const char *media = name_of(type);
    if (!track->configured) return fault(viewer, "a frame of %s came before its sequence header", media);
    if (!read_name(type, track->head, name))
        return fault(viewer, "wrong bytes in the head of a %s frame, %u were expected", media, track->next);
    if (name->stream != viewer->stream)
        return fault(viewer, "a %s frame of stream %u came to a viewer of %u", media, name->stream, viewer->stream);
    if (name->length != track->length)
        return fault(viewer, "%s frame %u has %u bytes, not %u", media, name->number, track->length, name->length);
    if (!track->started && type == VIDEO && !is_key_frame(name->number))
        return fault(viewer, "the first frame of video is number %u, no key frame", name->number);
    if (track->started && name->number != track->next)
        return fault(viewer, "%s frame %u came where %u was due", media, name->number, track->next);
    if (!check_time(viewer, track, type, timestamp)) return false;
    if (!track->started) track->first = name->number;
    track->started = true;
    track->next = name->number + 1;
    return true;
}

static bool finish_sequence_header(struct viewer *viewer, struct viewed_track *track, enum track type) {
    size_t length;
    const unsigned char *right = sequence_header(type, &length);
    if (track->length != length || memcmp(track->head, right, length) != 0)
        return fault(viewer, "the sequence header of %s is not the one that was sent", name_of(type));
    track->configured = true;
    return true;
}

static void finish_frame(struct viewer *viewer, const struct viewed_track *track, const struct message_piece *piece) {
    if (piece->delivery) record(piece->delivery, piece->now - track->name.sent_at);
    if (piece->type != VIDEO || !is_key_frame(track->name.number)) return;
    viewer->key_frames++;
    if (!viewer->first_frame_at) viewer->first_frame_at = piece->now;
}

static bool view_track(struct viewer *viewer, struct viewed_track *track, const struct message_piece *piece) {
    enum track type = piece->type;
    const unsigned char *bytes = piece->bytes;
    uint32_t count = piece->count, head = (uint32_t)head_size(type);
    if (piece->offset == 0) {
        if (track->got != track->length)
            return fault(viewer, "a %s message begins within another one", name_of(type));
        track->length = piece->length;
        track->got = 0;
        if (piece->length < 4) return fault(viewer, "a %s message of %u bytes", name_of(type), piece->length);
    }
    // Sequence headers fit into the head as a whole.
    bool header = track->got >= 2 ? track->head[1] == 0 : false;
    while (count && (track->got < 2 || (header ? track->got < sizeof track->head : track->got < head))) {
        track->head[track->got++] = *bytes++;
        count--;
        if (track->got == 2) header = track->head[1] == 0;
        if (track->got == head && !header && !check_head(viewer, track, type, piece->timestamp)) return false;
    }
    if (header && count) return fault(viewer, "a sequence header of %u bytes", piece->length);
    if (count && !is_noise(type, &track->name, track->got, bytes, count))
        return fault(
            viewer, "wrong bytes in %s frame %u from offset %u", name_of(type), track->name.number, track->got);
    track->got += count;
    if (track->got < track->length) return true;
    if (header) return finish_sequence_header(viewer, track, type);
    if (track->got < head) return fault(viewer, "a %s frame of only %u bytes", name_of(type), track->length);
    finish_frame(viewer, track, piece);
    return true;
}

/// Counts the messages that are `onMetaData`, not others such as `|RtmpSampleAccess`.
static bool view_data(struct viewer *viewer, const struct message_piece *piece) {
    static const unsigned char wanted[] = "\x02\x00\x0AonMetaData";
    for (uint32_t i = 0; i < piece->count && piece->offset + i < sizeof viewer->data_name; i++) {
        viewer->data_name[piece->offset + i] = piece->bytes[i];
        if (piece->offset + i + 2 == sizeof wanted && memcmp(viewer->data_name, wanted, sizeof wanted - 1) == 0)
            viewer->metadata++;
    }
    return true;
}

bool view(struct viewer *viewer, const struct message_piece *piece) {
    if (viewer->fault[0]) return false;
    // nginx sends empty audio to viewers that wait for it. A frame made empty would still be missing.
    if (piece->length == 0) return true;
    viewer->bytes += piece->count;
    switch (piece->type) {
        case VIDEO: return view_track(viewer, &viewer->video, piece);
        case AUDIO: return view_track(viewer, &viewer->audio, piece);
        case METADATA: return view_data(viewer, piece);
        case 22: return fault(viewer, "an aggregate message, which this viewer does not take apart");
        default: return true;
    }
}

bool has_seen(const struct viewer *viewer, uint32_t video, uint32_t audio) {
    return viewer->video.got == viewer->video.length && viewer->audio.got == viewer->audio.length
        && viewer->video.next == video && viewer->audio.next == audio;
}
