package import HTTP
package import Reactor

/// Why a request has no answer, or not the whole of it.
package struct HTTPClientError: Error, Equatable, Sendable {
    package enum Kind: Error, Equatable, Sendable {
        /// The request cannot be sent as it is.
        case invalidRequest(Fault)
        /// The origin's name has no address, or nobody could say.
        case resolve(DNSError)
        /// No address of the origin took the connection.
        case connect(TCPCloseReason?)
        case tls(TLSError)
        case timeout(Timeout)
        /// The server broke the rules of HTTP.
        case protocolError(ClientMachine.Failure)
        /// The connection ended before the answer was whole; nil where the server ended it in good order.
        case closed(TCPCloseReason?)
        /// The body is longer than the request accepts.
        case tooLarge(maximum: Int)
        case tooManyRedirects(maximum: Int)
        /// Given up by the caller, or with the client.
        case cancelled
        /// As many requests wait, or as many connections are open, as may be.
        case overloaded
    }

    package enum Timeout: Equatable, Sendable {
        /// For a connection to become free.
        case wait
        /// For the connection, TLS included.
        case connect
        /// For the head of the answer.
        case head
        /// For more of the body.
        case body
        /// For the server to take the request.
        case write
        /// For everything together, as the request itself wants it.
        case whole
    }

    package enum Fault: Error, Equatable, Sendable {
        /// `https` without a TLS context.
        case noTLS
        /// CONNECT has no URL.
        case connectMethod
        case encoding(RequestEncoderError)
        /// The body that was written has another length than was declared.
        case bodyLength
    }

    package let kind: Kind

    /// Whether the same request may go to another origin: not a byte of an answer has come, and the request is either
    /// safe or has not left this machine, so it cannot have had an effect.
    package let mayRetryElsewhere: Bool

    package init(kind: Kind, mayRetryElsewhere: Bool) {
        self.kind = kind
        self.mayRetryElsewhere = mayRetryElsewhere
    }
}

extension HTTPClientError.Kind {
    /// What the end of a connection means for the request on it.
    init(_ reason: TCPCloseReason) {
        switch reason {
        case .tls(let error): self = .tls(error)
        case .timeout(.handshake): self = .timeout(.connect)
        case .timeout(.write): self = .timeout(.write)
        case .timeout(.idle), .timeout(.owner), .closed, .aborted, .reset, .outputOverflow, .failed, .shutdown:
            self = .closed(reason)
        }
    }

    /// What the failure of a connect means. Of several addresses, one that was reached and did not prove who it is says
    /// most, and else the one that failed last.
    init(_ error: TCPConnectError) {
        switch error {
        case .resolution(let error): self = .resolve(error)
        case .noAddress: self = .resolve(.notFound)
        case .timeout: self = .timeout(.connect)
        case .cancelled: self = .cancelled
        case .shutDown: self = .closed(.shutdown)
        case .failed(let attempts):
            for attempt in attempts {
                guard case .tls(let error) = attempt.reason else { continue }
                self = .tls(error)
                return
            }
            let reason = attempts.last?.reason
            if case .timeout = reason { self = .timeout(.connect) } else { self = .connect(reason) }
        }
    }

    init(_ failure: ClientMachine.Failure) {
        switch failure {
        case .malformed(.bodyTooLarge(let maximum)): self = .tooLarge(maximum: maximum)
        case .malformed(.truncated), .closedWithoutAnswer: self = .closed(nil)
        case .malformed, .unsolicited, .tooManyInterimResponses: self = .protocolError(failure)
        }
    }
}
