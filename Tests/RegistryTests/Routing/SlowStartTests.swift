import Bytes
import Registry
import TestKit
import Testing

@Suite("SlowStart")
struct SlowStartTests {
    private typealias S = Samples

    @Test("grows evenly from a tenth to the whole")
    func golden() {
        let slowStart = SlowStart()
        let parts = [0, 10, 15, 20, 29.99, 30, 1_000].map { slowStart.part(since: S.at(0), at: S.at($0)) }
        #expect(parts == [100, 399, 549, 699, 999, 1_000, 1_000])
        #expect(slowStart.part(since: nil, at: S.at(0)) == 1_000, "it always was there")
        #expect(slowStart.part(since: S.at(5), at: S.at(0)) == 100, "clocks of two threads differ")
        #expect(SlowStart(time: .zero).part(since: S.at(0), at: S.at(0)) == 1_000)
        #expect(SlowStart(time: .seconds(-1)).part(since: S.at(0), at: S.at(0)) == 1_000)
    }

    @Test("never falls, and stays within its bounds, whatever the time it has")
    func monotone() {
        var random = SplitMix(seed: 1)
        for _ in 0..<200 {
            let slowStart = SlowStart(time: .nanoseconds(Int64(random.next() % 4_000_000_000_000)))
            var last: UInt32 = 0
            for step in 0...200 {
                let now = S.at(0) + slowStart.time * step / 199
                let part = slowStart.part(since: S.at(0), at: now)
                #expect(part >= last && (100...1_000).contains(part))
                last = part
            }
            #expect(last == 1_000)
        }
    }
}
