import Testing

@testable import Reactor

@Suite("Networks in CIDR form")
struct NetworkPrefixTests {
    private func host(_ text: String) throws -> SocketAddress.Host { try #require(SocketAddress.Host(literal: text)) }

    @Test(
        "hold the addresses that begin as they do, and no others",
        arguments: [
            ("10.0.0.0/8", ["10.0.0.0", "10.255.255.255", "::ffff:10.1.2.3"], ["11.0.0.0", "9.255.255.255", "::1"]),
            ("10.0.0.5", ["10.0.0.5", "::ffff:10.0.0.5"], ["10.0.0.4", "10.0.0.6"]),
            ("192.168.4.0/22", ["192.168.4.0", "192.168.7.255"], ["192.168.8.0", "192.168.3.255"]),
            ("0.0.0.0/0", ["0.0.0.0", "255.255.255.255", "::ffff:1.2.3.4"], ["::", "2001:db8::1"]),
            ("::/0", ["::", "ffff::1", "2001:db8::1"], ["1.2.3.4", "::ffff:1.2.3.4"]),
            ("::1", ["::1"], ["::", "::2", "127.0.0.1"]),
            ("[fd00::]/8", ["fd00::1", "fdff::1"], ["fc00::1", "fe80::1"]),
            ("2001:db8::/32", ["2001:db8::", "2001:db8:ffff::1"], ["2001:db9::"]),
            ("2001:db8::/64", ["2001:db8::ffff:0:0:1"], ["2001:db8:0:1::"]),
            ("2001:db8::8000:0:0:0/65", ["2001:db8::8000:0:0:1", "2001:db8::ffff:0:0:1"], ["2001:db8::7fff:0:0:1"]),
            ("2001:db8::1/128", ["2001:db8::1"], ["2001:db8::"]),
            ("::ffff:10.0.0.0/104", ["10.9.9.9", "::ffff:10.9.9.9"], ["11.0.0.0"]),
            ("fe80::/10", ["fe80::1", "febf::1"], ["fec0::1"]),
        ] as [(String, [String], [String])])
    func membership(text: String, inside: [String], outside: [String]) throws {
        let network = try NetworkPrefix(parsing: text)
        for address in inside { #expect(network.contains(try host(address)), "\(address) in \(text)") }
        for address in outside { #expect(!network.contains(try host(address)), "\(address) in \(text)") }
        #expect(try NetworkPrefix(parsing: "\(network)") == network)
    }

    @Test("hold an address with a scope as without")
    func scope() throws {
        let network = try NetworkPrefix(parsing: "fe80::/10")
        #expect(network.contains(.v6(high: 0xFE80_0000_0000_0000, low: 1, scope: 2)))
    }

    @Test(
        "are refused with what is wrong",
        arguments: [
            ("", .address), ("/8", .address), ("10.0.0/8", .address), ("example.com/8", .address),
            ("fe80::1%1/64", .address), ("10.0.0.0/33", .length(maximum: 32)), ("10.0.0.0/", .length(maximum: 32)),
            ("10.0.0.0/-1", .length(maximum: 32)), ("10.0.0.0/8/8", .length(maximum: 32)),
            ("10.0.0.0/255.0.0.0", .length(maximum: 32)), ("::/129", .length(maximum: 128)),
            ("10.0.0.0/99999999999999999999", .length(maximum: 32)),
        ] as [(String, NetworkPrefix.Fault)])
    func refused(text: String, fault: NetworkPrefix.Fault) {
        #expect(throws: fault) { try NetworkPrefix(parsing: text) }
    }

    @Test("tell which network was perhaps meant where bits are set behind their length")
    func hostBits() throws {
        for (text, meant) in [
            ("10.0.0.5/8", "10.0.0.0/8"), ("fd00::1/8", "fd00::/8"), ("::ffff:10.0.0.1/104", "10.0.0.0/8"),
        ] {
            let network = try NetworkPrefix(parsing: meant)
            #expect(throws: NetworkPrefix.Fault.hostBits(network), "\(text)") { try NetworkPrefix(parsing: text) }
        }
    }
}
