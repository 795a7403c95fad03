import Bytes
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
