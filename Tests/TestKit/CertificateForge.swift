import COpenSSL

/// OpenSSL would not do what a test asked for.
package struct CertificateFailure: Error {
    package let step: String
}

/// Makes and signs certificates with OpenSSL's library.
enum CertificateForge {
    static func make(
        _ content: TestCertificate.Content, commonName: String, issuer: TestCertificate?, issuerIsRoot: Bool = true
    ) throws -> TestCertificate {
        let key = try makeKey(content.key)
        defer { EVP_PKEY_free(key) }
        let certificate = try require(X509_new(), "X509_new")
        defer { X509_free(certificate) }
        let issuerCertificate = try issuer.map { try readCertificate($0.certificate) }
        defer { X509_free(issuerCertificate) }
        let issuerKey = try issuer.map { try readKey($0.privateKey) }
        defer { EVP_PKEY_free(issuerKey) }

        try describe(certificate, content, commonName: commonName, key: key)
        let issuerName = X509_get_subject_name(issuerCertificate ?? certificate)
        try check(X509_set_issuer_name(certificate, issuerName), "X509_set_issuer_name")
        try addExtensions(to: certificate, content, issuer: issuerCertificate ?? certificate)
        guard X509_sign(certificate, issuerKey ?? key, EVP_sha256()) > 0 else {
            throw CertificateFailure(step: "X509_sign")
        }
        return TestCertificate(
            certificate: try pem { PEM_write_bio_X509($0, certificate) },
            privateKey: try pem { PEM_write_bio_PrivateKey($0, key, nil, nil, 0, nil, nil) },
            intermediates: issuerIsRoot ? "" : issuer?.chain ?? "")
    }

    static func encrypt(_ privateKey: String, passphrase: String) throws -> String {
        let key = try readKey(privateKey)
        defer { EVP_PKEY_free(key) }
        let word = Array(passphrase.utf8)
        return try pem { PEM_write_bio_PrivateKey($0, key, EVP_aes_128_cbc(), word, Int32(word.count), nil, nil) }
    }

    private static func makeKey(_ kind: TestCertificate.Content.KeyKind) throws -> OpaquePointer {
        switch kind {
        case .p256: try require(copenssl_EVP_EC_gen("P-256"), "EVP_EC_gen")
        case .rsa(let bits): try require(copenssl_EVP_RSA_gen(bits), "EVP_RSA_gen")
        }
    }

    private static func describe(
        _ certificate: OpaquePointer, _ content: TestCertificate.Content, commonName: String, key: OpaquePointer
    ) throws {
        try check(X509_set_version(certificate, Int(X509_VERSION_3)), "X509_set_version")
        let serial = Int.random(in: 1...Int(Int32.max))
        try check(ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial), "ASN1_INTEGER_set")
        X509_gmtime_adj(X509_getm_notBefore(certificate), content.validity.lowerBound)
        X509_gmtime_adj(X509_getm_notAfter(certificate), content.validity.upperBound)
        try check(X509_set_pubkey(certificate, key), "X509_set_pubkey")
        let name = X509_get_subject_name(certificate)
        let utf8 = Array(commonName.utf8)
        try check(
            X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, utf8, Int32(utf8.count), -1, 0), "X509_NAME_add_entry")
    }

    private static func addExtensions(
        to certificate: OpaquePointer, _ content: TestCertificate.Content, issuer: OpaquePointer
    ) throws {
        var extensions: [(Int32, String)] = [(NID_subject_key_identifier, "hash")]
        if content.isAuthority {
            extensions.append((NID_basic_constraints, "critical,CA:TRUE"))
            extensions.append((NID_key_usage, "critical,keyCertSign,cRLSign"))
        } else {
            extensions.append((NID_ext_key_usage, "serverAuth,clientAuth"))
        }
        let names = content.names.map { "DNS:\($0)" } + content.addresses.map { "IP:\($0)" }
        if !names.isEmpty { extensions.append((NID_subject_alt_name, names.joined(separator: ","))) }
        var context = X509V3_CTX()
        copenssl_X509V3_set_ctx_nodb(&context)
        X509V3_set_ctx(&context, issuer, certificate, nil, nil, 0)
        for (kind, value) in extensions {
            let made = try require(X509V3_EXT_conf_nid(nil, &context, kind, value), "extension \(value)")
            defer { X509_EXTENSION_free(made) }
            try check(X509_add_ext(certificate, made, -1), "X509_add_ext")
        }
    }

    private static func readCertificate(_ pem: String) throws -> OpaquePointer {
        try require(read(pem) { PEM_read_bio_X509($0, nil, nil, nil) }, "PEM_read_bio_X509")
    }

    private static func readKey(_ pem: String) throws -> OpaquePointer {
        try require(read(pem) { PEM_read_bio_PrivateKey($0, nil, nil, nil) }, "PEM_read_bio_PrivateKey")
    }

    /// Gives `body` a BIO over `pem`, valid during the call.
    private static func read<Result>(_ pem: String, _ body: (OpaquePointer?) throws -> Result) rethrows -> Result {
        var pem = pem
        return try pem.withUTF8 { bytes in
            // Safe: the BIO reads the string's bytes and is freed before the closure ends.
            let bio = BIO_new_mem_buf(bytes.baseAddress, Int32(bytes.count))
            defer { BIO_free(bio) }
            return try body(bio)
        }
    }

    private static func pem(_ write: (OpaquePointer) -> Int32) throws -> String {
        let bio = try require(BIO_new(BIO_s_mem()), "BIO_new")
        defer { BIO_free(bio) }
        try check(write(bio), "writing PEM")
        var data: UnsafeMutablePointer<CChar>?
        let count = copenssl_BIO_get_mem_data(bio, &data)
        // Safe: the BIO holds `count` bytes at `data` until it is freed.
        return String(decoding: UnsafeRawBufferPointer(start: data, count: count), as: UTF8.self)
    }

    private static func require(_ pointer: OpaquePointer?, _ step: String) throws -> OpaquePointer {
        guard let pointer else { throw CertificateFailure(step: step) }
        return pointer
    }

    private static func check(_ result: Int32, _ step: String) throws {
        guard result == 1 else { throw CertificateFailure(step: step) }
    }
}
