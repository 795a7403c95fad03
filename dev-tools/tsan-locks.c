// Makes ThreadSanitizer and the locks of the Swift runtime work together. Preloaded, this stands before functions of
// the runtime and of libc. Real races are found as before. Only for `./dev test`.
//
// - The runtime library is not instrumented, and a contended Synchronization.Mutex is handed over inside the kernel
//   (FUTEX_LOCK_PI), so the sanitizer would report races between accesses that the Mutex has ordered. That order is told.
// - Once it knows of the sanitizer, the runtime takes a lock in every swift_once, also for its own caches of types, which
//   generic code asks all the time. Handed over by the kernel from thread to thread, a switch for every look into a
//   cache, it made tests stand still for minutes. Locks are held for moments: they are asked again before the kernel is.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <linux/futex.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

// Swift passes `self` of a method in a register of its own.
#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context))

// Weak: the preload also reaches programs without the sanitizer.
void __tsan_acquire(void *address) __attribute__((weak));
void __tsan_release(void *address) __attribute__((weak));

#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define TRY_LOCK "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

SWIFT void lock_slow(uint32_t thread, SELF void *mutex) __asm__(LOCK);
SWIFT bool try_lock_slow(SELF void *mutex) __asm__(TRY_LOCK);
SWIFT void unlock_slow(SELF void *mutex) __asm__(UNLOCK);

SWIFT void lock_slow(uint32_t thread, SELF void *mutex) {
    SWIFT void (*original)(uint32_t, SELF void *) = dlsym(RTLD_NEXT, LOCK);
    original(thread, mutex);
    if (__tsan_acquire) __tsan_acquire(mutex);
}

SWIFT bool try_lock_slow(SELF void *mutex) {
    SWIFT bool (*original)(SELF void *) = dlsym(RTLD_NEXT, TRY_LOCK);
    bool locked = original(mutex);
    if (locked && __tsan_acquire) __tsan_acquire(mutex);
    return locked;
}

SWIFT void unlock_slow(SELF void *mutex) {
    SWIFT void (*original)(SELF void *) = dlsym(RTLD_NEXT, UNLOCK);
    if (__tsan_release) __tsan_release(mutex);
    original(mutex);
}

// How often a lock is asked before the kernel queues the thread for it.
enum { TRIES = 1000 };

// Whether the futex came free and is this thread's now, as FUTEX_LOCK_PI would have made it.
static bool take(uint32_t *futex) {
    uint32_t thread = (uint32_t)gettid();
    for (int i = 0; i < TRIES; i++) {
        uint32_t free = 0;
        if (__atomic_compare_exchange_n(futex, &free, thread, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) return true;
        // Its owner has others to wake: the kernel decides who is next.
        if (free & FUTEX_WAITERS) sched_yield();
    }
    return false;
}

long syscall(long number, ...) {
    static long (*original)(long, ...);
    va_list list;
    va_start(list, number);
    long a = va_arg(list, long), b = va_arg(list, long), c = va_arg(list, long);
    long d = va_arg(list, long), e = va_arg(list, long), f = va_arg(list, long);
    va_end(list);
    if (number == SYS_futex && (b & FUTEX_CMD_MASK) == FUTEX_LOCK_PI && take((uint32_t *)a)) return 0;
    if (!original) original = dlsym(RTLD_NEXT, "syscall");
    return original(number, a, b, c, d, e, f);
}
