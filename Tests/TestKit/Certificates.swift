/// A certificate for tests, with its key. Made when the test runs and kept nowhere else.
package struct TestCertificate: Sendable {
    /// What the certificate says.
    package struct Content: Sendable {
        package enum KeyKind: Sendable {
            case p256
            case rsa(bits: UInt32)
        }

        /// DNS names and IP addresses it is for.
        package var names: [String]
        package var addresses: [String]

        /// From when to when it is valid, in seconds from now.
        package var validity: ClosedRange<Int>
        package var key = KeyKind.p256
        package var isAuthority = false

        package init(
            names: [String] = [], addresses: [String] = [], validity: ClosedRange<Int> = -3_600...86_400,
            key: KeyKind = .p256
        ) {
            self.names = names
            self.addresses = addresses
            self.validity = validity
            self.key = key
        }
    }

    /// The certificate alone, in PEM form.
    package let certificate: String
    package let privateKey: String

    /// The certificates of the authorities between this one and the root, in PEM form.
    package let intermediates: String

    /// What a server is given: the certificate, then its intermediates.
    package var chain: String { certificate + intermediates }

    /// One that vouches for itself.
    package static func selfSigned(_ content: Content) throws -> TestCertificate {
        try CertificateForge.make(content, commonName: content.names.first ?? "self-signed", issuer: nil)
    }

    /// The key under a passphrase, in PEM form.
    package func encryptedPrivateKey(passphrase: String) throws -> String {
        try CertificateForge.encrypt(privateKey, passphrase: passphrase)
    }

    /// Writes `name.pem` and `name.key` and returns their paths.
    package func write(
        to directory: TemporaryDirectory, name: String
    ) throws -> (certificates: String, privateKey: String) {
        (try directory.write(chain, to: "\(name).pem"), try directory.write(privateKey, to: "\(name).key"))
    }
}

/// A certificate authority for tests: clients that trust `certificate` trust what it issues.
package struct TestAuthority: Sendable {
    private let own: TestCertificate
    private let isRoot: Bool

    /// A root of its own.
    package init(name: String = "Test root") throws {
        var content = TestCertificate.Content()
        content.isAuthority = true
        own = try CertificateForge.make(content, commonName: name, issuer: nil)
        isRoot = true
    }

    private init(own: TestCertificate) {
        self.own = own
        isRoot = false
    }

    /// The authority's certificate, in PEM form.
    package var certificate: String { own.certificate }

    package func issue(_ content: TestCertificate.Content) throws -> TestCertificate {
        try CertificateForge.make(content, commonName: content.names.first ?? "leaf", issuer: own, issuerIsRoot: isRoot)
    }

    /// For one server at `names` and `addresses`.
    package func issue(_ names: String..., addresses: [String] = []) throws -> TestCertificate {
        try issue(TestCertificate.Content(names: names, addresses: addresses))
    }

    /// An authority below this one.
    package func intermediate(name: String) throws -> TestAuthority {
        var content = TestCertificate.Content()
        content.isAuthority = true
        return TestAuthority(
            own: try CertificateForge.make(content, commonName: name, issuer: own, issuerIsRoot: isRoot))
    }
}
