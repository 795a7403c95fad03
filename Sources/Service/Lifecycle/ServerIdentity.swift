import Bytes
import Glibc
import Reactor

/// Who answers: what SRS's API shows of a server in every envelope.
package struct ServerIdentity: Sendable {
    /// The same for every start on this host.
    package let server: String
    /// Another one at every start.
    package let service: String
    package let process: Int32

    /// `server` is made of the host's name where it is nil.
    package init(server: String? = nil) {
        self.server = server ?? Self.ofHost()
        service = Self.text(SecureRandom.bytes(8), length: 8)
        process = getpid()
    }

    private static func ofHost() -> String {
        var name = [CChar](repeating: 0, count: 256)
        gethostname(&name, name.count - 1)
        let host = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return "vid-" + text(SHA1.digest(host.rawSpan), length: 7)
    }

    /// What begins every answer of SRS's API.
    package var envelope: String { envelope(code: 0) }

    /// The same of a refusal, which SRS's API answers with 200 and a code of its own.
    package func envelope(code: Int) -> String {
        "\"code\":\(code),\"server\":\"\(server)\",\"service\":\"\(service)\",\"pid\":\"\(process)\""
    }

    private static func text(_ bytes: [UInt8], length: Int) -> String {
        let digits = Array("0123456789abcdefghijklmnopqrstuvwxyz")
        return String(bytes.prefix(length).map { digits[Int($0) % digits.count] })
    }
}
