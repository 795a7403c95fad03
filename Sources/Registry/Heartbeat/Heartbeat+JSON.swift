package import Bytes
import FoundationEssentials
import Reactor

/// Bounds of a heartbeat; what is beyond them is refused.
package struct HeartbeatLimits: Sendable {
    /// Bytes of the whole body. SRS sends about 2 KB.
    package var maximumBytes = 16 * 1024
    /// Bytes of each text.
    package var maximumText = 256
    /// Endpoints of each protocol.
    package var maximumEndpoints = 16
    /// Labels.
    package var maximumLabels = 16
    /// Bytes of the name of one, and of its text.
    package var maximumLabel = 64

    package init() {}
}

extension Heartbeat {
    /// Reads the body of a registration. Numbers are taken for texts, since not every sender quotes them; fields that
    /// are not known are skipped.
    package init(json: SharedBytes, limits: HeartbeatLimits = HeartbeatLimits()) throws(HeartbeatRefusal) {
        let fields = try HeartbeatFields(json: json, limits: limits)
        server = OriginID(try fields.text(.server))
        guard server.text != ".", server.text != ".." else { throw .relative(field: "server") }
        instance = OriginInstance(service: try fields.text(.service), process: try fields.text(.process))
        device = try fields.optionalText(.device)
        guard let host = HostName(try fields.text(.host)) else { throw .host(field: "ip") }
        if case .address(let address) = host, !address.isOne { throw .notOne(field: "ip") }
        self.host = host
        endpoints = OriginEndpoints()
        endpoints.rtmp = try fields.endpoints(.rtmp)
        guard !endpoints.rtmp.isEmpty else { throw .missing(field: "rtmp") }
        endpoints.http = try fields.endpoints(.http)
        endpoints.api = try fields.endpoints(.api)
        endpoints.srt = try fields.endpoints(.srt)
        endpoints.webRTC = try fields.endpoints(.webRTC)
        endpoints.rtsp = try fields.endpoints(.rtsp)
        if let text = try fields.optionalText(.state) {
            guard let known = State(rawValue: text) else { throw .unknownState(text) }
            state = known
        }
        if let text = try fields.optionalText(.weight) {
            guard let known = UInt32(text).flatMap(OriginWeight.init) else { throw .weight(text) }
            weight = known
        }
        zone = try fields.optionalText(.zone).map(OriginZone.init)
        labels = try fields.labels()
        load = fields.load
    }
}

/// The members of a heartbeat that are looked at.
private enum HeartbeatField: String, CodingKey, CaseIterable {
    case server, service, rtmp, http, api, srt, rtsp, state, weight, zone, labels
    case process = "pid"
    case device = "device_id"
    case host = "ip"
    case webRTC = "rtc"
}

/// Reads those and no others: what else there is costs a glance, whatever its size.
private struct KnownFields: Decodable {
    var values: [HeartbeatField: HeartbeatValue] = [:]
    var load = OriginLoad()

    private enum Other: String, CodingKey { case summaries }

    init(from decoder: any Decoder) throws {
        let object = try decoder.container(keyedBy: HeartbeatField.self)
        for field in HeartbeatField.allCases {
            values[field] = try object.decodeIfPresent(HeartbeatValue.self, forKey: field)
        }
        // What they say is welcome, and no reason to refuse an origin.
        let others = try decoder.container(keyedBy: Other.self)
        if let summaries = try? others.decode(SummarisedLoad.self, forKey: .summaries) { load = summaries.load }
    }
}

extension Unicode.Scalar {
    /// No control character, and none that changes how its neighbours are shown.
    fileprivate var isPrintable: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }
}

extension SocketAddress.Host {
    /// Neither a wildcard nor a group nor everybody.
    fileprivate var isOne: Bool {
        switch self {
        case .v4(let address): address != 0 && address < 0xE000_0000
        case .v6(let high, let low, _): (high != 0 || low != 0) && high >> 56 != 0xFF
        }
    }
}

/// The members of a heartbeat's object.
private struct HeartbeatFields {
    let values: [HeartbeatField: HeartbeatValue]
    let load: OriginLoad
    let limits: HeartbeatLimits

    init(json: SharedBytes, limits: HeartbeatLimits) throws(HeartbeatRefusal) {
        self.limits = limits
        let decoder = JSONDecoder()
        do {
            let known = try decoder.decode(KnownFields.self, from: Data(json.array))
            (values, load) = (known.values, known.load)
        } catch DecodingError.typeMismatch {
            throw .notObject
        } catch {
            throw .notJSON
        }
    }

