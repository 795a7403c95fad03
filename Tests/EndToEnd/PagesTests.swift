import Foundation
import TestKit
import Testing

@Suite("sluice-proxy serves pages")
struct PagesTests {
    private static let sources = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().appendingPathComponent("../../Sources/Proxy/Pages")

    private static let types = [
        "html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8", "svg": "image/svg+xml",
        "js": "text/javascript; charset=utf-8",
    ]

    /// Path, file and type of every page in the sources.
    private static func pages() throws -> [(path: String, file: String, type: String)] {
        let files = try FileManager.default.subpathsOfDirectory(atPath: sources.path)
        let typed = files.compactMap { file in types[(file as NSString).pathExtension].map { ("/" + file, file, $0) } }
        return typed + [("/", "index.html", "text/html; charset=utf-8")]
    }

    @Test("that are built in, every one, with their types, compressed, and validated by their content")
    func builtIn() async throws {
        let pages = try Self.pages()
        #expect(pages.contains { $0.path == "/player/player.js" })
        try await withProxy { proxy in
            for (path, file, type) in pages {
                let wanted = try String(contentsOf: Self.sources.appendingPathComponent(file), encoding: .utf8)
                let plain = try await Curl.get(proxy.url(.media, path))
                #expect(plain.status == 200 && plain.body == wanted && plain.fields["content-type"] == type)
                #expect(plain.fields["cache-control"] == "no-cache")
                let packed = try await Curl.get(proxy.url(.media, path), ["--compressed"])
                #expect(packed.body == wanted)
                let tag = try #require(plain.fields["etag"])
                let again = try await Curl.get(proxy.url(.media, path), ["-H", "If-None-Match: \(tag)"])
                #expect(again.status == 304 && again.body.isEmpty)
            }
            #expect(try await Curl.get(proxy.url(.media, "/"), ["--compressed"]).fields["content-encoding"] == "gzip")
            #expect(try await Curl.get(proxy.url(.media, "/none.html")).json["code"] as? Int == 404)
            #expect(try await Curl.get(proxy.url(.api, "/")).status == 404)
        }
    }

    @Test("of PROXY_STATIC_FILES, which may come later; nothing beside it is reached")
    func directory() async throws {
        let files = try TemporaryDirectory()
        try files.write("a secret", to: "secret.txt")
        try await withProxy(.init(variables: ["PROXY_STATIC_FILES": files.path + "/pages"])) { proxy in
            #expect(try await Curl.get(proxy.url(.media, "/")).status == 404)
            let warning = try await proxy.waitForLog("the directory of pages is not there yet")
            #expect(warning["path"] == files.path + "/pages")
            try FileManager.default.createDirectory(atPath: files.path + "/pages", withIntermediateDirectories: false)
            try files.write("0123456789", to: "pages/digits.txt")
            try FileManager.default.createSymbolicLink(
                atPath: files.path + "/pages/out.txt", withDestinationPath: "../secret.txt")
            #expect(try await Curl.get(proxy.url(.media, "/digits.txt")).body == "0123456789")
            let part = try await Curl.get(proxy.url(.media, "/digits.txt"), ["--range", "3-5"])
            #expect(part.status == 206 && part.body == "345")
            for path in ["/out.txt", "/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt"] {
                let answer = try await Curl.get(proxy.url(.media, path), ["--path-as-is"])
                #expect([400, 404].contains(answer.status) && !answer.body.contains("secret"), "\(path)")
            }
        }
    }
}
