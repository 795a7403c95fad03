import Bytes
import Glibc
import Reactor

/// Megabytes per second of one core through the engine, against the bare cipher as `openssl speed` measures it.
enum Bulk {
    private static let peers = [
        ("TLS_AES_256_GCM_SHA384", "aes-256-gcm"), ("ECDHE-ECDSA-AES128-GCM-SHA256", "aes-128-gcm"),
    ]

    static func run() throws {
        for (version, chunk) in [
            (TLSVersion.tls13, 16 << 10), (.tls13, 64 << 10), (.tls13, 256 << 10), (.tls12, 64 << 10),
        ] {
            let sides = try Sides(version: version, ciphers: "ECDHE-ECDSA-AES128-GCM-SHA256")
            let workspace = TLSWorkspace()
            let connection = try Connection(client: sides.client, server: sides.server, workspace: workspace)
            let cipher = connection.server.negotiated?.cipher ?? ""
            guard let peer = peers.first(where: { $0.0 == cipher })?.1 else { continue }
            var ours: [(encrypt: Double, decrypt: Double)] = []
            var theirs: [Double] = []
            // In turns, so that both meet the same machine.
            for _ in 0..<3 {
                ours.append(try measure(connection, chunk: chunk, workspace))
                theirs.append(bareCipher(peer))
            }
            let encrypt = ours.map(\.encrypt).max() ?? 0
            let decrypt = ours.map(\.decrypt).max() ?? 0
            let bare = theirs.max() ?? 0
            print(
                "bulk \(version) \(cipher), writes of \(chunk >> 10) KiB: encrypt \(fixed(encrypt, 0)) MB/s, "
                    + "decrypt \(fixed(decrypt, 0)) MB/s; openssl speed \(peer): \(fixed(bare, 0)) MB/s")
            print(
                "BENCH tls-\(version == .tls13 ? "13" : "12")-\(chunk >> 10)k "
                    + "ratio=\(fixed(2 * bare / (encrypt + decrypt), 2)) encrypt=\(fixed(bare / encrypt, 2)) "
                    + "decrypt=\(fixed(bare / decrypt, 2))")
        }
    }

    /// MB/s each way for `chunk` bytes at a time.
    private static func measure(
        _ connection: Connection, chunk: Int, _ workspace: TLSWorkspace
    ) throws -> (encrypt: Double, decrypt: Double) {
        let plaintext = [UInt8](repeating: 0x5A, count: chunk)
        var encrypting: UInt64 = 0
        var decrypting: UInt64 = 0
        var arrived = 0
        let total = 1 << 30
        while arrived < total {
            var start = cpuTime()
            // The ciphertext is used where it lies, as a socket would.
            try connection.server.encrypt(plaintext.rawSpan, workspace: workspace) { ciphertext in
                encrypting += cpuTime() - start
                start = cpuTime()
                do {
                    try connection.client.receive(ciphertext, workspace: workspace, send: { _ in }) { event in
                        if case .plaintext(let bytes) = event { arrived += bytes.byteCount }
                    }
                } catch {
                    fatalError("\(error)")
                }
                decrypting += cpuTime() - start
                start = cpuTime()
            }
        }
        return (Double(arrived) * 1e3 / Double(encrypting), Double(arrived) * 1e3 / Double(decrypting))
    }

    /// What `openssl speed` says of a cipher on blocks of one record, in MB/s.
    private static func bareCipher(_ name: String) -> Double {
        guard let output = popen("openssl speed -seconds 1 -bytes 16384 -aead -evp \(name) 2>/dev/null", "r") else {
            return 0
        }
        defer { pclose(output) }
        var last = ""
        var line = [CChar](repeating: 0, count: 512)
        while fgets(&line, Int32(line.count), output) != nil {
            last = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
        // "AES-256-GCM   4723456.00k"
        let figure = last.split(separator: " ").last.map { String($0.prefix { $0 != "k" }) } ?? ""
        return (Double(figure) ?? 0) / 1e3
    }
}
