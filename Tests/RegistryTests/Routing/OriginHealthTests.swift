import Bytes
import Registry
import TestKit
import Testing

@Suite("OriginHealth")
struct OriginHealthTests {
    private typealias S = Samples
    /// No jitter.
    private static let middle: UInt64 = 256

    @Test("one failure puts it out at once, and after the pause one attempt decides")
    func trial() {
        var health = OriginHealth()
        #expect(health.standing(at: S.at(0)) == .good)
        #expect(health.admit(at: S.at(0)) == true)
        health.failed(at: S.at(0), draw: Self.middle)
        #expect(health.standing(at: S.at(0.999)) == .out)
        #expect(health.admit(at: S.at(0.999)) == false)
        #expect(health.standing(at: S.at(1)) == .due)
        #expect(health.admit(at: S.at(1)) == true, "this one tries")
        #expect(health.admit(at: S.at(1)) == false, "nobody else does")
        #expect(health.standing(at: S.at(2)) == .out)
        health.succeeded()
        #expect(health.standing(at: S.at(2)) == .good && health.failures == 0)
    }

    @Test("one that is doubted is used while one trial after the other is made, until one of them fails")
    func doubted() {
        var health = OriginHealth()
        #expect(!health.wantsTrial(at: S.at(0)))
        health.doubted()
        #expect(health.isDoubted && health.wantsTrial(at: S.at(0)))
        #expect(health.beginTrial(at: S.at(0)) == true)
        #expect(health.beginTrial(at: S.at(14.9)) == false)
        #expect(health.standing(at: S.at(1)) == .good)
        #expect(health.admit(at: S.at(1)) == true)
        health.doubted()
        #expect(health.beginTrial(at: S.at(14.9)) == false, "further doubts begin no further trials")
        #expect(health.beginTrial(at: S.at(15)) == true, "of the first nothing was heard")
        health.failed(at: S.at(16), draw: Self.middle)
        #expect(health.standing(at: S.at(16.9)) == .out && !health.isDoubted && health.failures == 1)
        health.doubted()
        #expect(health.standing(at: S.at(16.9)) == .out, "one that is out is not merely doubted")
        #expect(health.beginTrial(at: S.at(17)) == true)
        #expect(health.beginTrial(at: S.at(17)) == false)
        health.succeeded()
        #expect(health.standing(at: S.at(17)) == .good && !health.wantsTrial(at: S.at(17)))
    }

    @Test("pauses double, up to the longest, and begin anew after a success")
    func doubling() {
        var health = OriginHealth()
        var now = S.at(0)
        for seconds in [1, 2, 4, 8, 16, 32, 60, 60, 60] as [Double] {
            health.failed(at: now, draw: Self.middle)
            #expect(health.standing(at: now + .seconds(seconds) + .nanoseconds(-1_000)) == .out)
            now = now + .seconds(seconds)
            #expect(health.admit(at: now) == true)
        }
        health.succeeded()
        health.failed(at: now, draw: Self.middle)
        #expect(health.standing(at: now + .seconds(1)) == .due)
        for _ in 0..<100 { health.failed(at: now + .seconds(100_000), draw: Self.middle) }
        #expect(health.failures == 2, "many that fail at once are one failure")
    }

    @Test("jitter moves the end of a pause by a quarter at most, and differs")
    func jitter() {
        var random = SplitMix(seed: 1)
        var ends: Set<Int> = []
        for _ in 0..<200 {
            var health = OriginHealth()
            health.failed(at: S.at(0), draw: random.next())
            #expect(health.standing(at: S.at(0.749)) == .out && health.standing(at: S.at(1.251)) == .due)
            ends.insert((0...600).first { health.standing(at: S.at(0.7 + Double($0) / 1_000)) == .due } ?? -1)
        }
        #expect(ends.count > 50 && !ends.contains(-1))
    }

    @Test("a trial of which nothing is heard is not waited for without end")
    func silentTrial() {
        var health = OriginHealth()
        health.failed(at: S.at(0), draw: Self.middle)
        #expect(health.admit(at: S.at(1)) == true)
        #expect(health.admit(at: S.at(15.9)) == false)
        #expect(health.admit(at: S.at(16)) == true)
    }

    @Test("a dead origin is tried less and less, and never for ever", arguments: 0..<5 as Range<UInt64>)
    func dead(seed: UInt64) {
        var random = SplitMix(seed: seed)
        var health = OriginHealth()
        var attempts = 0
        for tick in 0..<36_000 {
            let now = S.at(Double(tick) / 10)
            guard health.admit(at: now) else { continue }
            attempts += 1
            health.failed(at: now, draw: random.next())
        }
        #expect((60...100).contains(attempts), "an hour, once a minute: \(attempts)")
    }
}
