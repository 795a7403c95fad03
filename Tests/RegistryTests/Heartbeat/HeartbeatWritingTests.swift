import Bytes
import Foundation
import Reactor
import Registry
import RegistryModel
import Telemetry
import TestKit
import Testing

@Suite("A heartbeat that is written")
struct HeartbeatWritingTests {
    private static var full: Heartbeat {
        var heartbeat = Samples.heartbeat("vid-\"1\"", host: "2001:db8::1", state: .leaving)
        heartbeat.device = "origin \\ 1 ü"
        heartbeat.weight = OriginWeight(300)!
        heartbeat.zone = OriginZone("eu \"1\"")
        heartbeat.labels = ["b\"": "\\", "a": "1"]
        heartbeat.load = OriginLoad(connections: 12, processorPercent: 34)
        heartbeat.endpoints.rtmp = [
            Endpoint(port: 1_935), Endpoint(transport: .tcp, host: HostName("::1"), port: 1_936),
            Endpoint(transport: .tcp, host: HostName("origin-1.example"), port: 1_937),
        ]
        heartbeat.endpoints.webRTC = [Endpoint(transport: .udp, port: 8_000), Endpoint(transport: .tcp, port: 8_000)]
        return heartbeat
    }

    private static func object(_ heartbeat: Heartbeat, _ summaries: HeartbeatSummaries?) throws -> [String: Any] {
        let json = heartbeat.json(summaries)
        return try #require(JSONSerialization.jsonObject(with: Data(json.array)) as? [String: Any])
    }

    @Test("has the form of SRS's: texts all over, and nothing that SRS does not say where it goes without saying")
    func form() throws {
        let plain = Samples.heartbeat("vid-1")
        #expect(
            String(copying: plain.json(nil).bytes)
                == #"{"ip":"10.0.0.5","server":"vid-1","service":"s1","pid":"1","rtmp":["1935"],"http":["8080"]}"#)
        let full = try Self.object(Self.full, nil)
        #expect(full["rtmp"] as? [String] == ["1935", "tcp://[::1]:1936", "tcp://origin-1.example:1937"])
        #expect(full["rtc"] as? [String] == ["udp://8000", "tcp://8000"])
        #expect(full["state"] as? String == "leaving" && full["weight"] as? String == "300")
        #expect(full["zone"] as? String == "eu \"1\"" && full["labels"] as? [String: String] == Self.full.labels)
        #expect(full["device_id"] as? String == "origin \\ 1 ü" && full["server"] as? String == "vid-\"1\"")
    }

