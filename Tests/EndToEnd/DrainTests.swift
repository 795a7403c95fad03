import Glibc
import TestKit
import Testing

@Suite("sluice-proxy drains")
struct DrainTests {
    /// A client in the middle of a request, which the proxy has begun to read.
    private static func underWay(_ port: UInt16) throws -> Peer {
        let peer = try Peer(port: port)
        // In one segment with a whole one: when that is answered, the rest has been read as well.
        peer.send(Request.get("/healthz") + "GET /healthz HTTP/1.1\r\nHost: proxy.test\r\n")
        try #require(peer.answer()?.hasPrefix("HTTP/1.1 200 ") == true)
        return peer
    }

    @Test("at once where nothing is open, by either signal", arguments: [SIGTERM, SIGINT])
    func nothingOpen(signal: Int32) async throws {
        try await withProxy { proxy in
            let began = ContinuousClock.now
            proxy.program.signal(signal)
            #expect(try await proxy.waitForExit() == .status(0))
            #expect(ContinuousClock.now - began < .seconds(10))
            try await proxy.waitForLog("drained")
        }
    }

    @Test("idle connections at once and requests under way to their end, while the system API says so")
    func underWay() async throws {
        try await withProxy { proxy in
            let (api, media) = (proxy.port(.api), proxy.port(.media))
            let (system, pid) = (proxy.port(.system), proxy.program.pid)
            try await onThread {
                let idle = try Peer(port: api)
                idle.send(Request.get("/healthz"))
                #expect(idle.answer()?.hasPrefix("HTTP/1.1 200 ") == true)
                let busy = try Self.underWay(media)
                let operators = try Peer(port: system)
                operators.send(Request.get("/readyz"))
                #expect(operators.answer()?.hasPrefix("HTTP/1.1 200 ") == true)

                kill(pid, SIGTERM)
                #expect(idle.readToEnd() == ([], .closed))
                idle.close()
                operators.send(Request.get("/readyz"))
                let refusal = try #require(operators.answer())
                #expect(refusal.hasPrefix("HTTP/1.1 503 "))
                #expect(refusal.hasSuffix(#"{"code":503,"message":"draining"}"#))
                for port in [api, media] {
                    // Each loop closes its own listeners.
                    #expect(eventually { Peer.isRefused(port: port) })
                }
                let newOperator = try Peer(port: system)
                newOperator.send(Request.get("/healthz"))
                #expect(newOperator.answer()?.hasPrefix("HTTP/1.1 200 ") == true)

                busy.send("\r\n")
                let answer = try #require(busy.answer())
                #expect(answer.hasPrefix("HTTP/1.1 200 ") && answer.contains("\r\nConnection: close\r\n"))
                #expect(busy.readToEnd() == ([], .closed))
            }
            #expect(try await proxy.waitForExit(within: .seconds(5)) == .status(0))
            _ = try await proxy.program.waitForOutput()
            #expect(proxy.log.map(\.message).suffix(2) == ["draining", "drained"])
        }
    }

    @Test("an answer that is being read slowly to its end")
    func slowReader() async throws {
        try await withProxy { proxy in
            let port = proxy.port(.api)
            let pid = proxy.program.pid
            try await onThread {
                let slow = try Peer(port: port, window: 4_096)
                let request = Array(Request.get("/metrics").utf8)
                #expect(slow.sendNow(Array(repeating: request, count: 2_000).flatMap { $0 }) > 10_000)
                #expect(slow.answer()?.hasPrefix("HTTP/1.1 200 ") == true)
                kill(pid, SIGTERM)
                // Nobody is served on this port once it drains.
                #expect(eventually { Peer.isRefused(port: port) })
                var whole = 0
                while let answer = slow.answer() {
                    #expect(answer.hasPrefix("HTTP/1.1 200 ") && answer.hasSuffix("\n"))
                    whole += 1
                }
                #expect(whole > 0, "what had been answered arrives")
                #expect(slow.readToEnd().bytes.isEmpty, "and the last of it is whole")
            }
            #expect(try await proxy.waitForExit(within: .seconds(5)) == .status(0))
        }
    }

    @Test("and breaks off what is left when the grace is over")
    func graceOver() async throws {
        try await withProxy(["PROXY_GRACE_QUIT_TIMEOUT": "500ms", "PROXY_FORCE_QUIT_TIMEOUT": "30s"]) { proxy in
            let (port, pid) = (proxy.port(.api), proxy.program.pid)
            try await onThread {
                let busy = try Self.underWay(port)
                let began = ContinuousClock.now
                kill(pid, SIGTERM)
                #expect(busy.readToEnd() == ([], .reset))
                #expect(ContinuousClock.now - began >= .milliseconds(500))
            }
            #expect(try await proxy.waitForExit(within: .seconds(5)) == .status(0))
            try await proxy.waitForLog("grace is over, breaking off what is left")
        }
    }

    @Test("and ends with a failure when the force timeout comes first")
    func forced() async throws {
        try await withProxy(["PROXY_GRACE_QUIT_TIMEOUT": "20s", "PROXY_FORCE_QUIT_TIMEOUT": "500ms"]) { proxy in
            let port = proxy.port(.api)
            let busy = try Self.underWay(port)
            proxy.terminate()
            #expect(try await proxy.waitForExit(within: .seconds(5)) == .status(1))
            #expect(try await proxy.waitForLog("not all connections could be ended in time").level == "error")
            busy.close()
        }
    }

    @Test("and ends with a failure at a second signal, but not at the same Ctrl-C passed on within a second")
    func secondSignal() async throws {
        try await withProxy { proxy in
            let busy = try Self.underWay(proxy.port(.api))
            proxy.terminate()
            let began = ContinuousClock.now
            try await proxy.waitForLog("draining")
            try await eventually("exit", within: .seconds(5)) {
                proxy.program.signal(SIGINT)
                return proxy.program.hasExited
            }
            #expect(ContinuousClock.now - began >= .milliseconds(900))
            #expect(try await proxy.waitForExit(within: .seconds(5)) == .status(1))
            try await proxy.waitForLog("stopped before all connections had ended")
            busy.close()
        }
    }
}
