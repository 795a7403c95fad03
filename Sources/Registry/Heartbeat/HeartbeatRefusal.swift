/// Why a heartbeat was not taken.
package enum HeartbeatRefusal: Error, Equatable {
    case notJSON
    case notObject
    case missing(field: String)
    case wrongType(field: String, wanted: String)
    case tooLong(field: String, maximum: Int)
    /// It holds a control or format character, which no log and no listing shall show.
    case unprintable(field: String)
    /// A path of the API cannot lead to it.
    case relative(field: String)
    case host(field: String)
    /// A wildcard, a group or everybody: nothing that could be connected to.
    case notOne(field: String)
    case tooMany(field: String, maximum: Int)
    case endpoint(field: String, text: String, EndpointMistake)
    case tooManyLabels(maximum: Int)
    case namelessLabel
    case unknownState(String)
    case weight(String)
    /// The name is that of an origin which the configuration has fixed.
    case taken(OriginID)
    /// No room for another origin.
    case full(maximum: Int)
}

extension HeartbeatRefusal: CustomStringConvertible {
    /// Names the field and the rule.
    package var description: String {
        switch self {
        case .notJSON: "the body is not JSON"
        case .notObject: "the body is not a JSON object"
        case .missing(let field): "\(field): missing"
        case .wrongType(let field, let wanted): "\(field): is not \(wanted)"
        case .tooLong(let field, let maximum): "\(field): is longer than \(maximum) bytes"
        case .unprintable(let field): "\(field): holds a control or format character"
        case .relative(let field): "\(field): is . or .., to which no path leads"
        case .host(let field): "\(field): is not a host name or an IP address"
        case .notOne(let field): "\(field): is not the address of one host"
        case .tooMany(let field, let maximum): "\(field): has more than \(maximum) endpoints"
        case .endpoint(let field, let text, let mistake): "\(field): \"\(text)\" is not an endpoint: \(mistake.rule)"
        case .tooManyLabels(let maximum): "labels: has more than \(maximum) members"
        case .namelessLabel: "labels: has a member without a name"
        case .unknownState(let text): "state: \"\(text)\" is not serving, leaving or gone"
        case .weight(let text):
            "weight: \"\(text)\" is not a number from \(OriginWeight.range.lowerBound) to \(OriginWeight.range.upperBound)"
        case .taken(let id): "server: \"\(id)\" is the name of an origin that is configured"
        case .full(let maximum): "there are \(maximum) origins already"
        }
    }
}
