import TestKit
import Testing

@testable import Telemetry

/// Texts as the kernel gives them; the numbers beside them were read off by hand.
@Suite("A file of the kernel")
struct HostFileTests {
    private static let stat = """
        cpu  1722775 307 138673 667160 5894 0 5088 53898 400 7
        cpu0 843395 174 73316 350768 1628 0 1470 26150 0 0
        cpu1 879380 132 65357 316392 4265 0 3617 27748 0 0
        intr 123456789 0 9 0 0 0 0 0 0 1 79 0 0 156 0
        ctxt 1990473
        btime 1062191376
        processes 2915
        softirq 183433 0 21755 12 39
        """

    private static let meminfo = """
        MemTotal:       24684092 kB
        MemFree:        22562140 kB
        MemAvailable:   18513069 kB
        Buffers:           26816 kB
        Cached:          1640472 kB
        SwapTotal:       2097148 kB
        SwapFree:        1572861 kB
        Active(anon):        992 kB
        HugePages_Total:       0
        """

    private static let network = """
        Inter-|   Receive                                                |  Transmit
         face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
            lo: 41105612514 6504126    0    0    0     0          0         0 41105612514 6504126    0    0    0     0       0          0
          eth0: 151246436    3539    0    0    0     0          0         0   183208    1894    0    0    0     0       0          0
        enp0s31f6:1000    3539    0    0    0     0          0         0   2000    1894    0    0    0     0       0          0
        """

    private static let sockstat = """
        sockets: used 1002
        TCP: inuse 7 orphan 0 tw 31 alloc 11 mem 3
        UDP: inuse 2 mem 1
        UDPLITE: inuse 0
        """

    private static let snmp = """
        Ip: Forwarding DefaultTTL
        Ip: 1 64
        Tcp: RtoAlgorithm RtoMin RtoMax MaxConn ActiveOpens PassiveOpens AttemptFails EstabResets CurrEstab InSegs
        Tcp: 1 200 120000 -1 446986 445291 1242 453582 5 5020474
        Udp: InDatagrams NoPorts
        Udp: 1 2
        """

    private static let process =
        "22115 (a (b) c) R 22095 22095 14857 0 -1 4194304 99 0 0 0 120 30 0 0 20 0 1 0 1294165 3133440 418 "
        + "18446744073709551615 94923484876800 94923484896681 140733700940064 0 0 0 0 0 0 0 0 0 17 0 0 0"

    @Test("tells the time of the processors, guests not twice")
    func processors() throws {
        let times = try #require(ProcessorTimes(Self.stat))
        #expect(times.total == 1_722_775 + 307 + 138_673 + 667_160 + 5_894 + 5_088 + 53_898)
        #expect(times.busy == times.total - 667_160 - 5_894 && times.online == 2)
        let later = try #require(ProcessorTimes("cpu  1722875 307 138673 667260 6094 0 5088 53898 0 0"))
        #expect(later.busyShare(since: times) == 0.25)
        #expect(times.busyShare(since: later) == 0 && times.busyShare(since: times) == 0)
        #expect(ProcessorTimes("cpu 1 2 3 4")?.busy == 6, "of an old kernel")
    }

    @Test("tells the memory")
    func memory() throws {
        let memory = try #require(MemoryUsage(Self.meminfo))
        #expect(memory.total == 24_684_092 && memory.usedShare == 0.25 && memory.swapTotal == 2_097_148)
        #expect(abs(memory.swapUsedShare - 0.25) < 0.001)
        let old = try #require(MemoryUsage("MemTotal: 100 kB\nMemFree: 10 kB\nBuffers: 20 kB\nCached: 30 kB\n"))
        #expect(old.available == 60 && old.swapUsedShare == 0)
        #expect(MemoryUsage("MemTotal: 100 kB\nMemAvailable: 200 kB\n")?.usedShare == 0)
    }

    @Test("tells the load and the time since the boot")
    func load() throws {
        let load = try #require(LoadAverage("2.37 3.78 2.90 2/97 22112\n"))
        #expect(load == LoadAverage(oneMinute: 2.37, fiveMinutes: 3.78, fifteenMinutes: 2.9))
        let uptime = try #require(SystemUptime("12941.64 6671.60\n"))
        #expect(uptime.seconds == 12_941.64 && uptime.idleSeconds == 6_671.6)
    }

    @Test("tells the traffic, but for that of the machine with itself")
    func traffic() throws {
        let traffic = try #require(NetworkTraffic(Self.network))
        #expect(traffic.received == 151_247_436 && traffic.sent == 185_208)
    }

    @Test("tells the sockets")
    func sockets() throws {
        let sockets = try #require(SocketCounts(sockstat: Self.sockstat, snmp: Self.snmp))
        #expect(sockets.tcp == 7 && sockets.tcpWaiting == 31 && sockets.udp == 2 && sockets.established == 5)
        #expect(SocketCounts(sockstat: Self.sockstat, snmp: "")?.established == 0)
    }

    @Test("tells the process, whatever its name")
    func usage() throws {
        let usage = try #require(ProcessUsage(Self.process))
        #expect(usage.parent == 22_095 && usage.ticks == 150 && usage.pages == 418)
    }

    @Test("that says something else is not believed, and nothing traps")
    func hostile() {
        let texts = [Self.stat, Self.meminfo, Self.network, Self.sockstat, Self.snmp, Self.process, "1 2 3", ""]
        var random = SplitMix(seed: 3)
        for text in texts {
            let bytes = Array(text.utf8)
            for round in 0..<600 {
                var changed = bytes
                if round < changed.count { changed.removeLast(round) }
                if !changed.isEmpty {
                    changed[Int(random.next() % UInt64(changed.count))] = UInt8(random.next() % 128)
                }
                let text = String(decoding: changed, as: UTF8.self)
                if let times = ProcessorTimes(text) { _ = times.busyShare(since: times) }
                if let memory = MemoryUsage(text) { #expect((0...1).contains(memory.usedShare)) }
                _ = (LoadAverage(text), SystemUptime(text), NetworkTraffic(text), ProcessUsage(text))
                _ = (SocketCounts(sockstat: text, snmp: Self.snmp), SocketCounts(sockstat: Self.sockstat, snmp: text))
            }
        }
        #expect(ProcessorTimes("") == nil && MemoryUsage("MemTotal: 0 kB") == nil && LoadAverage("nan 1 2") == nil)
        #expect(NetworkTraffic("a\nb") == nil && ProcessUsage("1 (x) R") == nil && SystemUptime("1") == nil)
    }

    @Test("is read as it is now, of this machine")
    func here() throws {
        let sample = HostSample.read()
        #expect((sample.processors?.online ?? 0) >= 1 && (sample.memory?.total ?? 0) > 0)
        #expect(sample.residentBytes > 1 << 20 && sample.load != nil && sample.uptime != nil)
        var later = HostSample(time: WallTime(milliseconds: sample.time.milliseconds + 2_000), ticksPerSecond: 100)
        let ticks = try #require(sample.process).ticks + 300
        later.process = ProcessUsage("1 (x) R 1 1 1 0 -1 0 0 0 0 0 \(ticks) 0 0 0 20 0 1 0 0 0 5 0")
        #expect(later.processShare(since: sample) == 1.5)
        #expect(sample.processShare(since: later) == 0)
    }
}
