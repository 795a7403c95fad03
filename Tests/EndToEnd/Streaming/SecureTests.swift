import Foundation
import TestKit
import Testing

@Suite("RTMPS, and what else comes to ports of RTMP")
struct SecureTests {
    @Test("ffmpeg publishes and plays by rtmps, and what arrives is what was sent")
    func rtmps() async throws {
        let media = try await Fixture.bFrames.make()
        let directory = try TemporaryDirectory()
        let files = try TestAuthority().issue("localhost", addresses: ["127.0.0.1"]).write(
            to: directory, name: "origin")
        let variables = [
            "SRS_RTMPS_ENABLED": "on", "SRS_RTMPS_LISTEN": "127.0.0.1:0", "SRS_RTMPS_CERT": files.certificates,
            "SRS_RTMPS_KEY": files.privateKey,
        ]
        try await withOrigin(variables) { origin in
            let url = origin.url(.rtmps, "/live/secret")
            let viewers = [
                try FFmpeg.play(url, media.sent), try FFmpeg.play(origin.url(.rtmp, "/live/secret"), media.sent),
            ]
            defer { for viewer in viewers { viewer.program.end() } }
            try await origin.waitForLog("playing", count: 2)
            let publisher = try FFmpeg.publish(media, to: url)
            defer { publisher.end() }
            for viewer in viewers {
                let recording = try await viewer.recording(toTheEndOf: media.sent)
                #expect(recording.differences(from: media.sent) == [])
                #expect(recording.hashes("video").count == media.sent.hashes("video").count)
            }
        }
    }

