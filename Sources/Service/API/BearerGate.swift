import Bytes
package import HTTP
package import HTTPTransport
package import Reactor
package import Telemetry

/// Lets in who shows a token as RFC 6750 has it: `Authorization: Bearer <token>`.
package final class BearerGate: RouterGate {
    private let tokens: AccessTokens
    private let loop: EventLoop
    private let log: Logger
    private let refused: Counter
    /// Anybody who reaches the port can make these lines.
    private var refusals = RepeatGate()

    /// `refused` counts those who are not let in.
    package init(_ tokens: AccessTokens, on loop: EventLoop, log: Logger, refused: Counter) {
        self.tokens = tokens
        self.loop = loop
        self.log = log
        self.refused = refused
    }

    package func admits(_ request: borrowing RequestHead, _ exchange: HTTPExchange) -> Bool {
        admits(request, exchange, otherwise: nil)
    }

    /// The same where the token may also stand elsewhere: in `otherwise`.
    package func admits(
        _ request: borrowing RequestHead, _ exchange: HTTPExchange, otherwise: String?
    ) -> Bool {
        guard !tokens.isEmpty else { return true }
        // Two could be read in two ways.
        let isOne = request.fields.count(of: .authorization) == 1
        let shown = isOne ? request.fields.string(.authorization).flatMap(Self.token) : nil
        if let shown, shown.withRawSpan({ tokens.contains($0) }) { return true }
        if let otherwise, otherwise.withRawSpan({ tokens.contains($0) }) { return true }
        refuse(exchange, hasShown: shown != nil || otherwise != nil)
        return false
    }

    private func refuse(_ exchange: HTTPExchange, hasShown: Bool) {
        refused.add()
        log.warning(
            "not let in", every: &refusals, at: loop.now,
            [
                "address": exchange.peerAddress?.host.description ?? "",
                "reason": hasShown ? "the token is not known" : "no token",
            ])
        var fields = Fields()
        // RFC 6750 §3.1: who has shown none is told no error.
        fields.append(
            .wwwAuthenticate,
            hasShown ? "Bearer realm=\"sluice\", error=\"invalid_token\"" : "Bearer realm=\"sluice\"")
        exchange.fail(.unauthorized, hasShown ? "the token is not known" : "a token is needed", fields)
    }

    /// What follows the scheme, whose case does not matter.
    private static func token(_ credentials: String) -> String? {
        let parts = credentials.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        let token = parts[1].drop { $0 == " " }
        return token.isEmpty ? nil : String(token)
    }
}
