import Bytes

/// Cross-origin resource sharing (the Fetch standard, §3.2): what a page from elsewhere may ask of this server.
package struct CORS: Sendable, Hashable {
    package enum Origins: Sendable, Hashable {
        case any
        /// Exactly these, as a browser writes them: `https://example.com`.
        case listed([String])
    }

    package var origins: Origins
    package var methods: [Method]
    /// Nil allows whatever the browser asks for.
    package var requestFields: [String]?
    /// Response fields a script may read beyond the few it always may.
    package var exposedFields: [String]
    /// Whether cookies and `Authorization` may come along.
    package var allowsCredentials: Bool
    /// How long a browser may remember the answer to a preflight, in seconds.
    package var maximumAgeSeconds: Int

    package init(
        origins: Origins = .any, methods: [Method] = [.get, .head, .post, .put, .patch, .delete, .options],
        requestFields: [String]? = nil, exposedFields: [String] = [], allowsCredentials: Bool = false,
        maximumAgeSeconds: Int = 86400
    ) {
        self.origins = origins
        self.methods = methods
        self.requestFields = requestFields
        self.exposedFields = exposedFields
        self.allowsCredentials = allowsCredentials
        self.maximumAgeSeconds = maximumAgeSeconds
    }
}

extension CORS {
    package enum Kind: Sendable, Hashable {
        /// Not from another origin, or from one that is not allowed: the browser will refuse the answer by itself.
        case none
        /// Answer as usual, with the fields that were added.
        case simple
        /// Answer 204 with the fields that were added; the request itself comes later.
        case preflight
    }

    /// Adds to `answer` what the browser needs to see, and says what kind of request it was.
    package func apply(to request: borrowing RequestHead, answer: inout Fields) throws(FieldError) -> Kind {
        let isShared = origins == .any && !allowsCredentials
        // A cache must not give the answer for one origin to another, nor to none.
        if !isShared { answer.append(.vary, "Origin") }
        guard let origin = request.fields[.origin], allows(origin) else { return .none }
        if isShared {
            answer.append(.accessControlAllowOrigin, "*")
        } else {
            try answer.append(.accessControlAllowOrigin, origin)
        }
        if allowsCredentials { answer.append(.accessControlAllowCredentials, "true") }
        guard request.method == .options, request.fields.contains(.accessControlRequestMethod) else {
            if !exposedFields.isEmpty {
                try answer.append(.accessControlExposeHeaders, text: exposedFields.joined(separator: ", "))
            }
            return .simple
        }
        try applyPreflight(request, &answer)
        return .preflight
    }

    private func applyPreflight(_ request: borrowing RequestHead, _ answer: inout Fields) throws(FieldError) {
        try answer.append(.accessControlAllowMethods, text: methods.map(\.description).joined(separator: ", "))
        if let requestFields {
            if !requestFields.isEmpty {
                try answer.append(.accessControlAllowHeaders, text: requestFields.joined(separator: ", "))
            }
        } else if let asked = request.fields[.accessControlRequestHeaders], Self.isTokenList(asked) {
            try answer.append(.accessControlAllowHeaders, asked)
        }
        answer.append(.accessControlMaxAge, decimal: maximumAgeSeconds)
    }

    private func allows(_ origin: RawSpan) -> Bool {
        switch origins {
        case .any: return true
        case .listed(let origins):
            for allowed in origins where origin.equals(text: allowed) { return true }
            return false
        }
    }

    private static func isTokenList(_ value: RawSpan) -> Bool {
        var members = ListCursor(value)
        while let member = members.next() {
            guard CharacterSet.token.matches(member) else { return false }
        }
        return true
    }
}
