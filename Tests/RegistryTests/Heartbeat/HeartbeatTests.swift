import Bytes
import Reactor
import Registry
import TestKit
import Testing

@Suite("Heartbeat")
struct HeartbeatTests {
    /// As SRS 5 sends it.
    private static let srs = #"""
        {"device_id":"origin1","ip":"10.0.0.5","server":"vid-0xk989d","service":"24t1k8c3","pid":"1234",\#
        "summaries":{"data":{"ok":true,"now_ms":1700000000000,"self":{"version":"5.0.213","pid":1234,"ppid":1,\#
        "argv":"./objs/srs -c conf/origin.conf","cwd":"/usr/local/srs","mem_kbyte":26000,"mem_percent":0.01,\#
        "cpu_percent":0.02,"srs_uptime":99},"system":{"cpu_percent":0.1,"load_1m":0.2,"conn_srs":3,"ilde_time":9}}},\#
        "rtmp":["tcp://0.0.0.0:1935"],"http":["tcp://0.0.0.0:8080"],"api":["tcp://0.0.0.0:1985"],\#
        "srt":["udp://0.0.0.0:10080"],"rtc":["udp://0.0.0.0:8000","tcp://10.0.0.6:8000"]}
        """#

    private func read(_ text: String) throws -> Heartbeat { try Heartbeat(json: SharedBytes(text)) }

    @Test("what SRS sends is read whole")
    func srs() throws {
        let heartbeat = try read(Self.srs)
        #expect(heartbeat.server == OriginID("vid-0xk989d"))
        #expect(heartbeat.instance == OriginInstance(service: "24t1k8c3", process: "1234"))
        #expect(heartbeat.device == "origin1")
        #expect(heartbeat.host == HostName("10.0.0.5"))
        #expect(heartbeat.endpoints.rtmp == [Endpoint(transport: .tcp, port: 1_935)])
        #expect(heartbeat.endpoints.http == [Endpoint(transport: .tcp, port: 8_080)])
        #expect(heartbeat.endpoints.api == [Endpoint(transport: .tcp, port: 1_985)])
        #expect(heartbeat.endpoints.srt == [Endpoint(transport: .udp, port: 10_080)])
        #expect(
            heartbeat.endpoints.webRTC == [
                Endpoint(transport: .udp, port: 8_000),
                Endpoint(transport: .tcp, host: HostName("10.0.0.6"), port: 8_000),
            ])
        #expect(heartbeat.endpoints.rtsp == [])
    }

    @Test("numbers do for texts, and what is null or empty is not there")
    func lenient() throws {
        let heartbeat = try read(
            #"{"ip":"::1","server":"a","service":7,"pid":42,"device_id":null,"rtmp":[1935],"http":null,"api":[],"x":[{}]}"#
        )
        #expect(heartbeat.instance == OriginInstance(service: "7", process: "42"))
        #expect(heartbeat.device == nil && heartbeat.host == HostName("::1"))
        #expect(heartbeat.endpoints.rtmp == [Endpoint(port: 1_935)] && heartbeat.endpoints.http.isEmpty)
    }

    @Test("an origin may say where it stands, and what its operator wants shown")
    func zoneAndLabels() throws {
        let heartbeat = try read(
            #"{"ip":"::1","server":"a","service":"b","pid":"1","rtmp":[1],"zone":"eu-1","labels":{"rack":7,"tier":"ü"}}"#
        )
        #expect(heartbeat.zone == OriginZone("eu-1") && heartbeat.labels == ["rack": "7", "tier": "ü"])
        for none in ["null", "\"\""] {
            #expect(try read(Self.changed("zone", none)).zone == nil)
        }
        #expect(try read(Self.changed("labels", "{}")).labels == [:] && read(Self.srs).labels == [:])
    }

    /// The smallest that is taken, with one member changed.
    private static func changed(_ member: String, _ value: String?) -> String {
        var members = [
            "ip": "\"10.0.0.5\"", "server": "\"a\"", "service": "\"b\"", "pid": "\"1\"", "rtmp": "[\"1935\"]",
        ]
        members[member] = value
        return "{\(members.map { "\"\($0)\":\($1)" }.joined(separator: ","))}"
    }

    @Test(
        "a refusal names the field and the rule",
        arguments: [
            ("ip", nil, "ip: missing"), ("server", nil, "server: missing"), ("service", "\"\"", "service: missing"),
            ("pid", "null", "pid: missing"), ("rtmp", nil, "rtmp: missing"), ("rtmp", "[]", "rtmp: missing"),
            ("rtmp", "\"1935\"", "rtmp: is not an array of texts"),
            ("rtmp", "[null]", "rtmp: is not an array of texts"),
            ("api", "[[\"1985\"]]", "api: is not an array of texts"), ("srt", "{}", "srt: is not an array of texts"),
            ("pid", "[1]", "pid: is not a text"), ("pid", "true", "pid: is not a text"),
            ("pid", "1.5", "pid: is not a text"), ("ip", "\"10.0.0\"", "ip: is not a host name or an IP address"),
            ("rtmp", "[\"1935\",\"x\"]", "rtmp: \"x\" is not an endpoint: a port from 1 to 65535 is missing"),
            ("http", "[\"http://h:1\"]", "http: \"http://h:1\" is not an endpoint: only tcp:// and udp:// are known"),
            ("server", "\"..\"", "server: is . or .., to which no path leads"),
            ("server", "\"a\\nb\"", "server: holds a control or format character"),
            ("server", "\"a\\u0085b\"", "server: holds a control or format character"),
            ("device_id", "\"a\\u202eb\"", "device_id: holds a control or format character"),
            ("ip", "\"0.0.0.0\"", "ip: is not the address of one host"),
            ("ip", "\"::\"", "ip: is not the address of one host"),
            ("ip", "\"224.0.0.1\"", "ip: is not the address of one host"),
            ("ip", "\"255.255.255.255\"", "ip: is not the address of one host"),
            ("ip", "\"ff02::1\"", "ip: is not the address of one host"),
            ("server", "\"\(String(repeating: "a", count: 257))\"", "server: is longer than 256 bytes"),
            (
                "rtc", "[\(Array(repeating: "\"1\"", count: 17).joined(separator: ","))]",
                "rtc: has more than 16 endpoints"
            ),
            ("zone", "[]", "zone: is not a text"), ("zone", "\"a\\tb\"", "zone: holds a control or format character"),
            ("zone", "\"\(String(repeating: "z", count: 257))\"", "zone: is longer than 256 bytes"),
            ("labels", "[]", "labels: is not an object of texts"),
            ("labels", "\"a=b\"", "labels: is not an object of texts"),
            ("labels", "{\"a\":{}}", "labels: is not an object of texts"),
            ("labels", "{\"\":\"b\"}", "labels: has a member without a name"),
            ("labels", "{\"a\":\"\\n\"}", "labels: holds a control or format character"),
            ("labels", "{\"\\u0000\":\"a\"}", "labels: holds a control or format character"),
            ("labels", "{\"a\":\"\(String(repeating: "b", count: 65))\"}", "labels: is longer than 64 bytes"),
            ("labels", "{\"\(String(repeating: "a", count: 65))\":\"b\"}", "labels: is longer than 64 bytes"),
            (
                "labels", "{\((0..<17).map { "\"k\($0)\":\"v\"" }.joined(separator: ","))}",
                "labels: has more than 16 members"
            ),
        ] as [(String, String?, String)])
    func refusals(member: String, value: String?, message: String) {
        let refusal = #expect(throws: HeartbeatRefusal.self) { try read(Self.changed(member, value)) }
        #expect(refusal?.description == message)
    }

    @Test(
        "what is no JSON object is refused",
        arguments: ["", "{", "x", "[]", "1", "null", "\"a\"", "{\"ip\":}", "\u{0}"])
    func noObject(text: String) {
        let refusal = #expect(throws: HeartbeatRefusal.self) { try read(text) }
        #expect(refusal == .notJSON || refusal == .notObject || refusal == .missing(field: "server"))
    }

    @Test("no truncation and no changed byte of a real one traps, and none costs much")
    func hostile() {
        let bytes = Array(Self.srs.utf8)
        for count in 0..<bytes.count { _ = try? Heartbeat(json: SharedBytes(Array(bytes[..<count]))) }
        var random = SplitMix(seed: 4)
        for _ in 0..<2_000 {
            var changed = bytes
            changed[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
            _ = try? Heartbeat(json: SharedBytes(changed))
        }
        for nested in ["[", "{\"a\":", "{\"rtmp\":["] {
            let deep = String(repeating: nested, count: 10_000)
            #expect(throws: HeartbeatRefusal.notJSON) { try read(deep) }
        }
    }
}
