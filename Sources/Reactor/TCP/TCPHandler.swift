/// What happens on a TCP connection, told to its owner on the loop.
///
/// Order: `connected` once, then any number of the middle ones, then `closed` once and nothing more. `closed` never
/// comes from inside a call that the handler itself makes on the connection.
package protocol TCPHandler: AnyObject {
    /// Bytes can flow: a connect has succeeded, and the TLS handshake where there is one. An accepted plain connection
    /// is connected from the start and is not told.
    func connected(_ connection: TCPConnection)

    /// Bytes from the peer. They lie in the loop's scratch memory: copy what is needed after the call.
    func received(_ bytes: RawSpan, on connection: TCPConnection)

    /// The peer has sent its last byte. Writing still works until `close`.
    func peerFinished(_ connection: TCPConnection)

    /// More output is waiting than the high watermark: write no more until `outputDrained`.
    func outputBlocked(_ connection: TCPConnection)

    /// Output has fallen to the low watermark.
    func outputDrained(_ connection: TCPConnection)

    /// The owner's own deadline (`TCPConnection.deadline`) has passed; it has been cleared.
    func deadlinePassed(_ connection: TCPConnection)

    /// The connection is gone, and why. The connection drops its reference to the handler afterwards.
    func closed(_ connection: TCPConnection, _ reason: TCPCloseReason)
}

extension TCPHandler {
    package func connected(_ connection: TCPConnection) {}
    package func peerFinished(_ connection: TCPConnection) { connection.close() }
    package func outputBlocked(_ connection: TCPConnection) {}
    package func outputDrained(_ connection: TCPConnection) {}
    package func deadlinePassed(_ connection: TCPConnection) { connection.abort(.timeout(.owner)) }
}

/// Why a connection ended.
package enum TCPCloseReason: Error, Equatable, Sendable {
    package enum Timeout: Equatable, Sendable {
        case handshake, idle, write, owner
    }

    /// Closed by this side, everything written was sent.
    case closed
    /// Given up by this side.
    case aborted
    /// The peer broke the connection off.
    case reset
    case timeout(Timeout)
    /// The owner wrote beyond `maximumOutput`.
    case outputOverflow
    case failed(SystemError)
    /// TLS was not agreed on, or was broken.
    case tls(TLSError)
    /// The loop ended.
    case shutdown
}
