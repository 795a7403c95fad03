#include "rtmp-media.h"

#include <string.h>

#include "pattern.h"
#include "random.h"

#define KEY_FRAME_WEIGHT 8
#define SAMPLE_RATE 44100
#define SAMPLES 1024

long media_rate = 600000;

/// Profile High, level 3.1, 1280 × 720.
static const unsigned char avc_header[] = {
    0x17, 0x00, 0, 0, 0, 0x01, 0x64, 0x00, 0x1F, 0xFF, 0xE1, 0x00, 0x1A,
    0x67, 0x64, 0x00, 0x1F, 0xAC, 0xD9, 0x40, 0x50, 0x05, 0xBB, 0x01, 0x10, 0x00, 0x00, 0x03, 0x00, 0x10, 0x00, 0x00,
    0x03, 0x03, 0x20, 0xF1, 0x83, 0x19, 0x60,
    0x01, 0x00, 0x06, 0x68, 0xEB, 0xE3, 0xCB, 0x22, 0xC0};
/// AAC-LC, 44.1 kHz, stereo.
static const unsigned char aac_header[] = {0xAF, 0x00, 0x12, 0x10};
/// What a key frame begins with: an AVC packet with a NAL unit of SEI, unregistered user data, and its UUID.
static const unsigned char sei[] = {
    0x17, 0x01, 0, 0, 0, 0, 0, 0, 3 + 16 + NAME_SIZE + 1, 0x06, 0x05, 16 + NAME_SIZE,
    0x8C, 0x4B, 0x5E, 0x1D, 0x93, 0x27, 0x4F, 0xA6, 0xB1, 0x70, 0xD2, 0x39, 0xE4, 0x5A, 0xC8, 0x16};
#define NAME_IN_VIDEO sizeof sei
#define NAME_IN_AUDIO 4
#define END_OF_AUDIO 0xE0

bool is_key_frame(uint32_t number) { return number % GOP_FRAMES == 0; }

int64_t frame_due(enum track track, uint32_t number) {
    if (track == VIDEO) return number * (GOP / GOP_FRAMES);
    return (int64_t)number * SAMPLES * SECOND / SAMPLE_RATE;
}

uint32_t frame_timestamp(enum track track, uint32_t number) {
    return (uint32_t)(frame_due(track, number) / MILLISECOND);
}

size_t frame_size(enum track track, uint32_t stream, uint32_t number) {
    uint64_t seed = (uint64_t)stream << 33 | (uint64_t)number << 1 | (track == VIDEO);
    double noise = next_fraction(&seed);
    if (track == AUDIO) {
        double mean = (double)AUDIO_RATE / 8 * SAMPLES / SAMPLE_RATE;
        return (size_t)(mean * (0.7 + 0.6 * noise));
    }
    double bytes = (double)(media_rate - AUDIO_RATE) / 8 * GOP / SECOND;
    double mean = bytes / (KEY_FRAME_WEIGHT + GOP_FRAMES - 1);
    return (size_t)(is_key_frame(number) ? mean * KEY_FRAME_WEIGHT * (0.8 + 0.4 * noise) : mean * (0.4 + 1.2 * noise));
}

size_t head_size(enum track track) { return track == VIDEO ? VIDEO_HEAD : AUDIO_HEAD; }

/// A number in bytes of seven bits, the highest bit set: no byte is zero, as NAL units want it.
static unsigned char *put_marked(unsigned char *to, uint64_t value, int bytes) {
    for (int i = 0; i < bytes; i++, value >>= 7) to[i] = (unsigned char)(0x80 | (value & 0x7F));
    return to + bytes;
}

static const unsigned char *read_marked(const unsigned char *from, uint64_t *value, int bytes) {
    *value = 0;
    for (int i = bytes - 1; i >= 0; i--) *value = *value << 7 | (from[i] & 0x7F);
    return from + bytes;
}

/// Of the fields of a name, so that a changed one is not taken for another frame's; 28 bits.
static uint64_t checksum(enum track track, const struct frame_name *name) {
    uint64_t state = (uint64_t)name->sent_at ^ (uint64_t)name->stream << 40 ^ (uint64_t)name->number << 8 ^ track;
    return (next_random(&state) + name->length) >> 36;
}

static void put_name(enum track track, const struct frame_name *name, unsigned char *to) {
    to = put_marked(to, name->stream, 3);
    to = put_marked(to, name->number, 4);
    to = put_marked(to, name->length, 4);
    to = put_marked(to, (uint64_t)name->sent_at, 9);
    put_marked(to, checksum(track, name), 4);
}

void put_head(enum track track, const struct frame_name *name, unsigned char *to) {
    if (track == AUDIO) {
        // An element of AAC for data that is no sound.
        const unsigned char size = (unsigned char)(name->length - NAME_IN_AUDIO - 1);
        const unsigned char element[NAME_IN_AUDIO] = {0xAF, 0x01, 0x80, size};
        memcpy(to, element, sizeof element);
        put_name(track, name, to + NAME_IN_AUDIO);
        return;
    }
    bool key = is_key_frame(name->number);
    uint32_t slice = name->length - VIDEO_HEAD + 2;
    memcpy(to, sei, sizeof sei);
    to[0] = key ? 0x17 : 0x27;
    put_name(track, name, to + NAME_IN_VIDEO);
    unsigned char *end = to + NAME_IN_VIDEO + NAME_SIZE;
    *end++ = 0x80;
    for (int shift = 24; shift >= 0; shift -= 8) *end++ = (unsigned char)(slice >> shift);
    *end++ = key ? 0x65 : 0x41;
    *end = key ? 0x88 : 0x9A;
}

bool read_name(enum track track, const unsigned char *head, struct frame_name *name) {
    const unsigned char *from = head + (track == VIDEO ? NAME_IN_VIDEO : NAME_IN_AUDIO);
    unsigned char right[VIDEO_HEAD > AUDIO_HEAD ? VIDEO_HEAD : AUDIO_HEAD];
    uint64_t stream, number, length, sent_at;
    from = read_marked(from, &stream, 3);
    from = read_marked(from, &number, 4);
    from = read_marked(from, &length, 4);
    read_marked(from, &sent_at, 9);
    *name = (struct frame_name){
        .stream = (uint32_t)stream, .number = (uint32_t)number, .length = (uint32_t)length,
        .sent_at = (int64_t)sent_at};
    put_head(track, name, right);
    return memcmp(head, right, head_size(track)) == 0;
}

/// Frames that follow each other begin far from each other in the pattern.
static const unsigned char *noise(const struct frame_name *name, size_t offset) {
    return pattern_at(name->stream, (uint64_t)name->number * 7919 + offset);
}

bool is_noise(
    enum track track, const struct frame_name *name, size_t offset, const unsigned char *bytes, size_t length) {
    if (track == AUDIO && length && offset + length == name->length && bytes[--length] != END_OF_AUDIO) return false;
    return memcmp(bytes, noise(name, offset), length) == 0;
}

size_t put_frame(enum track track, uint32_t stream, uint32_t number, int64_t sent_at, unsigned char *to) {
    size_t length = frame_size(track, stream, number), head = head_size(track);
    struct frame_name name = {.stream = stream, .number = number, .length = (uint32_t)length, .sent_at = sent_at};
    put_head(track, &name, to);
    memcpy(to + head, noise(&name, head), length - head);
    if (track == AUDIO) to[length - 1] = END_OF_AUDIO;
    return length;
}

const unsigned char *sequence_header(enum track track, size_t *length) {
    *length = track == VIDEO ? sizeof avc_header : sizeof aac_header;
    return track == VIDEO ? avc_header : aac_header;
}
