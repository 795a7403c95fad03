/// As much of AMF0 as a client needs: commands are written, and of answers only the beginning is read.
#ifndef LOAD_RTMP_AMF_H
#define LOAD_RTMP_AMF_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static inline unsigned char *put_key(unsigned char *to, const char *key) {
    size_t length = strlen(key);
    *to++ = (unsigned char)(length >> 8);
    *to++ = (unsigned char)length;
    memcpy(to, key, length);
    return to + length;
}

static inline unsigned char *put_string(unsigned char *to, const char *text) {
    *to++ = 2;
    return put_key(to, text);
}

static inline unsigned char *put_number(unsigned char *to, double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    *to++ = 0;
    for (int shift = 56; shift >= 0; shift -= 8) *to++ = (unsigned char)(bits >> shift);
    return to;
}

static inline unsigned char *put_boolean(unsigned char *to, bool value) {
    *to++ = 1;
    *to++ = value;
    return to;
}

static inline unsigned char *put_null(unsigned char *to) {
    *to++ = 5;
    return to;
}

static inline unsigned char *put_object_end(unsigned char *to) {
    memcpy(to, "\0\0\x09", 3);
    return to + 3;
}

/// The beginning of a command: its name and the number of its transaction.
static inline unsigned char *put_command(unsigned char *to, const char *name, double transaction) {
    return put_number(put_string(to, name), transaction);
}

static inline double number_at(const unsigned char *from) {
    uint64_t bits = 0;
    double value;
    for (int i = 0; i < 8; i++) bits = bits << 8 | from[i];
    memcpy(&value, &bits, sizeof value);
    return value;
}

/// What a command begins with; its arguments begin at `arguments`. False when it is none.
static inline bool read_command(
    const unsigned char *from, size_t length, char name[32], double *transaction, size_t *arguments) {
    if (length < 3 || from[0] != 2) return false;
    size_t text = (size_t)from[1] << 8 | from[2];
    if (text > 31 || length < 3 + text + 9 || from[3 + text] != 0) return false;
    memcpy(name, from + 3, text);
    name[text] = 0;
    *transaction = number_at(from + 4 + text);
    *arguments = 3 + text + 9;
    return true;
}

/// The text of a field, wherever in the command it stands; empty when there is none.
static inline void read_field(const unsigned char *from, size_t length, const char *field, char *text, size_t room) {
    char wanted[32];
    size_t key = strlen(field);
    text[0] = 0;
    wanted[0] = 0;
    wanted[1] = (char)key;
    memcpy(wanted + 2, field, key);
    wanted[2 + key] = 2;
    const unsigned char *found = memmem(from, length, wanted, key + 3);
    if (!found) return;
    found += key + 3;
    size_t left = (size_t)(from + length - found), size = left < 2 ? 0 : (size_t)found[0] << 8 | found[1];
    if (size + 2 <= left) snprintf(text, room, "%.*s", (int)size, (const char *)found + 2);
}

#endif
