import COpenSSL
import Synchronization

/// The last session with each server, for a client to resume.
///
/// At most `maximum`; beyond that the least recently used is dropped. OpenSSL changes a session while a connection uses
/// it, so that what is kept here and what is handed out are always copies.
final class TLSSessionCache: Sendable {
    /// A session that no connection uses.
    private final class Kept: @unchecked Sendable {
        // Safe: a session of its own, never changed after this; copying it only reads.
        let pointer: OpaquePointer

        init?(copying session: OpaquePointer) {
            guard let copy = SSL_SESSION_dup(session) else { return nil }
            pointer = copy
        }

        deinit { SSL_SESSION_free(pointer) }
    }

    private struct Entries {
        var byServer: [String: (session: Kept, lastUse: UInt64)] = [:]
        var uses: UInt64 = 0
    }

    let maximum: Int
    private let entries = Mutex(Entries())

    init(maximum: Int) { self.maximum = maximum }

    var count: Int { entries.withLock { $0.byServer.count } }

    /// Keeps a copy of `session` as the last one with `server`.
    func store(_ session: OpaquePointer, for server: String) {
        guard maximum > 0, let kept = Kept(copying: session) else { return }
        entries.withLock { entries in
            if entries.byServer[server] == nil, entries.byServer.count >= maximum {
                let oldest = entries.byServer.min { $0.value.lastUse < $1.value.lastUse }
                if let oldest { entries.byServer[oldest.key] = nil }
            }
            entries.uses += 1
            entries.byServer[server] = (kept, entries.uses)
        }
    }

    /// Lets `ssl`, which has not begun, try to resume the last session with `server`.
    func offer(to ssl: OpaquePointer, for server: String) {
        let kept = entries.withLock { entries in
            entries.uses += 1
            entries.byServer[server]?.lastUse = entries.uses
            return entries.byServer[server]?.session
        }
        guard let kept, SSL_SESSION_is_resumable(kept.pointer) == 1, let copy = SSL_SESSION_dup(kept.pointer) else {
            return
        }
        SSL_set_session(ssl, copy)
        // The connection has its own reference now.
        SSL_SESSION_free(copy)
    }
}