    @Test("the proxy takes rtmps from ffmpeg, published and played, in front of an origin without TLS")
    func proxied() async throws {
        let media = try await Fixture.bFrames.make()
        let directory = try TemporaryDirectory()
        let files = try TestAuthority().issue("localhost", addresses: ["127.0.0.1"]).write(to: directory, name: "proxy")
        let variables = [
            "PROXY_RTMPS_SERVER": "0", "PROXY_TLS_CERTIFICATE": files.certificates, "PROXY_TLS_KEY": files.privateKey,
        ]
        try await withOrigin { origin in
            let own = ProxyProcess.variables(before: origin.port(.rtmp)).merging(variables) { _, own in own }
            try await withProxy(own) { proxy in
                let urls = [true, false].map { proxy.url(.rtmp, "/live/secret", isSecure: $0) }
                #expect(urls[0].hasPrefix("rtmps://") && urls[1].hasPrefix("rtmp://"))
                let viewers = try urls.map { try FFmpeg.play($0, media.sent) }
                defer { for viewer in viewers { viewer.program.end() } }
                try await origin.waitForLog("playing", count: 2)
                let publisher = try FFmpeg.publish(media, to: urls[0])
                defer { publisher.end() }
                try await MetricsPage.wait(for: #"sluice_rtmp_connections_open{scheme="rtmps"}"#, of: proxy) { $0 == 2 }
                try await MetricsPage.wait(for: #"sluice_rtmp_connections_open{scheme="rtmp"}"#, of: proxy) { $0 == 1 }
                for viewer in viewers {
                    let recording = try await viewer.recording(toTheEndOf: media.sent)
                    #expect(recording.differences(from: media.sent) == [])
                    #expect(recording.hashes("video").count == media.sent.hashes("video").count)
                }
                publisher.end()
                for scheme in ["rtmp", "rtmps"] {
                    let series = #"sluice_rtmp_connections_open{scheme="\#(scheme)"}"#
                    try await MetricsPage.wait(for: series, of: proxy) { $0 == 0 }
                }
            }
        }
    }

    @Test("SIGHUP gives new clients of both TLS ports of the proxy the new certificate")
    func reload() async throws {
        let roots = [try TestAuthority(name: "First root"), try TestAuthority(name: "Second root")]
        let directory = try TemporaryDirectory()
        for (number, root) in roots.enumerated() { try directory.write(root.certificate, to: "root-\(number).pem") }
        let files = try roots[0].issue("localhost").write(to: directory, name: "proxy")
        let variables = [
            "PROXY_RTMPS_SERVER": "0", "PROXY_HTTPS_SERVER": "0", "PROXY_TLS_CERTIFICATE": files.certificates,
            "PROXY_TLS_KEY": files.privateKey,
        ]
        try await withProxy(variables) { proxy in
            // What curl says on a port for RTMP, once it has agreed on TLS, is not understood there.
            func isTrusted(_ port: UInt16, by root: Int) async throws -> Bool {
                let trust = ["--cacert", "\(directory.path)/root-\(root).pem"]
                return try await Curl.get("https://localhost:\(port)/", trust).curl != 60
            }
            let ports = [proxy.port(.rtmp, isSecure: true), proxy.port(.media, isSecure: true)]
            for port in ports {
                #expect(try await isTrusted(port, by: 0))
                #expect(try await !isTrusted(port, by: 1))
            }
            _ = try roots[1].issue("localhost").write(to: directory, name: "proxy")
            proxy.program.signal(SIGHUP)
            try await proxy.waitForLog("certificate reloaded")
            for port in ports {
                #expect(try await isTrusted(port, by: 1))
                #expect(try await !isTrusted(port, by: 0))
            }

            try directory.write("nothing", to: "proxy.pem")
            proxy.program.signal(SIGHUP)
            let line = try await proxy.waitForLog("certificate not reloaded, the old one stays")
            #expect(line["reason"]?.components(separatedBy: "proxy.pem").count == 2, "told once, not for each port")
            for port in ports { #expect(try await isTrusted(port, by: 1)) }
        }
    }

    @Test("what is no TLS on the port for RTMPS is named in the log of the proxy")
    func plainOnSecure() async throws {
        let directory = try TemporaryDirectory()
        let files = try TestAuthority().issue("localhost").write(to: directory, name: "proxy")
        let variables = [
            "PROXY_RTMPS_SERVER": "0", "PROXY_TLS_CERTIFICATE": files.certificates, "PROXY_TLS_KEY": files.privateKey,
        ]
        try await withProxy(variables) { proxy in
            #expect(try await Curl.get("http://127.0.0.1:\(proxy.port(.rtmp, isSecure: true))/").status == 0)
            let line = try await proxy.waitForLog("TLS failed")
            #expect(line.level == "warning" && line["reason"]?.isEmpty == false)
        }
    }

    @Test("TLS and HTTP on a plain port are named in the log", arguments: Way.allCases)
    func wrong(way: Way) async throws {
        try await withSite(way) { site in
            let address = site.rtmp("/").replacingOccurrences(of: "rtmp://", with: "")
            let (server, name): (any ServerProcess, String) =
                site.proxy.map { ($0, "proxy") } ?? (site.origin, "origin")
            let tls = try await Curl.get("https://\(address)", ["--insecure"])
            #expect(tls.status == 0)
            let line = try await server.waitForLog("TLS on a port for plain RTMP")
            #expect(line.level == "warning" && line["peer"]?.hasPrefix("127.0.0.1:") == true, "\(name)")
        }
        try await withSite(way) { site in
            let address = site.rtmp("/").replacingOccurrences(of: "rtmp://", with: "")
            let server: any ServerProcess = site.proxy ?? site.origin
            #expect(try await Curl.get("http://\(address)").status == 0)
            try await server.waitForLog("HTTP on a port for RTMP")
        }
    }

    @Test(
        "a thousand that never finish their handshake stop nobody at the usual limits, and are gone after it",
        arguments: Way.allCases)
    func halfOpen(way: Way) async throws {
        let media = try await Fixture.plain.make()
        try await withSite(way, ["SRS_LOOPS": "1"]) { site in
            let server: any ServerProcess = site.proxy ?? site.origin
            let port = site.proxy?.port(.rtmp) ?? site.origin.port(.rtmp)
            let url = site.rtmp("/live/open")
            let descriptors = try await Self.descriptorsAtRest(site, media)
            let peers = try await onThread {
                try (0..<1_000).map { number in
                    let peer = try Peer(port: port, source: UInt8(2 + number % 100))
                    // Nothing, the first byte, or all but the last.
                    peer.send([UInt8](repeating: 3, count: [0, 1, 1_536][number % 3]))
                    return HeldPeer(peer)
                }
            }
            let began = ContinuousClock.now
            let publisher = try Client.publish(url, media.path, Client.lasting)
            let viewer = try Client.play(url)
            try await viewer.wait(for: "media", count: 40)
            #expect(ContinuousClock.now - began < .seconds(8))
            publisher.program.end()
            viewer.program.end()
            try await eventually("end of the half-open ones") { server.status.openDescriptors == descriptors }
            withExtendedLifetime(peers) {}
        }
    }

    /// Descriptors of a server that has had a publisher and is left alone: from the first one on a loop has a second
    /// set, for what it reads at a pace.
    private static func descriptorsAtRest(_ site: Site, _ media: Fixture.Media) async throws -> Int {
        let server: any ServerProcess = site.proxy ?? site.origin
        let publisher = try Client.publish(
            site.rtmp("/live/first"), media.path, ["--speed", "5", "--end", "silent"])
        try await publisher.wait(for: "sent")
        // Its own connection, and the proxy's to the origin.
        let descriptors = server.status.openDescriptors - (site.proxy == nil ? 1 : 2)
        publisher.program.end()
        try await eventually("end of the first publisher") { server.status.openDescriptors == descriptors }
        return descriptors
    }
}

/// One that is only kept open.
private final class HeldPeer: @unchecked Sendable {
    // Safe: nobody uses it any more; it is closed when the last reference goes.
    private let peer: Peer

    init(_ peer: Peer) { self.peer = peer }
}
