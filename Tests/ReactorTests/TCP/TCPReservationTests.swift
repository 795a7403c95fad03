import Glibc
import TestKit
import Testing

@testable import Reactor

@Suite("TCPReservation")
struct TCPReservationTests {
    let group: LoopGroup
    let log = EventLog<Seen>()

    init() throws { group = try LoopGroup(count: 2) }

    @Test("port 0 is a free port, never the same twice, on which our loops may listen")
    func freePort() async throws {
        defer { group.shutdown() }
        let reservations = try (0..<50).map { _ in try TCPReservation(.loopback(port: 0)) }
        #expect(Set(reservations.map(\.address.port)).count == 50)
        for reservation in reservations {
            #expect(reservation.address.port != 0 && reservation.address.host == .v4(0x7F00_0001))
        }
        #expect(try await group.listen(log, on: reservations[0].address) == reservations[0].address)
        #expect(try await group.listen(log, on: reservations[0].address) == reservations[0].address)
    }

    @Test("what is held is refused to everybody else, until it is released or dropped")
    func held() throws {
        defer { group.shutdown() }
        let address: SocketAddress
        do {
            let reservation = try TCPReservation(.loopback(port: 0))
            address = reservation.address
            #expect(throws: SystemError("bind", EADDRINUSE)) { try TCPReservation(address) }
            reservation.release()
            let second = try TCPReservation(address)
            #expect(throws: SystemError("bind", EADDRINUSE)) { try TCPReservation(address) }
            _ = second.address
        }
        #expect(try TCPReservation(address).address == address, "dropped")
    }

    @Test("once it is released, our listeners get every connection, whatever a child that is being started holds")
    func handedOver() async throws {
        defer { group.shutdown() }
        let reservation = try TCPReservation(.loopback(port: 0))
        let copies = Socket.copies(on: reservation.address)
        defer { for copy in copies { copy.close() } }
        #expect(copies.count == 1)
        let address = try await group.listen(log, on: reservation.address)
        reservation.release()
        for count in 1...20 {
            try Socket.connected(to: address).close()
            try await log.wait(count: count)
        }
    }

    @Test("a port on which another listens is refused, though SO_REUSEPORT would let it in")
    func takenPort() async throws {
        defer { group.shutdown() }
        let taken = try await group.listen(log)
        let wildcard = SocketAddress(.v6(high: 0, low: 0, scope: 0), port: taken.port)
        for address in [taken, wildcard, SocketAddress(.v4(0), port: taken.port)] {
            #expect(throws: SystemError("bind", EADDRINUSE)) { try TCPReservation(address) }
        }
        #expect(
            try TCPReservation(.loopback6(port: taken.port)).address.port == taken.port, "the other family is free")
        #expect(try await group.listen(log, on: taken) == taken, "and another loop of ours may")
    }

    @Test("an address that is not this machine's is refused")
    func foreignAddress() throws {
        defer { group.shutdown() }
        let foreign = SocketAddress("192.0.2.1:0")!
        #expect(throws: SystemError("bind", EADDRNOTAVAIL)) { try TCPReservation(foreign) }
    }
}
