import Bytes
import TestKit

@testable import Reactor

/// A relay as the proxy needs it: clients speak to one port, each has a connected socket of its own to the origin.
final class FlowRelay: UDPHandler {
    let origin: SocketAddress
    let options: UDPOptions
    private(set) var flows: [SocketAddress: UDPSocket] = [:]

    init(origin: SocketAddress, options: UDPOptions) {
        self.origin = origin
        self.options = options
    }

    func received(_ datagrams: DatagramBatch, on socket: UDPSocket) {
        if let flow = flows[datagrams.peer] { return flow.forward(datagrams) }
        let back = FlowBack(front: socket, client: datagrams.peer)
        guard let flow = try? UDPSocket.connect(to: origin, on: socket.loop, options: options, handler: back) else {
            return
        }
        flows[datagrams.peer] = flow
        flow.forward(datagrams)
    }
}

/// The way back to one client.
private final class FlowBack: UDPHandler {
    let front: UDPSocket
    let client: SocketAddress

    init(front: UDPSocket, client: SocketAddress) {
        self.front = front
        self.client = client
    }

    func received(_ datagrams: DatagramBatch, on socket: UDPSocket) { front.forward(datagrams, to: client) }
}

/// Sends everything back to where it came from, in its class, and notes how large batches were.
final class Echo: UDPHandler {
    private(set) var largestBatch = 0

    func received(_ datagrams: DatagramBatch, on socket: UDPSocket) {
        largestBatch = max(largestBatch, datagrams.count)
        socket.forward(datagrams, to: datagrams.peer)
    }
}

/// One client: sends bursts of numbered datagrams, the next when the one before has come back whole, and checks every
/// byte, the order and the class of what comes back.
final class BurstClient: UDPHandler {
    static let burst = 8

    let flow: Int
    let trafficClass: TrafficClass
    let bursts: Int
    let log: EventLog<String>
    private var expected = 0
    private var sent = 0

    init(flow: Int, bursts: Int, log: EventLog<String>) {
        self.flow = flow
        self.bursts = bursts
        self.log = log
        trafficClass = TrafficClass(dscp: UInt8(flow % 8) << 3, ecn: flow % 2 == 0 ? .capable0 : .notCapable)
    }

    /// Sizes change from burst to burst, and the last datagram of each is an odd one.
    private func datagram(_ number: Int) -> [UInt8] {
        let (burst, place) = number.quotientAndRemainder(dividingBy: Self.burst)
        let size = 200 + (burst * 97 + flow * 13) % 1_000
        let header = [flow, number >> 8, number].map { UInt8(truncatingIfNeeded: $0) }
        return header + pattern(flow + number, place == Self.burst - 1 ? size / 2 : size)
    }

    func sendBurst(on socket: UDPSocket) {
        for _ in 0..<Self.burst {
            socket.send(datagram(sent).rawSpan, trafficClass: trafficClass)
            sent += 1
        }
    }

    func received(_ datagrams: DatagramBatch, on socket: UDPSocket) {
        for position in 0..<datagrams.count {
            guard Array(copying: datagrams[position]) == datagram(expected) else {
                return log.append("flow \(flow): datagram \(expected) came wrong, late or not at all")
            }
            guard datagrams.trafficClass == trafficClass else {
                return log.append("flow \(flow): class \(datagrams.trafficClass) instead of \(trafficClass)")
            }
            expected += 1
        }
        guard expected == sent else { return }
        if sent == bursts * Self.burst { log.append("done") } else { sendBurst(on: socket) }
    }

    func failed(_ error: SystemError, on socket: UDPSocket) { log.append("flow \(flow): \(error)") }
}
