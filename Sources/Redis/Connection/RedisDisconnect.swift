package import Reactor

/// Why a connection ended, or did not come about.
package enum RedisDisconnect: Error, Equatable, Sendable {
    case unreachable(TCPConnectError)
    /// The opening exchange, or a subscription, was refused.
    case refused(RedisError)
    /// The oldest command has waited for so long.
    case late(Duration)
    /// What came is no reply that may be.
    case malformed(RedisReader.Failure)
    /// An answer came, and nobody had asked.
    case unasked
    /// The server has ended it.
    case ended
    case broken(TCPCloseReason)
    /// Nobody says where to connect.
    case nowhere(Unknown)
    /// The server is no primary, or no longer.
    case notPrimary
    /// The owner has ended it.
    case stopped

    /// What nobody knows who was asked.
    package enum Unknown: Equatable, Sendable {
        /// Who could be asked.
        case address
        /// The sentinels: a primary of this name.
        case primary(String)
        /// The nodes of the cluster: who has which slot.
        case slots
        /// The same, of some slots.
        case someSlots
    }

    /// Whether the loop has ended, so that nothing new shall begin.
    var isShutdown: Bool { self == .broken(.shutdown) || self == .unreachable(.shutDown) }
}

extension RedisDisconnect: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unreachable(let error): "unreachable: \(error)"
        case .refused(let error): "refused: \(error)"
        case .late(let duration): "no answer in \(duration)"
        case .malformed(let failure): "malformed reply: \(failure)"
        case .unasked: "an answer that nobody asked for"
        case .ended: "the server has ended the connection"
        case .broken(let reason): "broken: \(reason)"
        case .nowhere(.address): "nobody knows where to connect"
        case .nowhere(.primary(let name)): "no sentinel knows a primary called \"\(name)\""
        case .nowhere(.slots): "no node of the cluster knows who has its slots"
        case .nowhere(.someSlots): "some slots of the cluster are nobody's"
        case .notPrimary: "the server is not the primary"
        case .stopped: "stopped"
        }
    }
}
