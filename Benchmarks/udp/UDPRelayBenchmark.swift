import Bytes
import Glibc
import Reactor

/// Relays datagrams between one port and one origin on one loop: what `bench udp` measures beside the plain relay of
/// Benchmarks/load/udp-relay-plain.c, whose topology it has. Every client address is a flow with a socket of its own
/// towards the origin.
@main
struct UDPRelayBenchmark {
    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 3, let port = UInt16(arguments[1]), let origin = UInt16(arguments[2]) else {
            print("usage: bench-udp PORT ORIGIN-PORT")
            exit(2)
        }
        let group = try LoopGroup(count: 1)
        group.handles[0].submit { loop in
            do throws(SystemError) {
                let relay = Relay(to: .loopback(port: origin), options: UDPOptions())
                _ = try UDPSocket.bind(.loopback(port: port), on: loop, options: relay.options, handler: relay)
            } catch {
                print("bench-udp: \(error)")
                exit(1)
            }
        }
        group.join()
    }
}

/// The clients' side: finds the flow of what comes in.
private final class Relay: UDPHandler {
    private static let maximumFlows = 4_096

    let options: UDPOptions
    private let origin: SocketAddress
    private var flows: [SocketAddress: UDPSocket] = [:]
    /// The flow of the last datagram: bursts come flow by flow.
    private var latest: (client: SocketAddress, upstream: UDPSocket)?

    init(to origin: SocketAddress, options: UDPOptions) {
        self.origin = origin
        self.options = options
    }

    func received(_ datagrams: DatagramBatch, on socket: UDPSocket) {
        if let latest, latest.client == datagrams.peer { return latest.upstream.forward(datagrams) }
        guard let upstream = flows[datagrams.peer] ?? open(for: datagrams.peer, on: socket) else { return }
        latest = (datagrams.peer, upstream)
        upstream.forward(datagrams)
    }

    private func open(for client: SocketAddress, on downstream: UDPSocket) -> UDPSocket? {
        guard flows.count < Self.maximumFlows else { return nil }
        let flow = Flow(of: client, on: downstream)
        let upstream = try? UDPSocket.connect(to: origin, on: downstream.loop, options: options, handler: flow)
        flows[client] = upstream
        return upstream
    }
}

/// The origin's side of one flow.
private final class Flow: UDPHandler {
    private let client: SocketAddress
    private let downstream: UDPSocket

    init(of client: SocketAddress, on downstream: UDPSocket) {
        self.client = client
        self.downstream = downstream
    }

    func received(_ datagrams: DatagramBatch, on socket: UDPSocket) { downstream.forward(datagrams, to: client) }
}
