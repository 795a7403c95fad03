/// Options of the form `--name value`; every one has a default or is required.
#ifndef LOAD_OPTIONS_H
#define LOAD_OPTIONS_H

#include "dialogue.h"

/// The text after `--name`, or `otherwise`, which is NULL for a required option.
static inline const char *text_option(int argc, char **argv, const char *name, const char *otherwise) {
    for (int i = 1; i + 1 < argc; i++)
        if (strncmp(argv[i], "--", 2) == 0 && strcmp(argv[i] + 2, name) == 0) return argv[i + 1];
    if (!otherwise) fail("--%s is missing", name);
    return otherwise;
}

/// The number after `--name`, from `low` to `high`.
static inline long number_option(int argc, char **argv, const char *name, const char *otherwise, long low, long high) {
    const char *text = text_option(argc, argv, name, otherwise);
    char *end;
    errno = 0;
    long value = strtol(text, &end, 10);
    if (errno || end == text || *end || value < low || value > high)
        fail("--%s: \"%s\" is not a number from %ld to %ld", name, text, low, high);
    return value;
}

#endif
