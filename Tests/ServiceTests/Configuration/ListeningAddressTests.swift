import Reactor
import Testing

@testable import Service

@Suite("An address to listen on")
struct ListeningAddressTests {
    private static let everyAddress = SocketAddress.Host.v6(high: 0, low: 0, scope: 0)

    @Test(
        "is a port, behind an address or without one",
        arguments: [
            ("19350", everyAddress, 19_350, "19350"),
            (":1935", everyAddress, 1_935, "1935"),
            ("[::]:1935", everyAddress, 1_935, "1935"),
            ("0", everyAddress, 0, "0"),
            ("00080", everyAddress, 80, "80"),
            ("0.0.0.0:1935", .v4(0), 1_935, "0.0.0.0:1935"),
            ("127.0.0.1:65535", .v4(0x7F00_0001), 65_535, "127.0.0.1:65535"),
            ("[::1]:1935", .v6(high: 0, low: 1, scope: 0), 1_935, "[::1]:1935"),
            ("[::ffff:10.0.0.5]:80", .v4(0x0A00_0005), 80, "10.0.0.5:80"),
        ] as [(String, SocketAddress.Host, UInt16, String)])
    func valid(text: String, host: SocketAddress.Host, port: UInt16, written: String) throws {
        let address = try SocketAddress(listening: text)
        #expect(address == SocketAddress(host, port: port))
        #expect(address.listeningText == written)
        #expect(try SocketAddress(listening: written) == address)
    }

    @Test(
        "is nothing else",
        arguments: [
            "x", "-1", "+80", "65536", "000080", "8 0", "٨٠", "*:80", "localhost:80", "tcp://:80", ":", "1.2.3:80",
            "1.2.3.4.5:80", "1.2.3.4:+80", "[1.2.3.4]:80", "[]:80", "[:80", "]:80", "::1:80", "[::1]80", "[::1]",
            "[::g]:80", "[[::1]]:80", "127.0.0.1\0:80", "127.0.0.1 :80",
        ])
    func invalid(text: String) {
        #expect(throws: InvalidValue.self) { try SocketAddress(listening: text) }
    }

    @Test(
        "overlaps where one connection would suit both",
        arguments: [
            ("80", "80", true), ("80", "81", false), ("0", "0", false),
            ("80", "0.0.0.0:80", true), ("80", "10.0.0.5:80", true), ("80", "[::1]:80", true),
            ("0.0.0.0:80", "10.0.0.5:80", true), ("0.0.0.0:80", "[::1]:80", false),
            ("10.0.0.5:80", "10.0.0.5:80", true), ("10.0.0.5:80", "10.0.0.6:80", false),
            ("[::1]:80", "[::2]:80", false), ("10.0.0.5:80", "[::1]:80", false),
        ])
    func overlaps(first: String, second: String, expected: Bool) throws {
        let (first, second) = (try SocketAddress(listening: first), try SocketAddress(listening: second))
        #expect(first.overlaps(second) == expected)
        #expect(second.overlaps(first) == expected)
    }
}
