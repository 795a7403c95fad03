import Bytes
import Telemetry
import Testing

@Suite("A repeat gate")
struct RepeatGateTests {
    @Test("passes the first event, then one per interval, exactly at its end")
    func interval() {
        var gate = RepeatGate(interval: .milliseconds(10))
        let start = Instant(nanoseconds: 1_000)
        #expect(gate.pass(at: start) == 0)
        #expect(gate.pass(at: start) == nil)
        #expect(gate.pass(at: start + .nanoseconds(9_999_999)) == nil)
        #expect(gate.pass(at: start + .milliseconds(10)) == 2)
        #expect(gate.pass(at: start + .milliseconds(19)) == nil)
        #expect(gate.pass(at: start + .seconds(60)) == 1)
        #expect(gate.pass(at: start + .seconds(61)) == 0)
    }

    @Test("passes an event at the very start of the clock")
    func zero() {
        var gate = RepeatGate()
        #expect(gate.pass(at: Instant(nanoseconds: 0)) == 0)
        #expect(gate.pass(at: Instant(nanoseconds: 0)) == nil)
    }
}
