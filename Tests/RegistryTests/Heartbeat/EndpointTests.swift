import Reactor
import Registry
import Testing

@Suite("Endpoint")
struct EndpointTests {
    private static let specific = HostName("10.0.0.5")

    @Test(
        "every form seen in the wild is read",
        arguments: [
            ("1935", nil, nil, 1_935), ("10.0.0.5:1935", nil, specific, 1_935), ("[::]:1935", nil, nil, 1_935),
            (":1935", nil, nil, 1_935), (":::1935", nil, nil, 1_935), ("*:1935", nil, nil, 1_935),
            ("0.0.0.0:1935", nil, nil, 1_935), ("tcp://:1935", .tcp, nil, 1_935),
            ("tcp://0.0.0.0:1935", .tcp, nil, 1_935), ("udp://8000", .udp, nil, 8_000),
            ("udp://[::]:8000", .udp, nil, 8_000), ("tcp:10.0.0.5:1935", .tcp, specific, 1_935),
            ("udp:8000", .udp, nil, 8_000), ("tcp://[2001:db8::1]:1935", .tcp, HostName("2001:db8::1"), 1_935),
            ("Origin-1.example:1935", nil, HostName("origin-1.example"), 1_935),
            ("tcp://tcp:1935", .tcp, HostName("tcp"), 1_935), ("65535", nil, nil, 65_535),
        ] as [(String, Endpoint.Transport?, HostName?, UInt16)])
    func forms(text: String, transport: Endpoint.Transport?, host: HostName?, port: UInt16) throws {
        #expect(try Endpoint(text) == Endpoint(transport: transport, host: host, port: port))
    }

    @Test(
        "anything else is refused, with what is wrong",
        arguments: [
            ("", .port), ("0", .port), ("65536", .port), ("+1935", .port), ("-1", .port), ("1935 ", .port),
            ("10.0.0.5", .port), ("10.0.0.5:", .port), ("tcp://", .port), ("[::]", .port), ("１９３５", .port),
            ("rtmp://10.0.0.5:1935", .transport), ("TCP://1935", .transport), ("tcp://udp://1935", .transport),
            ("uDp:8000", .transport), ("TCP:1935", .transport),
            ("10.0.0:1935", .host), ("2001:db8::1:1935", .host), ("[10.0.0.5]:1935", .host), ("a b:1935", .host),
            ("10.0.0.5:1935:1936", .host), ("[::1:1935", .host), ("user@host:1935", .host), ("host/path:1935", .host),
        ] as [(String, EndpointMistake)])
    func mistakes(text: String, mistake: EndpointMistake) {
        #expect(throws: mistake) { try Endpoint(text) }
    }
}
