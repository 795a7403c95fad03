import Bytes
import Glibc
import Reactor
import Registry
import Testing

@Suite("ServiceCondition")
struct ServiceConditionTests {
    private typealias S = Samples

    @Test("one that is full is believed for about three seconds, and then one session after the other asks again")
    func fullness() {
        for draw in [0, 256, 512, .max] as [UInt64] {
            var condition = ServiceCondition()
            condition.rejected(at: S.at(0), draw: draw)
            #expect(condition.isFull(at: S.at(2.2)) && !condition.isFull(at: S.at(3.8)))
            #expect(!condition.isOut(at: S.at(0)) && !condition.isFailing, "it is well")
            let isAdmitted = condition.admit(at: S.at(1))
            #expect(isAdmitted && condition.isFull(at: S.at(1.5)))
            let asks = condition.admit(at: S.at(4))
            #expect(asks, "the one that asks")
            #expect(condition.isFull(at: S.at(4.9)) && !condition.isFull(at: S.at(5)))
            condition.rejected(at: S.at(5), draw: draw)
            #expect(condition.isFull(at: S.at(7)))
            condition.accepted(at: S.at(8))
            #expect(!condition.isFull(at: S.at(8)) && condition.isUnremarkable(at: S.at(8), SlowStart()))
        }
    }

    @Test("why it is out is the latest reason, since the first, until it is tried again; and nothing once it answers")
    func failure() throws {
        var condition = ServiceCondition()
        #expect(condition.failure == nil)
        let isNews = condition.failed(.refused, at: S.at(0), draw: 256)
        let first = try #require(condition.failure)
        #expect(isNews && first.fault == .refused && first.count == 1)
        #expect(first.since == S.at(0) && (S.at(0.99)...S.at(1)).contains(first.retry))
        _ = condition.failed(.silent, at: S.at(0.5), draw: 256)
        #expect(condition.failure == first, "it was under way")
        let isTried = condition.admit(at: S.at(2))
        #expect(isTried && condition.failure?.retry == S.at(17), "when that is forgotten")
        _ = condition.failed(.silent, at: S.at(3), draw: 256)
        let second = try #require(condition.failure)
        #expect(second.fault == .silent && second.count == 2)
        #expect(second.since == S.at(0) && (S.at(4.99)...S.at(5)).contains(second.retry))
        condition.reached(at: S.at(6))
        #expect(condition.failure == nil)
        condition.doubted()
        #expect(condition.failure == nil)
        _ = condition.failed(.closed, at: S.at(9), draw: 256)
        #expect(condition.failure?.since == S.at(9) && condition.failure?.count == 1)
    }

    @Test(
        "what a connection has shown has a name",
        arguments: [
            (.resolution(.notFound), .unresolved), (.noAddress, .unresolved), (.timeout([]), .slowConnection),
            (.failed([]), .unreachable), (.cancelled, .unreachable),
        ] as [(TCPConnectError, ServiceFault)])
    func faults(error: TCPConnectError, fault: ServiceFault) { #expect(ServiceFault(error) == fault) }

    @Test(
        "and so has the end of one",
        arguments: [
            (.failed(SystemError("connect", ECONNREFUSED)), .refused),
            (.failed(SystemError("connect", ECONNRESET)), .reset),
            (.failed(SystemError("connect", EHOSTUNREACH)), .unreachable), (.reset, .reset),
            (.timeout(.handshake), .slowConnection), (nil, .unreachable),
        ] as [(TCPCloseReason?, ServiceFault)])
    func ends(reason: TCPCloseReason?, fault: ServiceFault) { #expect(ServiceFault(reason) == fault) }

    @Test("what is forgotten: a refusal after a while, a return when it has its whole share, a failure never")
    func forgetting() {
        var condition = ServiceCondition()
        #expect(condition.isUnremarkable(at: S.at(0), SlowStart()))
        condition.rejected(at: S.at(0), draw: 0)
        #expect(!condition.isUnremarkable(at: S.at(20), SlowStart()))
        #expect(condition.isUnremarkable(at: S.at(40), SlowStart()))
        condition = S.out(at: S.at(0))
        #expect(condition.isOut(at: S.at(0.5)) && !condition.isUnremarkable(at: S.at(10_000), SlowStart()))
        condition.reached(at: S.at(100))
        #expect(condition.recovered == S.at(100) && !condition.isFailing)
        condition.reached(at: S.at(110))
        #expect(condition.recovered == S.at(100), "it came back once")
        #expect(!condition.isUnremarkable(at: S.at(129), SlowStart()))
        #expect(condition.isUnremarkable(at: S.at(130), SlowStart()))
        condition.doubted()
        #expect(!condition.isUnremarkable(at: S.at(130), SlowStart()))
        condition.reached(at: S.at(131))
        #expect(condition.recovered == S.at(100), "a doubt is no failure")
    }
}
