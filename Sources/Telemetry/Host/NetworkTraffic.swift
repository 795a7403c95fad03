/// Bytes that all network devices but the loopback have moved since the boot: `/proc/net/dev`, proc(5).
package struct NetworkTraffic: Sendable, Equatable {
    package let received: UInt64
    package let sent: UInt64

    package init?(_ text: String) {
        var (received, sent): (UInt64, UInt64) = (0, 0)
        var devices = 0
        for line in text.split(separator: "\n") {
            // A long name leaves no space after its colon; one of an alias has a colon of its own.
            guard let colon = line.lastIndex(of: ":") else { continue }
            let fields = line[line.index(after: colon)...].split(separator: " ").map { UInt64($0) }
            guard fields.count >= 9, let came = fields[0], let went = fields[8] else { continue }
            devices += 1
            guard line[..<colon].drop(while: { $0 == " " }) != "lo" else { continue }
            received &+= came
            sent &+= went
        }
        guard devices > 0 else { return nil }
        self.received = received
        self.sent = sent
    }
}

/// Sockets of the whole machine: `/proc/net/sockstat` and `/proc/net/snmp`, proc(5).
package struct SocketCounts: Sendable, Equatable {
    package let tcp: Int
    package let tcpWaiting: Int
    package let udp: Int
    package let established: Int

    package init?(sockstat: String, snmp: String) {
        func value(_ name: Substring, of kind: Substring) -> Int? {
            for line in sockstat.split(separator: "\n") {
                let fields = line.split(separator: " ")
                guard fields.first == kind, let position = fields.firstIndex(of: name), position + 1 < fields.count
                else { continue }
                return Int(fields[position + 1])
            }
            return nil
        }
        guard let tcp = value("inuse", of: "TCP:"), let udp = value("inuse", of: "UDP:") else { return nil }
        self.tcp = tcp
        self.udp = udp
        tcpWaiting = value("tw", of: "TCP:") ?? 0
        // The first line names what the second gives.
        let lines = snmp.split(separator: "\n").map { $0.split(separator: " ") }.filter { $0.first == "Tcp:" }
        guard lines.count == 2, let position = lines[0].firstIndex(of: "CurrEstab"), position < lines[1].count else {
            established = 0
            return
        }
        established = Int(lines[1][position]) ?? 0
    }
}
