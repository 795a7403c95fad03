import Bytes
import Testing

@testable import Redis

@Suite("Commands that wait")
struct WaitingCommandsTests {
    @Test("are answered in their order, and counted, through any number of them")
    func order() {
        var waiting = WaitingCommands()
        var answered: [Int] = []
        var sent = 0
        for round in 0..<40 {
            for _ in 0..<(round * 37 % 101) {
                let number = sent
                waiting.append(
                    WaitingCommands.Entry(bytes: number, sent: Instant(nanoseconds: UInt64(number))) { _ in
                        answered.append(number)
                    })
                sent += 1
            }
            for _ in 0..<(round * 53 % 97) {
                #expect(waiting.oldest == (waiting.isEmpty ? nil : Instant(nanoseconds: UInt64(answered.count))))
                waiting.popFirst()?.answer(.success(.null))
            }
            #expect(waiting.count == sent - answered.count)
            #expect(waiting.bytes == (answered.count..<sent).reduce(0, +))
        }
        for entry in waiting.takeAll() { entry.answer(.success(.null)) }
        #expect(answered == Array(0..<sent) && waiting.isEmpty && waiting.bytes == 0)
    }
}
