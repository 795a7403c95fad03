import Bytes
import Media
import Testing

@testable import Origin

@Suite("The group of pictures that is under way")
struct GroupCacheTests {
    private func picture(_ milliseconds: Int64, size: Int = 10) -> Frame {
        let payload = SharedBytes([UInt8](repeating: 1, count: size))
        return Frame(.avc, payload: payload, time: MediaTime(milliseconds: milliseconds))
    }

    private var limits: StreamPolicy.GroupCache {
        var limits = StreamPolicy.GroupCache()
        limits.maximumDuration = .seconds(10)
        limits.maximumFrames = 8
        limits.maximumBytes = 1_000
        return limits
    }

    @Test(
        "it is kept up to each bound, and beyond one there is nothing until the next key frame",
        arguments: [
            (8, 1_000, 10, true), (9, 1_000, 10, false),
            (6, 2_000, 10, true), (2, 10_001, 10, false),
            (4, 40, 250, true), (4, 40, 251, false),
        ] as [(Int, Int64, Int, Bool)])
    func bounds(count: Int, every milliseconds: Int64, size: Int, isKept: Bool) {
        var cache = GroupCache(limits)
        for number in 0..<count {
            cache.add(picture(Int64(number) * milliseconds, size: size), isEntry: number == 0)
        }
        #expect(cache.frames.count == (isKept ? count : 0))
        let end = Int64(count) * milliseconds
        cache.add(picture(end), isEntry: false)
        #expect(isKept || cache.frames.isEmpty)
        cache.add(picture(end + 40), isEntry: true)
        cache.add(picture(end + 80), isEntry: false)
        #expect(cache.frames.map(\.time.milliseconds) == [end + 40, end + 80])
    }

    @Test("the usual bound of time is a minute")
    func usual() {
        var cache = GroupCache(StreamPolicy.GroupCache())
        for second in 0...60 { cache.add(picture(Int64(second) * 1_000), isEntry: second == 0) }
        #expect(cache.frames.count == 61)
        cache.add(picture(60_001), isEntry: false)
        #expect(cache.frames.isEmpty)
    }

    @Test("where every frame is one to begin with, it is the latest, however long the stream lasts")
    func soundAlone() {
        var cache = GroupCache(limits)
        for second in 0..<100 {
            cache.add(picture(Int64(second) * 1_000), isEntry: true)
            #expect(cache.frames.map(\.time.milliseconds) == [Int64(second) * 1_000])
        }
    }
}
