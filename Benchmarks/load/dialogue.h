/// How a load or a timer program talks to the harness, one line each way:
///
///     ready                    everything is connected or armed, and idle
///                 go           (from the harness) do the work
///     done key=value …         the work is over, all of it was checked, everything is idle again
///                 (end of input: leave)
///
/// or, at any time, `failed: reason` and exit status 1. Between `ready` and `done` lies exactly the work that
/// is charged to the server.
#ifndef LOAD_DIALOGUE_H
#define LOAD_DIALOGUE_H

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/// Prints one line for the harness.
__attribute__((format(printf, 1, 2))) static inline void say(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
    fflush(stdout);
}

/// Says why the work was not done, and ends the program.
__attribute__((format(printf, 1, 2), noreturn)) static inline void fail(const char *format, ...) {
    va_list arguments;
    printf("failed: ");
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
    fflush(stdout);
    exit(1);
}

/// Like `fail`, for a system call that failed.
__attribute__((noreturn)) static inline void fail_call(const char *call) {
    fail("%s: %s", call, strerror(errno));
}

/// Waits for the line `word`; the program ends quietly when the harness has gone away.
static inline void wait_for(const char *word) {
    char line[64];
    if (!fgets(line, sizeof line, stdin)) exit(0);
    line[strcspn(line, "\n")] = 0;
    if (strcmp(line, word) != 0) fail("expected \"%s\" on the input, got \"%s\"", word, line);
}

/// Holds everything open until the harness closes the input.
static inline void wait_for_end(void) {
    char line[64];
    while (fgets(line, sizeof line, stdin)) {}
}

#endif
