import COpenSSL

/// One loaded configuration of a server: an OpenSSL context per certificate, and the names they answer for.
///
/// Immutable; a reload makes another. It lives until the last connection that began with it ends.
final class TLSServerCredentials: Sendable {
    /// The default first.
    let contexts: [TLSLibraryContext]
    let certificates: [TLSCertificateSummary]
    let names: ServerNameTable
    let applicationProtocols: ApplicationProtocols
    let ticketKeys: TLSTicketKeys?
    let maximumRecordsPerKey: UInt32

    init(_ configuration: TLSServerConfiguration) throws(TLSConfigurationError) {
        var problems: [TLSConfigurationProblem] = []
        var contexts: [TLSLibraryContext] = []
        var certificates: [TLSCertificateSummary] = []
        var names = ServerNameTable()
        var protocols: ApplicationProtocols?
        do throws(TLSConfigurationProblem) {
            protocols = try ApplicationProtocols(configuration.applicationProtocols)
        } catch {
            problems.append(error)
        }
        if configuration.identities.isEmpty { problems.append(.noIdentity) }
        for identity in configuration.identities {
            do throws(TLSConfigurationError) {
                let loaded = try LoadedIdentity(identity)
                let context = try Self.makeContext(configuration, presenting: loaded)
                names.add(loaded.chain.summary.names, index: contexts.count)
                contexts.append(context)
                certificates.append(loaded.chain.summary)
            } catch {
                for problem in error.problems where !problems.contains(problem) { problems.append(problem) }
            }
        }
        guard problems.isEmpty, let protocols else { throw TLSConfigurationError(problems: problems) }
        self.contexts = contexts
        self.certificates = certificates
        self.names = names
        applicationProtocols = protocols
        ticketKeys = configuration.ticketKeys
        maximumRecordsPerKey = configuration.maximumRecordsPerKey
    }

    private static func makeContext(
        _ configuration: TLSServerConfiguration, presenting identity: borrowing LoadedIdentity
    ) throws(TLSConfigurationError) -> TLSLibraryContext {
        do throws(TLSConfigurationProblem) {
            let context = try makeContext(configuration)
            try identity.install(in: context.pointer)
            return context
        } catch {
            throw TLSConfigurationError(problems: [error])
        }
    }

    private static func makeContext(
        _ configuration: TLSServerConfiguration
    ) throws(TLSConfigurationProblem) -> TLSLibraryContext {
        let context = try TLSLibraryContext(
            isServer: true, versions: configuration.versions, ciphers: configuration.ciphers)
        let pointer = context.pointer
        SSL_CTX_set_options(pointer, copenssl_op_cipher_server_preference | copenssl_op_prioritize_chacha)
        // Sessions live in tickets alone: nothing to share between loops, nothing to bound.
        _ = copenssl_SSL_CTX_set_session_cache_mode(pointer, Int(SSL_SESS_CACHE_OFF))
        let name: StaticString = "sluice"
        // Safe: the library copies the few bytes of the name.
        SSL_CTX_set_session_id_context(pointer, name.utf8Start, UInt32(name.utf8CodeUnitCount))
        if let keys = configuration.ticketKeys {
            SSL_CTX_set_timeout(pointer, Int(keys.period.components.seconds))
            SSL_CTX_set_tlsext_ticket_key_evp_cb(pointer) { ssl, name, vector, cipher, code, sealing in
                guard let keys = TLSEngine.of(ssl)?.serverCredentials?.ticketKeys, let name, let vector, let cipher,
                    let code
                else { return sealing == 1 ? -1 : 0 }
                return keys.install(name: name, vector: vector, cipher: cipher, code: code, sealing: sealing == 1)
            }
        } else {
            SSL_CTX_set_options(pointer, copenssl_op_no_ticket)
            SSL_CTX_set_num_tickets(pointer, 0)
        }
        _ = copenssl_SSL_CTX_set_tlsext_servername_callback(pointer) { ssl, _, _ in
            TLSServerCredentials.chooseCertificate(ssl)
        }
        if !configuration.applicationProtocols.isEmpty {
            SSL_CTX_set_alpn_select_cb(
                pointer,
                { ssl, chosen, chosenCount, offered, offeredCount, _ in
                    TLSServerCredentials.chooseProtocol(ssl, chosen, chosenCount, offered, offeredCount)
                }, nil)
        }
        return context
    }

    /// Gives a connection the certificate for the name that its client asked for.
    private static func chooseCertificate(_ ssl: OpaquePointer?) -> Int32 {
        // Safe: the name is a terminated string that lives as long as the connection, and is copied here.
        guard let credentials = TLSEngine.of(ssl)?.serverCredentials,
            let name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name).map({ String(cString: $0) })
        else { return SSL_TLSEXT_ERR_NOACK }
        let index = credentials.names.index(for: name)
        if index != ServerNameTable.defaultIndex { SSL_set_SSL_CTX(ssl, credentials.contexts[index].pointer) }
        return SSL_TLSEXT_ERR_OK
    }

    /// Picks the first of ours that the client offers too.
    private static func chooseProtocol(
        _ ssl: OpaquePointer?, _ chosen: UnsafeMutablePointer<UnsafePointer<UInt8>?>?,
        _ chosenCount: UnsafeMutablePointer<UInt8>?, _ offered: UnsafePointer<UInt8>?, _ offeredCount: UInt32
    ) -> Int32 {
        guard let credentials = TLSEngine.of(ssl)?.serverCredentials, let chosen, let chosenCount, let offered else {
            return SSL_TLSEXT_ERR_ALERT_FATAL
        }
        let theirs = UnsafeBufferPointer(start: offered, count: Int(offeredCount))
        guard let range = credentials.applicationProtocols.firstCommon(with: theirs) else {
            return SSL_TLSEXT_ERR_ALERT_FATAL
        }
        // Safe: the range lies inside the offer, which OpenSSL keeps until it has copied the choice.
        chosen.pointee = offered + range.lowerBound
        chosenCount.pointee = UInt8(range.count)
        return SSL_TLSEXT_ERR_OK
    }
}
