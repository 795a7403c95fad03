import Bytes

/// The TLS side of a connection: the engine, and plaintext that waits for it.
///
/// The socket sees ciphertext, the handler plaintext. Plaintext waits only while the handshake is under way or between
/// `enqueue` and `flush`; it counts against the connection's bounds like output that waits for the socket.
final class TCPSecurity {
    let engine: TLSEngine
    private var waiting = OutputQueue()

    var waitingBytes: Int { waiting.byteCount }

    init(_ engine: TLSEngine) { self.engine = engine }

    func wait(_ bytes: SharedBytes) { waiting.append(bytes) }
    func wait(copying bytes: RawSpan) { waiting.append(copying: bytes) }
    func takeWaiting() -> [SharedBytes] { waiting.takeAll() }
}

/// The TLS end that a connection shall be.
package enum TCPSecurityRole {
    case none
    case server(TLSServerContext)
    /// A client that expects the peer to be `serverName`, a host name or an address.
    case client(TLSClientContext, serverName: String)

    func makeSecurity() throws(TLSError) -> TCPSecurity? {
        switch self {
        case .none: nil
        case .server(let context): TCPSecurity(try TLSEngine(server: context))
        case .client(let context, let name): TCPSecurity(try TLSEngine(client: context, serverName: name))
        }
    }
}
