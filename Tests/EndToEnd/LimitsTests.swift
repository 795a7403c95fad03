import TestKit
import Testing

@Suite("sluice-proxy and its limits")
struct LimitsTests {
    @Test("PROXY_MAX_CONNECTIONS counts over all loops and public ports, and keeps no operator out")
    func connections() async throws {
        try await withProxy(["PROXY_MAX_CONNECTIONS": "5", "PROXY_LOOPS": "3"]) { proxy in
            #expect(proxy.log.allSatisfy { $0.level == "info" })
            try await Self.expectPlaces(5, in: proxy)
        }
    }

    @Test("a limit beyond what the open files allow is lowered, and both numbers are told")
    func descriptors() async throws {
        let setup = ProxyProcess.Setup(variables: ["PROXY_MAX_CONNECTIONS": "500"], maximumDescriptors: 100)
        try await withProxy(setup) { proxy in
            #expect(try await proxy.waitForLog("serving").number("open_files") == 100)
            let warning = try await proxy.waitForLog("too few open files for PROXY_MAX_CONNECTIONS, it is lowered")
            #expect(warning.level == "warning" && warning.number("configured") == 500)
            #expect(warning.number("open_files") == 100)
            let places = try #require(warning.number("in_force"))
            #expect(places >= 15 && places < 50)
            try await Self.expectPlaces(Int(places), in: proxy)
        }
    }

    /// Takes every place, on two ports, and sees that one more client is turned away and an operator is not.
    private static func expectPlaces(_ places: Int, in proxy: ProxyProcess) async throws {
        let (media, api, system) = (proxy.port(.media), proxy.port(.api), proxy.port(.system))
        try await onThread {
            var peers: [Peer] = []
            for number in 0..<places {
                let source = UInt8(2 + number % 100)
                let peer = try Peer(port: number.isMultiple(of: 2) ? media : api, source: source)
                peers.append(peer)
                peer.send(Request.get("/healthz"))
                #expect(peer.answer()?.hasPrefix("HTTP/1.1 200 ") == true)
            }
            for port in [media, api] {
                let late = try Peer(port: port)
                #expect(late.answer()?.hasPrefix("HTTP/1.1 503 ") == true)
            }
            let operators = try Peer(port: system)
            operators.send(Request.get("/healthz"))
            #expect(operators.answer()?.hasPrefix("HTTP/1.1 200 ") == true)
            peers.removeLast().reset()
        }
        try await eventually("a free place") {
            guard let peer = try? Peer(port: api) else { return false }
            peer.send(Request.get("/healthz"))
            return peer.answer()?.hasPrefix("HTTP/1.1 200 ") == true
        }
    }
}
