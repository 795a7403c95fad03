import HTTP
import Service

/// Why a session is not passed on.
enum PassageFault: String, Error, CaseIterable {
    /// It has come through this proxy before.
    case circle
    /// It has come through as many proxies as one may.
    case length

    /// For whoever it comes from.
    var text: String {
        switch self {
        case .circle: "It has come back to a proxy that it went through: the address of an origin leads there."
        case .length: "It has come through too many proxies."
        }
    }
}

/// The name by which a proxy knows again what it has passed on.
///
/// What is registered as an origin may be a proxy: another one, which is meant, or this one, or one that leads back to
/// it. So every session says which proxies it has come through, over HTTP in `Via`, over RTMP in `connect`, and goes
/// through none of them twice.
struct PassageMark: Sendable {
    /// Proxies that a session may come through: more are no plan, but proxies that all lead to each other.
    static let maximumProxies = 8
    private static let prefix = "sluice-"

    /// Another one at every start: two proxies on one machine may lead to each other on purpose.
    let name: String

    init(_ identity: ServerIdentity) { name = Self.prefix + identity.service }

    /// Whether what has come through these proxies may be passed on.
    func check(_ names: [String]) throws(PassageFault) {
        if names.contains(name) { throw .circle }
        if names.count >= Self.maximumProxies { throw .length }
    }

    // MARK: - HTTP

    /// Those of our kind; others may be on the way as well.
    static func names(in fields: borrowing Fields) -> [String] {
        fields.viaReceivers.filter { $0.hasPrefix(prefix) }
    }

    /// Adds this proxy to those that a request has come through. A line of its own: whatever somebody has written into
    /// the others, it can be read.
    func add(to fields: inout Fields, _ version: HTTP.Version) throws(FieldError) {
        try fields.append(.via, text: "\(version == .http10 ? "1.0" : "1.1") \(name)")
    }

    /// Those that a question to an origin has which is asked because of a request with `fields`.
    func fields(behind fields: borrowing Fields, _ version: HTTP.Version) throws(FieldError) -> Fields {
        var onward = Fields()
        for position in 0..<fields.count where fields.knownName(at: position) == .via {
            try onward.append(.via, fields.value(at: position))
        }
        try add(to: &onward, version)
        return onward
    }
}
