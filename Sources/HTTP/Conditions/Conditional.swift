import Bytes

/// What the representation at hand is known by; either may be missing.
package struct Validators: Sendable, Hashable {
    package var tag: EntityTag?
    package var modified: HTTPDate?

    package init(tag: EntityTag? = nil, modified: HTTPDate? = nil) {
        self.tag = tag
        self.modified = modified
    }
}

/// Conditional requests (RFC 9110 §13).
package enum Conditional {
    package enum Outcome: Sendable, Hashable {
        /// Do what the method says.
        case proceed
        /// 304, without a body.
        case notModified
        /// 412, and nothing is changed.
        case preconditionFailed
    }

    /// Evaluates the preconditions in the order of §13.2.2. `validators` is nil where there is no representation.
    package static func evaluate(
        _ fields: borrowing Fields, _ method: Method, _ validators: Validators?, now: HTTPDate
    ) -> Outcome {
        if fields.contains(.ifMatch) {
            guard matchesAny(.ifMatch, fields, validators, strongly: true) else { return .preconditionFailed }
        } else if let limit = date(.ifUnmodifiedSince, fields, now), let modified = validators?.modified,
            modified > limit
        {
            return .preconditionFailed
        }
        let isRead = method == .get || method == .head
        if fields.contains(.ifNoneMatch) {
            guard matchesAny(.ifNoneMatch, fields, validators, strongly: false) else { return .proceed }
            return isRead ? .notModified : .preconditionFailed
        }
        if isRead, let limit = date(.ifModifiedSince, fields, now), let modified = validators?.modified,
            modified <= limit
        {
            return .notModified
        }
        return .proceed
    }

    /// Whether `Range` may be honoured as far as `If-Range` is concerned (§13.1.5); otherwise the whole is sent.
    ///
    /// A date must equal the modification time and be strong: older than `now` by a minute at least (§8.8.2.2).
    package static func allowsRange(_ fields: borrowing Fields, _ validators: Validators, now: HTTPDate) -> Bool {
        guard let value = fields[.ifRange] else { return true }
        if let tag = EntityTag(parsing: value) { return validators.tag?.matchesStrongly(tag) ?? false }
        guard let date = HTTPDate(parsing: value, now: now), let modified = validators.modified else { return false }
        return date == modified && now.seconds - modified.seconds >= 60
    }

    /// An unreadable date is as good as none (§13.1.3).
    private static func date(_ name: FieldName, _ fields: borrowing Fields, _ now: HTTPDate) -> HTTPDate? {
        guard let value = fields[name] else { return nil }
        return HTTPDate(parsing: value, now: now)
    }

    /// `*`, or any of the tags listed under `name`.
    private static func matchesAny(
        _ name: FieldName, _ fields: borrowing Fields, _ validators: Validators?, strongly: Bool
    ) -> Bool {
        for position in 0..<fields.count where fields.knownName(at: position) == name {
            var members = ListCursor(fields.value(at: position), quoting: .entityTags)
            while let member = members.next() {
                if member.equals("*") {
                    if validators != nil { return true }
                } else if let tag = EntityTag(parsing: member), let own = validators?.tag {
                    if strongly ? own.matchesStrongly(tag) : own.matchesWeakly(tag) { return true }
                }
            }
        }
        return false
    }
}
