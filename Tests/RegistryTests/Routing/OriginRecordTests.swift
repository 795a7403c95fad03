import Bytes
import Testing

@testable import Registry

@Suite("OriginRecord")
struct OriginRecordTests {
    @Test("counts attempts, failures and sessions, and follows the time of the last answers")
    func counts() {
        var record = OriginRecord()
        #expect(record.answerTime == nil)
        for _ in 0..<3 { record.attempted() }
        record.failed()
        record.answered(after: .milliseconds(80))
        #expect(record.answerTime == .milliseconds(80))
        record.answered(after: .milliseconds(160))
        #expect(record.answerTime == .milliseconds(90))
        for _ in 0..<100 { record.answered(after: .milliseconds(10)) }
        #expect(record.answerTime.map { $0 >= .milliseconds(10) && $0 < .milliseconds(11) } ?? false)
        record.opened()
        record.opened()
        record.ended()
        #expect(record.attempts == 3 && record.failures == 1 && record.open == 1)
        record.restart()
        #expect(record.attempts == 0 && record.answerTime == nil && record.open == 1)
        record.ended()
        record.ended()
        #expect(record == OriginRecord())
    }

    @Test("outlives its origin while there are sessions, and no longer")
    func pruned() throws {
        let store = MemoryRegistry()
        let records = OriginRecords(store)
        let (known, gone) = (OriginID("known"), OriginID("gone"))
        _ = try store.beat(Samples.heartbeat("known"), at: Samples.at(0))
        records.attempted(known, .http)
        records.attempted(gone, .rtmp)
        records.opened(gone, .rtmp)
        records.prune(to: store.origins)
        #expect(records.all(of: known).map(\.service) == [.http] && records.all(of: gone).count == 1)
        records.ended(gone, .rtmp)
        records.prune(to: store.origins)
        #expect(records.all(of: known).count == 1 && records.all(of: gone).isEmpty)
    }
}
