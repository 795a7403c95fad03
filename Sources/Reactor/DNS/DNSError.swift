/// Why a name has no addresses.
package enum DNSError: Error, Equatable, Sendable {
    /// Not a host name by RFC 1123 §2.1, underscores allowed; nobody was asked.
    case invalidName
    /// There is no such name, or it has no address.
    case notFound
    /// The name servers could not be reached or could not say: try again later.
    case temporary
    /// The system's resolver failed for a reason of its own; its `EAI_` code.
    case failed(CInt)
    /// No answer within `Resolver.Limits.timeout`.
    case timeout
    /// As many names as may wait are waiting, or every thread is stuck.
    case overloaded
    /// The caller gave up.
    case cancelled
    /// The resolver or the caller's loop has ended.
    case shutDown
}
