import Bytes
import Reactor

/// Relays TCP connections to one origin on one loop: what `bench relay-tcp` measures beside haproxy.
@main
struct TCPRelayBenchmark {
    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 3, let port = UInt16(arguments[1]), let origin = UInt16(arguments[2]) else {
            print("usage: bench-relay-tcp PORT ORIGIN-PORT")
            return
        }
        let group = try LoopGroup(count: 1)
        group.handles[0].submit { loop in
            do {
                let acceptor = Relays(to: .loopback(port: origin), on: loop)
                _ = try TCPListener(.loopback(port: port), on: loop, options: acceptor.options, acceptor: acceptor)
            } catch {
                print("bench-relay-tcp: \(error)")
            }
        }
        group.join()
    }
}

private final class Relays: TCPAcceptor {
    let options = TCPOptions()
    private let origin: SocketAddress
    private let loop: EventLoop

    init(to origin: SocketAddress, on loop: EventLoop) {
        self.origin = origin
        self.loop = loop
    }

    func accepted(_ connection: TCPConnection, from peer: SocketAddress) -> (any TCPHandler)? {
        let downstream = Leg()
        let upstream = Leg()
        guard
            let other = try? TCPConnection.connect(to: origin, on: loop, options: options, handler: upstream)
        else { return nil }
        downstream.other = other
        upstream.other = connection
        return downstream
    }
}

/// One side of a relay: what it receives goes out of the other, which holds it back when it has enough.
private final class Leg: TCPHandler {
    var other: TCPConnection?

    func received(_ bytes: RawSpan, on connection: TCPConnection) { other?.write(bytes) }
    func outputBlocked(_ connection: TCPConnection) { other?.pauseReading() }
    func outputDrained(_ connection: TCPConnection) { other?.resumeReading() }
    func peerFinished(_ connection: TCPConnection) { other?.finishOutput() }

    func closed(_ connection: TCPConnection, _ reason: TCPCloseReason) {
        other?.close()
        other = nil
    }
}
