import Testing

@testable import Reactor

@Suite("DNSName")
struct DNSNameTests {
    @Test(
        "a host name is taken in lower case",
        arguments: [
            ("example.com", "example.com"), ("Origin-1.Example.COM", "origin-1.example.com"),
            ("localhost", "localhost"),
            ("my_service", "my_service"), ("example.com.", "example.com."), ("1and1.com", "1and1.com"),
            ("xn--bcher-kva.example", "xn--bcher-kva.example"),
            (String(repeating: "a", count: 63) + ".b", String(repeating: "a", count: 63) + ".b"),
        ])
    func valid(text: String, name: String) {
        #expect(DNSName(text)?.text == name)
    }

    @Test(
        "anything else is refused",
        arguments: [
            "", ".", "..", ".example.com", "example..com", "exa mple.com", "example.com/", "user@example.com",
            "bücher.de", "[::1]", "::1", "a\0b", "127.1", "0x7f000001", "1.2.3", "10.0.0.0x1", "2130706433", "-a.com",
            "a.b-", "-",
            String(repeating: "a", count: 64), String(repeating: "abcdefg.", count: 32) + "com",
        ])
    func invalid(text: String) {
        #expect(DNSName(text) == nil)
    }

    @Test("253 bytes are the most")
    func length() {
        let label = String(repeating: "a", count: 49) + "."
        let longest = String(repeating: label, count: 5) + "abc"
        #expect(longest.utf8.count == 253)
        #expect(DNSName(longest) != nil)
        #expect(DNSName(longest + ".") != nil)
        #expect(DNSName(longest + "d") == nil)
    }
}
