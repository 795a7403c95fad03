import Bytes
import CLinux
import TestKit
import Testing

@testable import Reactor

@Suite("UDP relay", .serialized)
struct UDPRelayTests {
    struct Case: CustomTestStringConvertible {
        let testDescription: String
        var clientsGroup = true
        var relayGroups = true
        var relayGroupsInput = true
        var address = SocketAddress.loopback(port: 0)
        var interval = Duration.milliseconds(1)
        /// Whether batches come out of the relay.
        var groupsOut = true
    }

    static let cases = [
        Case(testDescription: "grouped in, grouped out"),
        Case(testDescription: "grouped in, grouped out, IPv6", address: .loopback6(port: 0)),
        Case(testDescription: "grouped in, grouped out, dual stack", address: SocketAddress("[::]:0")!),
        Case(testDescription: "single in, grouped out", clientsGroup: false),
        Case(testDescription: "cut in, grouped out", relayGroupsInput: false),
        Case(testDescription: "grouped in, single out", relayGroups: false, groupsOut: false),
        Case(testDescription: "single in, single out", clientsGroup: false, relayGroups: false, groupsOut: false),
        Case(testDescription: "nothing gathered over time", interval: .zero),
    ]

    private static let flows = 10
    private static let bursts = 60

    @Test("every flow comes through whole, in order and in its class", arguments: cases)
    func relay(_ example: Case) async throws {
        var limits = LoopLimits()
        limits.datagramInterval = example.interval
        let group = try LoopGroup(count: 2, limits: limits)
        defer { group.shutdown() }
        let log = EventLog<String>()

        let (origin, echo) = try await group.onLoop(1) { loop in
            let echo = Echo()
            let local = example.address.isIPv6 ? SocketAddress.loopback6(port: 0) : .loopback(port: 0)
            let socket = try UDPSocket.bind(local, on: loop, options: UDPOptions(), handler: echo)
            return (socket.localAddress, OnLoop(value: echo))
        }
        let (front, relay) = try await group.onLoop { loop in
            let options = UDPOptions(groupsInput: example.relayGroupsInput, groupsOutput: example.relayGroups)
            let relay = FlowRelay(origin: origin, options: options)
            let socket = try UDPSocket.bind(example.address, on: loop, options: options, handler: relay)
            return (socket.localAddress, OnLoop(value: (relay, socket)))
        }
        let target = front.isWildcard ? SocketAddress.loopback(port: front.port) : front
        try await group.onLoop(1) { loop in
            for flow in 0..<Self.flows {
                let client = BurstClient(flow: flow, bursts: Self.bursts, log: log)
                let options = UDPOptions(groupsOutput: example.clientsGroup)
                client.sendBurst(on: try UDPSocket.connect(to: target, on: loop, options: options, handler: client))
            }
        }
        let events = try await log.wait(for: "all flows or a mistake", within: .seconds(60)) { events in
            events.count == Self.flows || events.contains { $0 != "done" }
        }
        #expect(events == Array(repeating: "done", count: Self.flows))
        let total = UInt64(Self.flows * Self.bursts * BurstClient.burst)
        try await group.onLoop { loop in
            let (relay, socket) = relay.value
            #expect(relay.flows.count == Self.flows)
            #expect(socket.counters.datagramsReceived == total && socket.counters.datagramsSent == total)
            #expect(socket.counters.droppedOutput + socket.counters.refusedOutput + socket.counters.kernelDrops == 0)
        }
        try await group.onLoop(1) { _ in
            let batch = echo.value.largestBatch
            // Datagrams that come singly may also be read singly, so that there is nothing to group.
            if example.groupsOut && example.clientsGroup { #expect(batch > 1) }
            if !example.groupsOut { #expect(batch == 1) }
        }
    }
}
