import HTTPTransport
package import Registry
import Service

/// What origins have lists of.
enum ForeignKind: String, CaseIterable {
    case streams, clients, vhosts

    /// One of them.
    var entry: String {
        switch self {
        case .streams: "stream"
        case .clients: "client"
        case .vhosts: "vhost"
        }
    }

    /// SRS's code for one that is not there.
    var unknown: Int {
        switch self {
        case .streams: 2_048
        case .clients: 2_049
        case .vhosts: 2_014
        }
    }
}

/// An entry of an origin's list as this proxy shows it: names of things at the origin become `ForeignID`s, and `server`
/// says whose it is. Everything else stays as it was written.
package enum ForeignEntry {
    /// Nil where the value at `range` is no object.
    package static func text(_ json: JSONSlices, _ range: Range<Int>, of origin: OriginID) -> String? {
        guard let members = json.members(of: range) else { return nil }
        var parts = members.filter { $0.name != "server" }.map { name, value in
            "\"\(name)\":\(member(name, json, value, of: origin))"
        }
        parts.append(ListingText.member("server", origin.text))
        return "{\(parts.joined(separator: ","))}"
    }

    private static func member(
        _ name: String, _ json: JSONSlices, _ value: Range<Int>, of origin: OriginID
    ) -> String {
        switch name {
        case "id", "vhost": return own(json, value, of: origin)
        case "stream":
            // An origin of ours has the name of the stream there, SRS its id.
            if json.string(value)?.contains("/") ?? true { return json.text(value) }
            return own(json, value, of: origin)
        case "publish":
            guard let members = json.members(of: value) else { return json.text(value) }
            let parts = members.map { name, value in
                "\"\(name)\":\(name == "cid" ? own(json, value, of: origin) : json.text(value))"
            }
            return "{\(parts.joined(separator: ","))}"
        default: return json.text(value)
        }
    }

    /// Numbers are names as well: those of old SRS are.
    private static func own(_ json: JSONSlices, _ value: Range<Int>, of origin: OriginID) -> String {
        let text = json.text(value)
        guard let string = json.string(value) else {
            let isNumber = text.utf8.allSatisfy { (0x30...0x39).contains($0) }
            return isNumber ? ForeignID.json(text, of: origin) : text
        }
        return string.isEmpty ? text : ForeignID.json(string, of: origin)
    }
}
