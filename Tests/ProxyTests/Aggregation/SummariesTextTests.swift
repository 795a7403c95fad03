import Registry
import Telemetry
import Testing

@testable import Proxy

@Suite("Summaries of the proxy and its origins")
struct SummariesTextTests {
    @Test(
        "are SRS's members of the proxy's own, whether all have answered, and what origins say",
        arguments: [true, false])
    func text(ok: Bool) throws {
        var own = HeartbeatSummaries(time: WallTime(milliseconds: 1_700_000_000_123))
        own.own.arguments = "a \"b\" \\c,{"
        own.service.connections = 7
        let origins = ["{\"server\":\"a\"}", "{\"server\":\"b\"}"]
        let text = SummariesText.data(own, ok: ok, origins: origins)
        let json = try #require(JSONSlices(Array(text.utf8)))
        let members = try #require(json.members(of: json.root))
        #expect(members.map(\.name) == ["ok", "now_ms", "self", "system", "origins"])
        #expect(members.map { json.text($0.value) }[..<2] == ["\(ok)", "1700000000123"])
        #expect(json.text(members[4].value) == "[\(origins.joined(separator: ","))]")
        let argv = try #require(json.member("argv", of: members[2].value))
        #expect(json.text(argv) == #""a \"b\" \\c,{""#)
        let connections = try #require(json.member("conn_srs", of: members[3].value))
        #expect(json.text(connections) == "7")
    }

    @Test("have no origins where there are none")
    func alone() throws {
        let text = SummariesText.data(HeartbeatSummaries(time: WallTime(milliseconds: 0)), ok: true, origins: [])
        #expect(text.hasPrefix("{\"ok\":true,\"now_ms\":0,") && text.hasSuffix(",\"origins\":[]}"))
    }
}
