import Bytes
import TestKit
import Testing

@testable import Reactor

@Suite("The memory of a TCPConnection")
struct TCPMemoryTests {
    let group: LoopGroup

    init() throws { group = try LoopGroup(count: 1) }

    @Test("small pieces that wait take little more memory than they have bytes, over TLS too")
    func memory() async throws {
        defer { group.shutdown() }
        let log = EventLog<ChildSeen>()
        let recorder = try await group.start(Probe.scene("pieces"), log, pool: BlockingPool(name: "spawn"))
        #expect(try await log.waitForEnd(within: .seconds(120)) == .success(.code(0)))
        #expect(log.lines == ["measured"])
        _ = recorder
    }
}