    /// Empty counts as missing: SRS sends what is not configured as "".
    func optionalText(_ field: HeartbeatField) throws(HeartbeatRefusal) -> String? {
        switch values[field] {
        case nil, .null?: return nil
        case .text(let text)?:
            try check(text, field, maximum: limits.maximumText)
            return text.isEmpty ? nil : text
        case .list?, .object?, .other?: throw .wrongType(field: field.rawValue, wanted: "a text")
        }
    }

    private func check(_ text: String, _ field: HeartbeatField, maximum: Int) throws(HeartbeatRefusal) {
        guard text.utf8.count <= maximum else { throw .tooLong(field: field.rawValue, maximum: maximum) }
        guard text.unicodeScalars.allSatisfy(\.isPrintable) else { throw .unprintable(field: field.rawValue) }
    }

    func labels() throws(HeartbeatRefusal) -> [String: String] {
        switch values[.labels] {
        case nil, .null?: return [:]
        case .object(let labels?)?:
            guard labels.count <= limits.maximumLabels else { throw .tooManyLabels(maximum: limits.maximumLabels) }
            for (name, text) in labels {
                guard !name.isEmpty else { throw .namelessLabel }
                try check(name, .labels, maximum: limits.maximumLabel)
                try check(text, .labels, maximum: limits.maximumLabel)
            }
            return labels
        case .object(nil)?, .list?, .text?, .other?:
            throw .wrongType(field: HeartbeatField.labels.rawValue, wanted: "an object of texts")
        }
    }

    func text(_ field: HeartbeatField) throws(HeartbeatRefusal) -> String {
        guard let text = try optionalText(field) else { throw .missing(field: field.rawValue) }
        return text
    }

    func endpoints(_ field: HeartbeatField) throws(HeartbeatRefusal) -> [Endpoint] {
        let texts: [String]
        switch values[field] {
        case nil, .null?: return []
        case .list(let list?)?: texts = list
        case .list(nil)?, .object?, .text?, .other?:
            throw .wrongType(field: field.rawValue, wanted: "an array of texts")
        }
        guard texts.count <= limits.maximumEndpoints else {
            throw .tooMany(field: field.rawValue, maximum: limits.maximumEndpoints)
        }
        var endpoints: [Endpoint] = []
        for text in texts {
            guard text.utf8.count <= limits.maximumText else {
                throw .tooLong(field: field.rawValue, maximum: limits.maximumText)
            }
            do {
                endpoints.append(try Endpoint(text))
            } catch {
                throw .endpoint(field: field.rawValue, text: text, error)
            }
        }
        return endpoints
    }
}

/// As much of JSON as a heartbeat needs to be understood or refused; the rest is skipped.
private enum HeartbeatValue: Decodable {
    case null
    case text(String)
    /// Nil for a list that holds anything but texts.
    case list([String]?)
    /// Nil for an object that holds anything but texts.
    case object([String: String]?)
    case other

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let text = Self.scalar(value) {
            self = .text(text)
        } else if var list = try? decoder.unkeyedContainer() {
            var texts: [String]? = []
            while !list.isAtEnd {
                guard let element = try? list.decode(Scalar.self) else {
                    texts = nil
                    break
                }
                texts?.append(element.text)
            }
            self = .list(texts)
        } else if let object = try? decoder.container(keyedBy: AnyName.self) {
            self = .object(Self.texts(object))
        } else {
            self = .other
        }
    }

    private static func texts(_ object: KeyedDecodingContainer<AnyName>) -> [String: String]? {
        var texts: [String: String] = [:]
        for name in object.allKeys {
            guard let element = try? object.decode(Scalar.self, forKey: name) else { return nil }
            texts[name.stringValue] = element.text
        }
        return texts
    }

    private struct AnyName: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    /// A text, or a whole number as one.
    private static func scalar(_ value: any SingleValueDecodingContainer) -> String? {
        (try? value.decode(String.self)) ?? (try? value.decode(Int64.self)).map { "\($0)" }
    }

    private struct Scalar: Decodable {
        let text: String

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            guard let text = HeartbeatValue.scalar(value) else {
                throw DecodingError.dataCorruptedError(in: value, debugDescription: "neither text nor number")
            }
            self.text = text
        }
    }
}
