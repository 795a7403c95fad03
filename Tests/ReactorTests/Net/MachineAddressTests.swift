import Glibc
import Testing

@testable import Reactor

@Suite("Addresses of the machine")
struct MachineAddressTests {
    @Test(
        "are told apart from those that mean nothing elsewhere",
        arguments: [
            ("127.0.0.1", true, false), ("127.255.0.9", true, false), ("128.0.0.1", false, false),
            ("169.254.7.1", false, true), ("169.255.0.1", false, false), ("10.0.0.5", false, false),
            ("::1", true, false), ("::2", false, false), ("fe80::1", false, true), ("febf::1", false, true),
            ("fec0::1", false, false), ("2001:db8::1", false, false),
        ])
    func kinds(literal: String, isLoopback: Bool, isLinkLocal: Bool) throws {
        let host = try #require(SocketAddress.Host(literal: literal))
        #expect(host.isLoopback == isLoopback && host.isLinkLocal == isLinkLocal)
    }

    @Test("are those that iproute2 lists, IPv4 first")
    func listed() throws {
        let pipe = try #require(popen("ip -o addr show up scope global", "r"))
        var output: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 4_096)
        while case let count = fread(&part, 1, part.count, pipe), count > 0 { output += part[..<count] }
        #expect(pclose(pipe) == 0, "is iproute2 installed?")
        // 2: eth0    inet 10.0.0.5/24 brd …
        let listed = String(decoding: output, as: UTF8.self).split(separator: "\n").compactMap { line in
            line.split(separator: " ").first { $0.contains("/") }?.split(separator: "/").first
                .flatMap { SocketAddress.Host(literal: String($0)) }
        }
        let found = SocketAddress.Host.ofMachine()
        #expect(Set(found) == Set(listed))
        let families = found.map { SocketAddress($0, port: 0).isIPv6 }
        #expect(families == families.sorted { !$0 && $1 })
    }
}
