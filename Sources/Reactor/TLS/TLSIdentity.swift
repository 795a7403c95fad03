import COpenSSL

/// A certificate chain and its key.
package struct TLSIdentity: Sendable, Equatable {
    /// The server's own certificate first, then those that lead to the authority.
    package let certificates: PEMSource
    package let privateKey: PEMSource

    /// `privateKey` is left out where the key is in the same file as the certificates.
    package init(certificates: PEMSource, privateKey: PEMSource? = nil) {
        self.certificates = certificates
        self.privateKey = privateKey ?? certificates
    }
}

/// A loaded identity, in OpenSSL's objects.
struct LoadedIdentity: ~Copyable {
    let chain: CertificateList
    let key: OpaquePointer
    let source: TLSIdentity

    /// Throws what is wrong with the certificates and with the key, both.
    init(_ identity: TLSIdentity) throws(TLSConfigurationError) {
        var problems: [TLSConfigurationProblem] = []
        var loadedKey: OpaquePointer?
        do throws(TLSConfigurationProblem) {
            loadedKey = try PrivateKey.load(identity.privateKey)
        } catch {
            problems.append(error)
        }
        let chain: CertificateList
        do throws(TLSConfigurationProblem) {
            chain = try CertificateList(identity.certificates)
        } catch {
            EVP_PKEY_free(loadedKey)
            throw TLSConfigurationError(problems: error == problems.first ? problems : [error] + problems)
        }
        guard let key = loadedKey else { throw TLSConfigurationError(problems: problems) }
        guard X509_check_private_key(chain.certificates[0], key) == 1 else {
            EVP_PKEY_free(key)
            _ = OpenSSLErrors.take()
            let (certificate, key) = (identity.certificates.description, identity.privateKey.description)
            throw TLSConfigurationError(problems: [.keyMismatch(certificate: certificate, key: key)])
        }
        self.chain = chain
        self.key = key
        source = identity
    }

    deinit { EVP_PKEY_free(key) }

    /// Lets `context` present this identity.
    func install(in context: OpaquePointer) throws(TLSConfigurationProblem) {
        guard let intermediates = copenssl_sk_X509_new() else { throw .library(reason: OpenSSLErrors.take().text) }
        // The stack owns a reference to each certificate in it.
        defer { copenssl_sk_X509_free_all(intermediates) }
        for certificate in chain.certificates.dropFirst() where X509_up_ref(certificate) == 1 {
            _ = copenssl_sk_X509_push(intermediates, certificate)
        }
        guard SSL_CTX_use_cert_and_key(context, chain.certificates[0], key, intermediates, 1) == 1 else {
            throw .refusedCertificate(source: source.certificates.description, reason: OpenSSLErrors.take().text)
        }
    }
}

private enum PrivateKey {
    /// The first private key of a PEM text; the caller frees it.
    static func load(_ source: PEMSource) throws(TLSConfigurationProblem) -> OpaquePointer {
        let pem = try source.load()
        let text = String(decoding: pem, as: UTF8.self)
        guard text.contains("PRIVATE KEY-----") else { throw .noPrivateKey(source: source.description) }
        guard !text.contains("ENCRYPTED") else { throw .encryptedPrivateKey(source: source.description) }
        // Safe: the BIO reads the array's storage and is freed before the closure ends.
        let key = pem.withUnsafeBytes { bytes in
            let bio = BIO_new_mem_buf(bytes.baseAddress, Int32(bytes.count))
            defer { BIO_free(bio) }
            // Without this callback OpenSSL would ask for a passphrase on the terminal.
            return PEM_read_bio_PrivateKey(bio, nil, { _, _, _, _ in -1 }, nil)
        }
        guard let key else {
            throw .malformedPrivateKey(source: source.description, reason: OpenSSLErrors.take().text)
        }
        return key
    }
}
