/* Linux system calls that Swift's Glibc module cannot show: they need _GNU_SOURCE, which must not reach an imported
 * header, or are not wrapped by glibc 2.36. Thin wrappers only; the errno convention is the system's own. */
#ifndef CLINUX_H
#define CLINUX_H

/* What the headers below share with Swift's Glibc module stays that module's: otherwise a type or constant belongs to
 * whichever of the two a build happens to load first, and files that import only the other do not see it. */
#ifdef __swift__
#pragma clang module import SwiftGlibc
#endif

#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>

#include "clinux_process.h"
#include "clinux_udp.h"

/* accept4 with SOCK_NONBLOCK | SOCK_CLOEXEC. */
int clinux_accept(int fd, struct sockaddr *address, socklen_t *length);

/* epoll_ctl with the 64-bit tag that epoll_wait gives back. */
int clinux_epoll_add(int epoll, int fd, uint32_t events, uint64_t tag);

/* Changes what epoll watches a descriptor for; the tag is given anew. */
int clinux_epoll_change(int epoll, int fd, uint32_t events, uint64_t tag);

/* epoll_wait with a timeout in nanoseconds, -1 for ever; before Linux 5.11 it is rounded up to milliseconds. */
int clinux_epoll_wait(int epoll, struct epoll_event *events, int maximum, int64_t nanoseconds);

/* Opens a path that must stay below `directory`, whatever symbolic links it meets: EXDEV where it would leave. Links of
 * /proc are not followed. */
int clinux_open_beneath(int directory, const char *path, int flags);

/* A name for the calling thread, at most 15 bytes, as `top -H` and `perf` show it. */
void clinux_name_thread(const char *name);

/* How many processors the calling thread may run on. */
int clinux_usable_processors(void);

/* Binds the calling thread to one core. */
int clinux_pin_thread(int core);

/* The words for an errno value; a string that lives as long as the program, never NULL. */
const char *clinux_error_text(int code);

#endif
