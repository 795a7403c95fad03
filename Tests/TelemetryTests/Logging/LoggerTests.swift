import Bytes
import Telemetry
import TestKit
import Testing

@Suite("A logger")
struct LoggerTests {
    private static let clock: @Sendable () -> WallTime = { WallTime(milliseconds: 0) }
    private static let reactor = LogSubsystem("reactor")

    /// The lines that `body` logs, from the message on.
    private func lines(_ filter: LogFilter = LogFilter(), _ body: (Logger) -> Void) throws -> [String] {
        let file = try OutputFile()
        let sink = try LogSink(to: file.descriptor, format: .text, filter: filter, clock: Self.clock)
        body(sink.logger(Self.reactor))
        #expect(sink.close(within: .seconds(20)))
        return file.lines.map { String($0.dropFirst("1970-01-01T00:00:00.000Z ".count)) }
    }

    @Test("prints what its level lets through", arguments: LogLevel.allCases)
    func levels(level: LogLevel) throws {
        let lines = try lines(LogFilter(level)) { log in
            log.error("one")
            log.warning("two")
            log.info("three")
            log.debug("four")
        }
        let all = ["ERROR reactor: one", "WARN  reactor: two", "INFO  reactor: three", "DEBUG reactor: four"]
        #expect(lines == Array(all.prefix(Int(level.verbosity) + 1)))
    }

    @Test("takes its level from the entry of its subsystem")
    func subsystemLevel() throws {
        let filter = try LogFilter(parsing: "error,reactor=debug", subsystems: [Self.reactor])
        #expect(try lines(filter) { $0.debug("heard") } == ["DEBUG reactor: heard"])
    }

    @Test("does not evaluate the fields of a line it does not print")
    func laziness() throws {
        var evaluated = 0
        func costly() -> Int {
            evaluated += 1
            return evaluated
        }
        let lines = try lines { log in
            log.debug("silent", ["n": costly()])
            log.info("printed", ["n": costly()])
        }
        #expect(evaluated == 1)
        #expect(lines == ["INFO  reactor: printed n=1"])
    }

    @Test("puts its bound fields before those of the line, which win")
    func context() throws {
        let lines = try lines { log in
            let session = log.with(["loop": 1]).with(["session": "s1"])
            session.info("opened", ["peer": "a"])
            session.info("moved", ["loop": 2])
            log.info("unbound")
        }
        let expected = ["opened loop=1 session=s1 peer=a", "moved session=s1 loop=2", "unbound"]
        #expect(lines == expected.map { "INFO  reactor: " + $0 })
    }

    @Test("that is silent prints nothing")
    func silent() {
        Logger.silent.error("nobody hears")
        #expect(!Logger.silent.isEnabled(.warning))
    }

    @Test("prints a repeated line once a second, and what was suppressed with the next one")
    func repeats() throws {
        let lines = try lines { log in
            var gate = RepeatGate()
            for millisecond in stride(from: UInt64(0), through: 2500, by: 100) {
                let now = Instant(nanoseconds: 5_000_000_000 + millisecond * 1_000_000)
                log.warning("datagram too short", every: &gate, at: now, ["at": millisecond])
            }
            #expect(gate.suppressed == 5)
        }
        let expected = ["at=0", "at=1000 suppressed=9", "at=2000 suppressed=9"]
        #expect(lines == expected.map { "WARN  reactor: datagram too short " + $0 })
    }

    @Test("neither counts nor evaluates a repeated line below its level")
    func disabledRepeats() throws {
        var gate = RepeatGate()
        for _ in 0..<3 {
            Logger.silent.warning("never", every: &gate, at: Instant(nanoseconds: 1), ["v": Int(Bool.random() ? 1 : 2)])
        }
        #expect(gate.suppressed == 0)
        #expect(gate.pass(at: Instant(nanoseconds: 1)) == 0)
    }
}
