import Bytes
import HTTP
import RTMP
import Reactor
import Service
import Telemetry
import Testing

@testable import Proxy

@Suite("The way of a session through proxies")
struct PassageTests {
    private static let mark = PassageMark(ServerIdentity())
    private static let names = (1...9).map { "sluice-\($0)" }

    private static func fields(_ lines: [String]) throws -> Fields {
        var fields = Fields()
        for line in lines { try fields.append(.via, text: line) }
        return fields
    }

    private static func connect(_ value: AMF0Value?) -> ConnectRequest {
        var request = ConnectRequest(properties: AMFProperties([("app", .string("live")), ("x", .number(1))]))
        request.properties[ConnectRequest.passageProperty] = value
        return request
    }

    @Test("is another one for every start, though the machine is the same")
    func names() {
        let other = PassageMark(ServerIdentity())
        #expect(other.name != Self.mark.name && Self.mark.name.count == "sluice-".count + 8)
        #expect(throws: Never.self) { try other.check([Self.mark.name]) }
    }

    @Test("ends where it has been before, and behind eight proxies")
    func check() {
        #expect(throws: Never.self) { try Self.mark.check([]) }
        #expect(throws: Never.self) { try Self.mark.check(Array(Self.names.prefix(7))) }
        #expect(throws: PassageFault.length) { try Self.mark.check(Array(Self.names.prefix(8))) }
        #expect(throws: PassageFault.circle) { try Self.mark.check(["sluice-1", Self.mark.name, "sluice-2"]) }
        #expect(throws: PassageFault.circle) { try Self.mark.check(Self.names + [Self.mark.name]) }
    }

    @Test("is written into Via behind what is there, by the version that came, and read again")
    func via() throws {
        let came = try Self.fields(["1.0 sluice-1, 1.1 varnish", "1.1 sluice-2"])
        let onward = try Self.mark.fields(behind: came, .http10)
        #expect(onward.viaReceivers == ["sluice-1", "varnish", "sluice-2", Self.mark.name])
        #expect(PassageMark.names(in: onward) == ["sluice-1", "sluice-2", Self.mark.name])
        #expect(onward.count == 3 && onward.string(.via) == "1.0 sluice-1, 1.1 varnish")
        var last = Fields()
        try Self.mark.add(to: &last, .http10)
        #expect(last.string(.via) == "1.0 \(Self.mark.name)")
    }

    @Test("counts no proxies but ours, and is seen behind whatever a client has written")
    func others() throws {
        let many = try Self.fields((1...40).map { "1.1 cache-\($0)" })
        #expect(PassageMark.names(in: many).isEmpty)
        for broken in ["1.1 a (", "1.1 \"", "\"(\\", ","] {
            let lines = try Self.mark.fields(behind: Self.fields([broken]), .http11)
            let joined = try Self.fields([
                (0..<lines.count).map { String(copying: lines.value(at: $0)) }.joined(separator: ", ")
            ])
            for fields in [lines, joined] {
                #expect(throws: PassageFault.circle, "\(broken)") {
                    try Self.mark.check(PassageMark.names(in: fields))
                }
            }
        }
    }

    @Test(
        "is read of connect",
        arguments: [
            (nil, []), (.string("sluice-1"), ["sluice-1"]), (.string("a, b ,c"), ["a", "b ", "c"]),
            (.string(""), []), (.string(",,"), []), (.number(1), []), (.null, []),
            (.strictArray([.string("a")]), []), (.string(.bytes([0xFF])), []),
        ] as [(AMF0Value?, [String])])
    func connect(value: AMF0Value?, names: [String]) throws {
        #expect(try Self.connect(value).passage() == names)
    }

    @Test("is refused of connect where it is longer than any can be")
    func long() throws {
        let text = String(repeating: "x", count: 513)
        #expect(throws: PassageFault.length) { try Self.connect(.string(AMFString(text))).passage() }
        #expect(try Self.connect(.string(AMFString(String(text.dropLast())))).passage().count == 1)
    }

    @Test("is written into connect, in the place of what is there, and nothing else changes")
    func onward() throws {
        for value in [nil, .string("sluice-1"), .number(7)] as [AMF0Value?] {
            let came = Self.connect(value)
            let names = try came.passage()
            let onward = came.passed(on: Self.mark, behind: names)
            #expect(try onward.passage() == names + [Self.mark.name])
            #expect(onward.properties.count == 3 && onward.app == came.app && onward.arguments == came.arguments)
            var without = onward
            without.properties[ConnectRequest.passageProperty] = value
            #expect(without == came)
        }
    }

    @Test("goes on through others, and ends at the first that it comes to again")
    func chain() throws {
        let marks = (0..<9).map { _ in PassageMark(ServerIdentity()) }
        var request = Self.connect(nil)
        for mark in marks.prefix(8) {
            try mark.check(request.passage())
            request = request.passed(on: mark, behind: try request.passage())
        }
        #expect(throws: PassageFault.length) { try marks[8].check(request.passage()) }
        #expect(throws: PassageFault.circle) { try marks[3].check(request.passage()) }
    }
}
