import COpenSSL
import Glibc

/// What all TLS connections to servers share: trust, offers, and sessions to resume. One for all loops.
///
/// Making one reads the authorities' files: not on a loop.
package final class TLSClientContext: Sendable {
    package let configuration: TLSClientConfiguration

    let library: TLSLibraryContext
    let sessions: TLSSessionCache

    package init(_ configuration: TLSClientConfiguration = TLSClientConfiguration()) throws(TLSConfigurationError) {
        do throws(TLSConfigurationProblem) {
            library = try Self.makeContext(configuration)
        } catch {
            throw TLSConfigurationError(problems: [error])
        }
        self.configuration = configuration
        sessions = TLSSessionCache(maximum: configuration.maximumSessions)
    }

    private static func makeContext(
        _ configuration: TLSClientConfiguration
    ) throws(TLSConfigurationProblem) -> TLSLibraryContext {
        let protocols = try ApplicationProtocols(configuration.applicationProtocols).wire
        let context = try TLSLibraryContext(
            isServer: false, versions: configuration.versions, ciphers: configuration.ciphers)
        let pointer = context.pointer
        if configuration.verification == .full {
            SSL_CTX_set_verify(pointer, SSL_VERIFY_PEER, nil)
            try trust(configuration.authorities, in: pointer)
        } else {
            SSL_CTX_set_verify(pointer, SSL_VERIFY_NONE, nil)
        }
        // Safe: the library copies the list. It returns 0 for success, and fails only without memory.
        guard protocols.isEmpty || SSL_CTX_set_alpn_protos(pointer, protocols, UInt32(protocols.count)) == 0 else {
            throw .library(reason: OpenSSLErrors.take().text)
        }
        // Our own cache is keyed by server; OpenSSL's would only hold sessions that it never finds again.
        let mode = configuration.maximumSessions > 0 ? SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL : 0
        _ = copenssl_SSL_CTX_set_session_cache_mode(pointer, Int(mode))
        SSL_CTX_sess_set_new_cb(pointer) { ssl, session in
            if let session { TLSEngine.of(ssl)?.remember(session) }
            return 0
        }
        return context
    }

    private static func trust(
        _ authorities: TLSClientConfiguration.Authorities, in context: OpaquePointer
    ) throws(TLSConfigurationProblem) {
        switch authorities {
        case .system:
            try trustSystem(in: context)
        case .custom(let source):
            let list = try CertificateList(source)
            let store = SSL_CTX_get_cert_store(context)
            for certificate in list.certificates where X509_STORE_add_cert(store, certificate) != 1 {
                throw .refusedCertificate(source: source.description, reason: OpenSSLErrors.take().text)
            }
        }
    }

    /// Debian's authorities in one file.
    private static let systemAuthorities = "/etc/ssl/certs/ca-certificates.crt"

    private static func trustSystem(in context: OpaquePointer) throws(TLSConfigurationProblem) {
        // Safe: the names are constants of the library; the environment is not changed after the start.
        let isOverridden =
            getenv(X509_get_default_cert_file_env()) != nil || getenv(X509_get_default_cert_dir_env()) != nil
        // OpenSSL's default is a directory that it would search during handshakes, on a loop: all of it is read now.
        if !isOverridden, SSL_CTX_load_verify_file(context, systemAuthorities) == 1 { return }
        ERR_clear_error()
        guard SSL_CTX_set_default_verify_paths(context) == 1 else {
            throw .library(reason: OpenSSLErrors.take().text)
        }
    }
}
