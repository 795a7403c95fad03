import TestKit

@testable import Reactor

extension PEMSource {
    /// The bytes of a certificate or key made for this test.
    static func text(_ pem: String, name: String = "test bytes") -> PEMSource { .bytes(Array(pem.utf8), name: name) }
}

extension TLSIdentity {
    init(_ certificate: TestCertificate) {
        self.init(certificates: .text(certificate.chain), privateKey: .text(certificate.privateKey))
    }
}

extension TLSServerContext {
    /// A server that presents `certificates`, the default first.
    convenience init(
        _ certificates: TestCertificate..., change: (inout TLSServerConfiguration) -> Void = { _ in }
    ) throws {
        var configuration = TLSServerConfiguration(identities: certificates.map { TLSIdentity($0) })
        change(&configuration)
        try self.init(configuration)
    }
}

extension TLSClientContext {
    /// A client that trusts `authority` alone.
    convenience init(
        trusting authority: TestAuthority, change: (inout TLSClientConfiguration) -> Void = { _ in }
    ) throws {
        var configuration = TLSClientConfiguration()
        configuration.authorities = .custom(.text(authority.certificate))
        change(&configuration)
        try self.init(configuration)
    }
}

/// A server of one name, and a client that trusts it.
struct TLSContexts {
    let server: TLSServerContext
    let client: TLSClientContext

    init(for name: String) throws {
        let authority = try TestAuthority()
        server = try TLSServerContext(authority.issue(name))
        client = try TLSClientContext(trusting: authority)
    }
}

/// Bytes that tell where they were cut or swapped.
func pattern(_ count: Int, seed: UInt64 = 7) -> [UInt8] {
    var random = SplitMix(seed: seed)
    return (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
}
