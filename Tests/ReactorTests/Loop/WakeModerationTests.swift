import Testing

@testable import Reactor

@Suite("WakeModeration")
struct WakeModerationTests {
    private static let interval: UInt64 = 1_000

    private func listening(lastFound: UInt64) -> WakeModeration {
        var moderation = WakeModeration(interval: .nanoseconds(Int64(Self.interval)))
        moderation.looked(found: .singles, isFull: false, at: lastFound)
        return moderation
    }

    @Test("what comes after a pause is handled at once", arguments: [1_000, 1_001, 5_000] as [UInt64])
    func pause(later: UInt64) {
        var moderation = listening(lastFound: 10_000)
        #expect(moderation.state == .listening)
        moderation.looked(found: .singles, isFull: false, at: 10_000 + later)
        #expect(moderation.state == .listening)
        #expect(moderation.nextLook == nil)
    }

    @Test("a stream is looked at once per interval, until an interval brings nothing")
    func stream() {
        var moderation = listening(lastFound: 10_000)
        moderation.looked(found: .singles, isFull: false, at: 10_999)
        #expect(moderation.nextLook == 11_999)
        moderation.looked(found: .singles, isFull: false, at: 12_100)
        #expect(moderation.nextLook == 13_100)
        moderation.looked(found: .nothing, isFull: false, at: 13_100)
        #expect(moderation.state == .listening)
        moderation.looked(found: .singles, isFull: false, at: 13_100)
        #expect(moderation.state == .listening, "an interval without anything is a pause")
    }

    @Test("a wake-up for nothing changes nothing")
    func nothing() {
        var moderation = listening(lastFound: 10_000)
        moderation.looked(found: .nothing, isFull: false, at: 10_001)
        #expect(moderation.state == .listening)
    }

    @Test("where there may be more it looks again without a pause")
    func full() {
        var moderation = listening(lastFound: 10_000)
        moderation.looked(found: .singles, isFull: true, at: 50_000)
        #expect(moderation.nextLook == 50_000)
        moderation.looked(found: .nothing, isFull: false, at: 50_100)
        #expect(moderation.state == .listening)
    }

    @Test("with an interval of nothing every wake-up is handled at once")
    func off() {
        var moderation = WakeModeration(interval: .zero)
        for now in [5, 5, 6, 7] as [UInt64] {
            moderation.looked(found: .singles, isFull: false, at: now)
            #expect(moderation.state == .listening)
        }
        moderation.looked(found: .singles, isFull: true, at: 8)
        #expect(moderation.nextLook == 8)
        moderation.looked(found: .singles, isFull: false, at: 8)
        #expect(moderation.state == .listening)
    }

    @Test("groups are handled at once, and end the gathering of singles")
    func groups() {
        var moderation = listening(lastFound: 10_000)
        for now in [10_100, 10_200, 10_300] as [UInt64] {
            moderation.looked(found: .groups, isFull: false, at: now)
            #expect(moderation.state == .listening)
        }
        moderation.looked(found: .singles, isFull: false, at: 10_400)
        #expect(moderation.nextLook == 11_400, "singles stream in, whatever comes in between")
        moderation.looked(found: .groups, isFull: false, at: 11_400)
        #expect(moderation.state == .listening)
    }

    @Test(
        "four datagrams to a message, on average, are groups",
        arguments: [
            (false, 0, 0, .nothing), (true, 0, 0, .singles), (true, 1, 1, .singles), (true, 3, 1, .singles),
            (true, 4, 1, .groups), (true, 11, 3, .singles), (true, 12, 3, .groups),
        ] as [(Bool, Int, Int, WakeModeration.Found)])
    func found(isReady: Bool, datagrams: Int, messages: Int, expected: WakeModeration.Found) {
        #expect(WakeModeration.Found(isReady: isReady, datagrams: datagrams, messages: messages) == expected)
    }

    @Test("a loop that nobody would wake goes on looking, even without an interval")
    func unwatched() {
        var moderation = listening(lastFound: 10_000)
        moderation.keepPolling(at: 20_000)
        #expect(moderation.nextLook == 21_000)
        moderation.looked(found: .nothing, isFull: false, at: 21_000)
        #expect(moderation.state == .listening, "and may be woken again as soon as the kernel agrees")
        var off = WakeModeration(interval: .zero)
        off.keepPolling(at: 5)
        #expect(off.nextLook == 1_000_005)
    }
}
