import COpenSSL

/// The certificates of a PEM text, in its order; at least one.
struct CertificateList: ~Copyable {
    /// Each owned by the list.
    let certificates: [OpaquePointer]

    init(_ source: PEMSource) throws(TLSConfigurationProblem) {
        let pem = try source.load()
        // Safe: the BIO reads the array's storage and is freed before the closure ends.
        let certificates = pem.withUnsafeBytes { bytes in
            let bio = BIO_new_mem_buf(bytes.baseAddress, Int32(bytes.count))
            defer { BIO_free(bio) }
            var certificates: [OpaquePointer] = []
            while let certificate = PEM_read_bio_X509_AUX(bio, nil, { _, _, _, _ in -1 }, nil) {
                certificates.append(certificate)
            }
            return certificates
        }
        // Reading always ends with an error: the usual one says that there is no further certificate.
        let last = ERR_peek_last_error()
        let errors = OpenSSLErrors.take()
        guard ERR_GET_LIB(last) == ERR_LIB_PEM, ERR_GET_REASON(last) == PEM_R_NO_START_LINE else {
            for certificate in certificates { X509_free(certificate) }
            throw .malformedCertificate(source: source.description, reason: errors.text)
        }
        guard !certificates.isEmpty else { throw .noCertificate(source: source.description) }
        self.certificates = certificates
    }

    deinit { for certificate in certificates { X509_free(certificate) } }

    /// What an operator wants to know about the first certificate.
    var summary: TLSCertificateSummary {
        TLSCertificateSummary(names: names, expiry: expiry)
    }

    /// The DNS names of the first certificate; its common name where it has none (certificates before RFC 2818's
    /// successors).
    private var names: [String] {
        // Safe: the extension is ours to free; each name in it lives as long.
        guard let extensions = X509_get_ext_d2i(certificates[0], NID_subject_alt_name, nil, nil) else {
            return commonName.map { [$0] } ?? []
        }
        let list = OpaquePointer(extensions)
        defer { GENERAL_NAMES_free(list) }
        var names: [String] = []
        for index in 0..<copenssl_sk_GENERAL_NAME_num(list) {
            guard let name = copenssl_sk_GENERAL_NAME_value(list, index), name.pointee.type == GEN_DNS,
                let text = Self.text(name.pointee.d.dNSName)
            else { continue }
            names.append(text)
        }
        return names
    }

    private var commonName: String? {
        guard let subject = X509_get_subject_name(certificates[0]) else { return nil }
        let index = X509_NAME_get_index_by_NID(subject, NID_commonName, -1)
        guard index >= 0 else { return nil }
        return Self.text(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, index)))
    }

    /// A name with a zero byte in it is an attack on programs in C and is left out.
    private static func text(_ string: UnsafePointer<ASN1_STRING>?) -> String? {
        guard let string, let data = ASN1_STRING_get0_data(string) else { return nil }
        // Safe: the string's bytes live as long as the certificate, and are copied here.
        let bytes = UnsafeBufferPointer(start: data, count: Int(ASN1_STRING_length(string)))
        return bytes.contains(0) ? nil : String(decoding: bytes, as: UTF8.self)
    }

    /// Seconds since 1970.
    private var expiry: Int64 {
        var days: Int32 = 0
        var seconds: Int32 = 0
        let epoch = ASN1_TIME_set(nil, 0)
        defer { ASN1_TIME_free(epoch) }
        guard ASN1_TIME_diff(&days, &seconds, epoch, X509_get0_notAfter(certificates[0])) == 1 else { return 0 }
        return Int64(days) * 86_400 + Int64(seconds)
    }
}

/// What an operator wants to know about a certificate in use.
package struct TLSCertificateSummary: Sendable, Equatable {
    /// The names it is for, wildcards as `*.example.com`.
    package let names: [String]

    /// When it ends, in seconds since 1970.
    package let expiry: Int64
}
