#define _GNU_SOURCE
#include "flv-reader.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define FILE_HEADER 9
#define TAG_HEADER 11

__attribute__((format(printf, 2, 3))) static bool fault(struct flv_reader *reader, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reader->fault, sizeof reader->fault, format, arguments);
    va_end(arguments);
    return false;
}

static uint32_t big_endian(const unsigned char *from, int bytes) {
    uint32_t value = 0;
    for (int i = 0; i < bytes; i++) value = value << 8 | from[i];
    return value;
}

/// The size of the tag before is right, and the next tag begins.
static bool begin_tag(struct flv_reader *reader) {
    const unsigned char *tag = reader->fields + 4;
    if (big_endian(reader->fields, 4) != reader->before)
        return fault(reader, "a tag of %u bytes is followed by the size %u", reader->before,
                     big_endian(reader->fields, 4));
    reader->type = tag[0];
    reader->length = reader->left = big_endian(tag + 1, 3);
    reader->timestamp = big_endian(tag + 4, 3) | (uint32_t)tag[7] << 24;
    reader->before = TAG_HEADER + reader->length;
    reader->got = 0;
    if (reader->type != 8 && reader->type != 9 && reader->type != 18)
        return fault(reader, "a tag of type %u", reader->type);
    return true;
}

static bool read_body(
    struct flv_reader *reader, struct viewer *viewer, const unsigned char *bytes, size_t count, int64_t now,
    struct histogram *delivery) {
    while (count) {
        if (reader->left) {
            uint32_t piece = count < reader->left ? (uint32_t)count : reader->left;
            struct message_piece message = {
                .type = reader->type, .timestamp = reader->timestamp, .length = reader->length,
                .offset = reader->length - reader->left, .bytes = bytes, .count = piece, .now = now,
                .delivery = delivery};
            if (!view(viewer, &message)) return false;
            reader->left -= piece;
            bytes += piece;
            count -= piece;
            continue;
        }
        reader->fields[reader->got++] = *bytes++;
        count--;
        if (!reader->opened && reader->got == FILE_HEADER) {
            if (memcmp(reader->fields, "FLV\x01", 4) != 0) return fault(reader, "the body is no FLV");
            reader->opened = true;
            reader->got = 0;
        }
        if (reader->opened && reader->got == 4 + TAG_HEADER && !begin_tag(reader)) return false;
    }
    return true;
}

/// Removes the lines between the chunks of HTTP.
static bool read_chunked(
    struct flv_reader *reader, struct viewer *viewer, const unsigned char *bytes, size_t count, int64_t now,
    struct histogram *delivery) {
    while (count) {
        if (reader->chunk == CHUNK_BODY) {
            size_t piece = count < reader->chunk_left ? count : (size_t)reader->chunk_left;
            if (!read_body(reader, viewer, bytes, piece, now, delivery)) return false;
            reader->chunk_left -= piece;
            bytes += piece;
            count -= piece;
            if (reader->chunk_left == 0) reader->chunk = CHUNK_END;
            continue;
        }
        unsigned char byte = *bytes++;
        count--;
        if (reader->chunk == CHUNK_END) {
            if (byte == '\n') reader->chunk = CHUNK_SIZE;
            else if (byte != '\r') return fault(reader, "a chunk of HTTP is longer than its size");
        } else if (isxdigit(byte) && reader->digits < 8) {
            reader->chunk_left = reader->chunk_left * 16 + (isdigit(byte) ? byte - '0' : (byte | 32) - 'a' + 10);
            reader->digits++;
        } else if (byte == '\n' && reader->digits) {
            if (reader->chunk_left == 0) return fault(reader, "the answer is over");
            reader->chunk = CHUNK_BODY;
            reader->digits = 0;
        } else if (byte != '\r') {
            return fault(reader, "the size of a chunk of HTTP has the byte %u", byte);
        }
    }
    return true;
}

/// Gathers the head of the answer and returns how many bytes belonged to it.
static size_t read_head(struct flv_reader *reader, const unsigned char *bytes, size_t count) {
    size_t before = reader->head_length, room = sizeof reader->head - 1 - before;
    size_t piece = count < room ? count : room;
    memcpy(reader->head + before, bytes, piece);
    reader->head_length += piece;
    reader->head[reader->head_length] = 0;
    const char *text = (const char *)reader->head, *end = strstr(text, "\r\n\r\n");
    if (!end) {
        if (piece < count) fault(reader, "the head of the answer has more than %d bytes", LONGEST_ANSWER_HEAD);
        return piece;
    }
    if (strncmp(text, "HTTP/1.1 200 ", 13) != 0 && strncmp(text, "HTTP/1.0 200 ", 13) != 0)
        fault(reader, "the answer is not a 200: %.*s", (int)strcspn(text, "\r"), text);
    const char *field = strcasestr(text, "\r\ntransfer-encoding: chunked");
    reader->chunked = field && field < end;
    reader->answered = true;
    return (size_t)(end + 4 - text) - before;
}

bool read_flv(
    struct flv_reader *reader, struct viewer *viewer, const unsigned char *bytes, size_t count, int64_t now,
    struct histogram *delivery) {
    if (!reader->answered) {
        size_t head = read_head(reader, bytes, count);
        if (reader->fault[0]) return false;
        bytes += head;
        count -= head;
    }
    return (reader->chunked ? read_chunked : read_body)(reader, viewer, bytes, count, now, delivery);
}
