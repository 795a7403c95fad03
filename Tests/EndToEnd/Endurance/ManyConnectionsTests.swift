import Foundation
import TestKit
import Testing

extension Endurance {
    @Suite("many connections")
    struct ManyConnectionsTests {
        /// What clients do with a connection, each as often as the others.
        private enum Kind: Int, CaseIterable {
            case nothing, oneRequest, severalRequests, leavesWithAnswerUnread, resetsWithAnswerUnread, halfAHead,
                resetsHalfAHead, garbage
        }

        private static let wave = 500

        /// Opens a wave of connections, uses them, and ends them all.
        private static func runWave(_ number: Int, port: UInt16) throws {
            var peers: [(peer: Peer, kind: Kind)] = []
            for index in 0..<wave {
                let peer = try Peer(port: port, source: UInt8(2 + (number + index) % 100))
                let kind = Kind(rawValue: index % Kind.allCases.count)!
                switch kind {
                case .nothing: break
                case .oneRequest, .leavesWithAnswerUnread, .resetsWithAnswerUnread: peer.send(Request.get("/metrics"))
                case .severalRequests: peer.send(String(repeating: Request.get("/healthz"), count: 5))
                case .halfAHead, .resetsHalfAHead: peer.send("GET /healthz HTTP/1.1\r\nHo")
                case .garbage: peer.send("\u{3}\u{1}\u{2}no request at all\r\n\r\n")
                }
                peers.append((peer, kind))
            }
            for (peer, kind) in peers {
                switch kind {
                case .oneRequest: try #require(peer.answer()?.hasPrefix("HTTP/1.1 200 ") == true)
                case .severalRequests:
                    for _ in 0..<5 { try #require(peer.answer()?.hasPrefix("HTTP/1.1 200 ") == true) }
                case .garbage: try #require(peer.answer()?.hasPrefix("HTTP/1.1 400 ") == true)
                case .nothing, .leavesWithAnswerUnread, .resetsWithAnswerUnread, .halfAHead, .resetsHalfAHead: break
                }
                switch kind {
                case .resetsWithAnswerUnread, .resetsHalfAHead: peer.reset()
                case .nothing, .oneRequest, .severalRequests, .leavesWithAnswerUnread, .halfAHead, .garbage:
                    peer.close()
                }
            }
        }

        @Test("20,000 opened and closed leave the same descriptors, and memory within a tenth")
        func churn() async throws {
            try await withProxy { proxy in
                let (port, process) = (proxy.port(.api), proxy.status)
                let descriptors = process.openDescriptors
                let threads = process.threads

                func run(_ waves: Range<Int>) async throws -> Int {
                    try await onThread { for wave in waves { try Self.runWave(wave, port: port) } }
                    try await eventually("end of all connections") { process.openDescriptors == descriptors }
                    return process.residentBytes
                }
                let before = try await run(0..<8)
                let after = try await run(8..<48)
                #expect(after <= before + before / 10, "\(before / 1024) KB before, \(after / 1024) KB after")
                #expect(process.threads == threads)

                let page = try await MetricsPage(of: proxy)
                #expect(page.value(#"sluice_http_connections_open{server="api"}"#) == 0)
                try await MetricsPage.wait(for: #"sluice_tcp_connections_total{origin="accepted"}"#, of: proxy) {
                    $0 >= Double(48 * Self.wave)
                }
                #expect(page.value(#"sluice_tcp_connections_total{origin="refused"}"#) == 0)
                proxy.terminate()
                #expect(try await proxy.waitForExit() == .status(0))
            }
        }

        @Test("2,000 over TLS, some broken off in the handshake, leave the same")
        func secureChurn() async throws {
            let files = try TemporaryDirectory()
            let certificate = try TestCertificate.selfSigned(.init(names: ["localhost"])).write(to: files, name: "own")
            let variables = [
                "PROXY_HTTPS_SERVER": "0", "PROXY_TLS_CERTIFICATE": certificate.certificates,
                "PROXY_TLS_KEY": certificate.privateKey,
            ]
            try await withProxy(variables) { proxy in
                let (port, process) = (proxy.port(.media, isSecure: true), proxy.status)
                let descriptors = process.openDescriptors

                /// Rounds of 250 connections, each with one request.
                func run(rounds: Int) async throws -> Int {
                    for _ in 0..<rounds {
                        let answer = try await Curl.get(
                            "https://localhost:\(port)/healthz?[1-250]",
                            ["--no-globoff", "--insecure", "-H", "Connection: close"])
                        #expect(answer.curl == 0 && answer.body.components(separatedBy: "HTTP/1.1 200 ").count == 250)
                        try await onThread {
                            for _ in 0..<50 {
                                let peer = try Peer(port: port)
                                peer.send([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00])
                                peer.reset()
                            }
                        }
                    }
                    try await eventually("end of all connections") { process.openDescriptors == descriptors }
                    return process.residentBytes
                }
                // More at once than there are later: what that takes is not given back to the system.
                let hello: [UInt8] = [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00]
                let crowd = try (0..<100).map { _ in try Peer(port: port) }
                for peer in crowd { #expect(peer.send(hello)) }
                try await eventually("accepted connections") { process.openDescriptors == descriptors + 100 }
                for peer in crowd { peer.reset() }
                let before = try await run(rounds: 2)
                let after = try await run(rounds: 8)
                #expect(after <= before + before / 10, "\(before / 1024) KB before, \(after / 1024) KB after")
            }
        }

        /// Nil where the reset came before the connect had returned.
        private static func connected(to port: UInt16, source: UInt8) throws -> Peer? {
            do {
                return try Peer(port: port, source: source)
            } catch let failure as Peer.Failure where failure.code == ECONNRESET {
                return nil
            }
        }

        /// Whether a request is answered; the alternative is a reset, and never silence.
        private static func isServed(_ peer: Peer?) throws -> Bool {
            guard let peer else { return false }
            peer.bound(by: .seconds(5))
            peer.send(Request.get("/healthz"))
            if let answer = peer.answer() {
                try #require(answer.hasPrefix("HTTP/1.1 200 "))
                return true
            }
            try #require(peer.readToEnd().end != .stillOpen)
            return false
        }

        @Test(
            "out of descriptors the rest is reset, nothing spins, and all is well when others leave", arguments: [1, 2])
        func exhaustion(loops: Int) async throws {
            try await withProxy(["PROXY_LOOPS": "\(loops)"]) { proxy in
                let (port, process) = (proxy.port(.api), proxy.status)
                let descriptors = process.openDescriptors
                // Where they are few from the start, the proxy takes only so many connections: see `LimitsTests`.
                let lowered = try await RunningProgram.run(
                    "/usr/bin/prlimit", ["--pid", "\(proxy.program.pid)", "--nofile=64:64"])
                #expect(lowered.exit == .status(0), "\(lowered.errors)")
                // This one is there before.
                let operators = try Peer(port: proxy.port(.system))
                operators.send(Request.get("/readyz"))
                #expect(operators.answer()?.hasPrefix("HTTP/1.1 200 ") == true)

                let refused = try await onThread { () -> Int in
                    var peers = try (0..<200).map { try Self.connected(to: port, source: UInt8(2 + $0 % 100)) }
                    let served = try peers.count { try Self.isServed($0) }
                    #expect(served >= 10 && served <= 100)

                    // A measurement over a second: it is not waited for anything.
                    let before = process.processorTime
                    poll(nil, 0, 1_000)
                    let spent = process.processorTime - before
                    #expect(spent <= .milliseconds(100), "an idle proxy without descriptors spent \(spent) in a second")

                    // More come, and those that are served stay so.
                    for _ in 0..<50 { peers.append(try Self.connected(to: port, source: 1)) }
                    let servedThen = try peers[200...].count { try Self.isServed($0) } + served
                    #expect(servedThen <= served + 2, "there is room for no more")
                    #expect(try peers[..<200].count { try Self.isServed($0) } == served)
                    return peers.count - servedThen
                }

                // With fewer, a listener has not got back its reserve yet, and all reset whoever comes.
                try await eventually("free descriptors") { process.openDescriptors == descriptors + 1 }
                #expect(try await Curl.get(proxy.url(.api, "/healthz")).status == 200)
                try await MetricsPage.wait(for: #"sluice_tcp_connections_total{origin="refused"}"#, of: proxy) {
                    $0 == Double(refused)
                }
                operators.send(Request.get("/readyz"))
                #expect(operators.answer()?.hasPrefix("HTTP/1.1 200 ") == true)
            }
        }
    }
}