    @Test("has summaries with every name that SRS has")
    func summaries() throws {
        var summaries = HeartbeatSummaries(time: WallTime(milliseconds: 1_700_000_000_123))
        summaries.own.arguments = "./origin -c \"a\tb\""
        summaries.own.processorShare = .nan
        summaries.system.load = LoadAverage(oneMinute: 0.25, fiveMinutes: 1, fifteenMinutes: 2)
        summaries.system.idleSeconds = 1e-7
        summaries.service.connections = 7
        let object = try Self.object(Self.full, summaries)
        let data = try #require((object["summaries"] as? [String: Any])?["data"] as? [String: Any])
        #expect(data["ok"] as? Bool == true && data["now_ms"] as? Int == 1_700_000_000_123)
        let own = try #require(data["self"] as? [String: Any])
        let system = try #require(data["system"] as? [String: Any])
        #expect(
            Set(own.keys) == [
                "version", "pid", "ppid", "argv", "cwd", "mem_kbyte", "mem_percent", "cpu_percent", "srs_uptime",
            ])
        #expect(
            Set(system.keys) == [
                "cpu_percent", "disk_read_KBps", "disk_write_KBps", "disk_busy_percent", "mem_ram_kbyte",
                "mem_ram_percent", "mem_swap_kbyte", "mem_swap_percent", "cpus", "cpus_online", "uptime", "ilde_time",
                "load_1m", "load_5m", "load_15m", "net_sample_time", "net_recv_bytes", "net_send_bytes",
                "net_recvi_bytes", "net_sendi_bytes", "srs_sample_time", "srs_recv_bytes", "srs_send_bytes", "conn_sys",
                "conn_sys_et", "conn_sys_tw", "conn_sys_udp", "conn_srs",
            ])
        #expect(own["argv"] as? String == "./origin -c \"a\tb\"" && own["cpu_percent"] as? Double == 0)
        #expect(system["load_1m"] as? Double == 0.25 && system["conn_srs"] as? Int == 7)
        #expect(system["ilde_time"] as? Double == 1e-7)
    }

    @Test("is read back the same")
    func roundTrip() throws {
        try checkWriting(Self.full)
        try checkWriting(Samples.heartbeat("a", state: .gone))
        var random = SplitMix(seed: 9)
        for _ in 0..<200 {
            var heartbeat = Samples.heartbeat("vid-\(random.next())", host: random.next() % 2 == 0 ? "::2" : "h-1")
            heartbeat.state = Heartbeat.State.allCases.randomElement(using: &random)!
            heartbeat.weight = OriginWeight(UInt32.random(in: OriginWeight.range, using: &random))!
            heartbeat.load = OriginLoad(
                connections: Int(random.next() % 100_000), processorPercent: Int(random.next() % 101))
            heartbeat.endpoints[OriginService.allCases.randomElement(using: &random)!] = (0..<3).map { _ in
                Endpoint(
                    transport: [nil, .tcp, .udp].randomElement(using: &random)!,
                    host: [nil, HostName("10.1.2.3"), HostName("::3"), HostName("o_1")].randomElement(using: &random)!,
                    port: .random(in: 1...(.max), using: &random))
            }
            try checkWriting(heartbeat)
        }
    }

    @Test("says what two samples of the machine show")
    func host() throws {
        var before = HostSample(time: WallTime(milliseconds: 10_000), ticksPerSecond: 100, processorCount: 4)
        before.processors = ProcessorTimes("cpu 100 0 0 100\ncpu0 1\ncpu1 1\n")
        before.process = ProcessUsage("1 (x) R 7 1 1 0 -1 0 0 0 0 0 100 0 0 0 20 0 1 0 0 0 5 0")
        var after = HostSample(
            time: WallTime(milliseconds: 20_000), ticksPerSecond: 100, pageBytes: 4_096, processorCount: 4)
        after.processors = ProcessorTimes("cpu 400 0 0 800\ncpu0 1\ncpu1 1\n")
        after.process = ProcessUsage("1 (x) R 7 1 1 0 -1 0 0 0 0 0 600 100 0 0 20 0 1 0 0 0 1000 0")
        after.memory = MemoryUsage("MemTotal: 40000 kB\nMemAvailable: 30000 kB\n")
        let summaries = HeartbeatSummaries(after, since: before)
        #expect(summaries.system.processorShare == 0.3 && summaries.own.processorShare == 0.6)
        #expect(summaries.own.memoryKiB == 4_000 && summaries.own.memoryShare == 0.1 && summaries.own.parent == 7)
        #expect(summaries.system.processors == 4 && summaries.system.processorsOnline == 2)
        #expect(HeartbeatSummaries(after, since: nil).system.processorShare == 0)
    }

    @Test(
        "load is believed as far as it makes sense, and never a reason to refuse",
        arguments: [
            (
                #"{"data":{"system":{"conn_srs":3,"cpu_percent":0.25}}}"#,
                OriginLoad(connections: 3, processorPercent: 25)
            ),
            (#"{"data":{"system":{"conn_srs":"3"}}}"#, OriginLoad(connections: 3)),
            (
                #"{"data":{"system":{"conn_srs":-3,"cpu_percent":7}}}"#,
                OriginLoad(connections: 0, processorPercent: 100)
            ),
            (#"{"data":{"system":{"conn_srs":1e300,"cpu_percent":"nan"}}}"#, OriginLoad(connections: 1_000_000_000)),
            (#"{"data":{"system":[1]}}"#, OriginLoad()), (#"{"data":null}"#, OriginLoad()), ("7", OriginLoad()),
            ("[]", OriginLoad()), (#"{"data":{"system":{"conn_srs":{}}}}"#, OriginLoad()), ("null", OriginLoad()),
        ] as [(String, OriginLoad)])
    func load(summaries: String, load: OriginLoad) throws {
        let text =
            #"{"ip":"::1","server":"a","service":"b","pid":"1","rtmp":["1"],"summaries":\#(summaries)}"#
        #expect(try Heartbeat(json: SharedBytes(text)).load == load)
    }

    @Test(
        "a state or a weight that is none is refused by name",
        arguments: [
            (#""state":"away""#, "state: \"away\" is not serving, leaving or gone"),
            (#""weight":"0""#, "weight: \"0\" is not a number from 1 to 10000"),
            (#""weight":"10001""#, "weight: \"10001\" is not a number from 1 to 10000"),
            (#""weight":1.5"#, "weight: is not a text"), (#""state":[]"#, "state: is not a text"),
        ])
    func refusals(member: String, message: String) {
        let text = #"{"ip":"::1","server":"a","service":"b","pid":"1","rtmp":["1"],\#(member)}"#
        let refusal = #expect(throws: HeartbeatRefusal.self) { try Heartbeat(json: SharedBytes(text)) }
        #expect(refusal?.description == message)
    }
}

@Suite("HeartbeatPace")
struct HeartbeatPaceTests {
    @Test("pauses differ by a few per cent around the interval, and none is shorter than allowed")
    func pauses() {
        var random = SplitMix(seed: 1)
        let pace = HeartbeatPace(interval: .seconds(10), jitterPercent: 5)
        let pauses = (0..<2_000).map { _ in pace.pause(draw: random.next()) }
        #expect(pauses.allSatisfy { $0 >= .seconds(9.5) && $0 <= .seconds(10.5) })
        #expect(Set(pauses).count == 101 && pauses.contains(.seconds(9.5)) && pauses.contains(.seconds(10.5)))
        let mean = pauses.reduce(Duration.zero, +) / pauses.count
        #expect(mean > .seconds(9.95) && mean < .seconds(10.05))
        #expect(HeartbeatPace(interval: .zero, jitterPercent: -1).pause(draw: .max) == .seconds(1))
    }
}
