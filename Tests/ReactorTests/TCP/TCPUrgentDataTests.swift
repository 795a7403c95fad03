import Bytes
import Glibc
import TestKit
import Testing

@testable import Reactor

@Suite("Urgent data on a TCPConnection")
struct TCPUrgentDataTests {
    let group: LoopGroup
    let server = EventLog<Seen>()

    init() throws { group = try LoopGroup(count: 1) }

    @Test("urgent data is read like any other, and what is behind it as well")
    func urgent() async throws {
        defer { group.shutdown() }
        let address = try await group.listen(server)
        let peer = try Socket.connected(to: address)
        defer { peer.close() }
        for (text, flags) in [("ab", 0), ("c", CInt(MSG_OOB)), ("d", 0), ("ef", CInt(MSG_OOB)), ("g", 0)] {
            let bytes = Array(text.utf8)
            #expect(send(peer.descriptor, bytes, bytes.count, flags | CInt(MSG_NOSIGNAL)) == bytes.count)
        }
        shutdown(peer.descriptor, CInt(SHUT_WR))
        #expect(try await server.waitForEnd() == .closed)
        #expect(server.text == "abcdefg")
    }

    @Test("urgent data that comes between two reads does not hide what follows")
    func urgentBetweenReads() async throws {
        defer { group.shutdown() }
        let address = try await group.listen(server, .echo)
        let peer = try Socket.connected(to: address)
        defer { peer.close() }
        var answer = [UInt8](repeating: 0, count: 16)
        for round in 0..<20 {
            let bytes = Array("round".utf8)
            let flags = round.isMultiple(of: 2) ? CInt(MSG_OOB) : 0
            #expect(send(peer.descriptor, bytes, bytes.count, flags | CInt(MSG_NOSIGNAL)) == bytes.count)
            #expect(recv(peer.descriptor, &answer, bytes.count, CInt(MSG_WAITALL)) == bytes.count)
        }
    }
}
