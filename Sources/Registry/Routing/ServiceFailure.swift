package import Bytes
import Glibc
package import Reactor

/// What an attempt to use a service of an origin has shown, for operators.
package enum ServiceFault: String, Sendable, Equatable, CaseIterable {
    /// The name of the origin's host has no address, or nobody could say.
    case unresolved = "its name has no address"
    case refused = "the connection was refused"
    case reset = "the connection was reset"
    /// There is no way there, or no room for another connection here.
    case unreachable = "no connection came about"
    case slowConnection = "the connection timed out"
    case tls = "TLS was not agreed on"
    case silent = "it has not answered in time"
    case closed = "the connection was closed before an answer"
    /// What it has answered is not the protocol.
    case malformed = "its answer cannot be understood"

    package init(_ error: TCPConnectError) {
        switch error {
        case .resolution, .noAddress: self = .unresolved
        case .failed(let attempts): self.init(attempts.last?.reason)
        case .timeout: self = .slowConnection
        case .cancelled, .shutDown: self = .unreachable
        }
    }

    /// Why a connection did not come about; nil is not known.
    package init(_ reason: TCPCloseReason?) {
        switch reason {
        case .reset: self = .reset
        case .timeout: self = .slowConnection
        case .tls: self = .tls
        case .failed(let error):
            switch error.code {
            case ECONNREFUSED: self = .refused
            case ECONNRESET: self = .reset
            case ETIMEDOUT: self = .slowConnection
            default: self = .unreachable
            }
        case .closed, .aborted, .outputOverflow, .shutdown, nil: self = .unreachable
        }
    }
}

/// Why a service of an origin is out.
package struct ServiceFailure: Sendable, Equatable {
    /// The latest.
    package let fault: ServiceFault
    /// Attempts that failed in a row; those that were under way when it went out count as one.
    package let count: Int
    /// When the first of them failed.
    package let since: Instant
    /// When it may be tried again; past where it may be by now.
    package internal(set) var retry: Instant
}
