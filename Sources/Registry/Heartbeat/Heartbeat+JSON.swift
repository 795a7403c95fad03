package import Bytes
import FoundationEssentials
import Reactor

/// Bounds of a heartbeat; what is beyond them is refused.
package struct HeartbeatLimits: Sendable {
    /// Bytes of the whole body. SRS sends about 2 KB.
    package var maximumBytes = 64 * 1024
    /// Bytes of each text.
    package var maximumText = 256
    /// Endpoints of each protocol.
    package var maximumEndpoints = 16

    package init() {}
}

extension Heartbeat {
    /// Reads the body of a registration. Numbers are taken for texts, since not every sender quotes them; fields that are
    /// not known are skipped.
    package init(json: SharedBytes, limits: HeartbeatLimits = HeartbeatLimits()) throws(HeartbeatRefusal) {
        let fields = try HeartbeatFields(json: json, limits: limits)
        server = OriginID(try fields.text("server"))
        instance = OriginInstance(service: try fields.text("service"), process: try fields.text("pid"))
        device = try fields.optionalText("device_id")
        guard let host = HostName(try fields.text("ip")) else { throw .host(field: "ip") }
        self.host = host
        endpoints = OriginEndpoints()
        endpoints.rtmp = try fields.endpoints("rtmp")
        guard !endpoints.rtmp.isEmpty else { throw .missing(field: "rtmp") }
        endpoints.http = try fields.endpoints("http")
        endpoints.api = try fields.endpoints("api")
        endpoints.srt = try fields.endpoints("srt")
        endpoints.webRTC = try fields.endpoints("rtc")
        endpoints.rtsp = try fields.endpoints("rtsp")
    }
}

/// The members of a heartbeat's object.
private struct HeartbeatFields {
    let values: [String: HeartbeatValue]
    let limits: HeartbeatLimits

    init(json: SharedBytes, limits: HeartbeatLimits) throws(HeartbeatRefusal) {
        self.limits = limits
        let decoder = JSONDecoder()
        do {
            values = try decoder.decode([String: HeartbeatValue].self, from: Data(json.array))
        } catch DecodingError.typeMismatch {
            throw .notObject
        } catch {
            throw .notJSON
        }
    }

    /// Empty counts as missing: SRS sends what is not configured as "".
    func optionalText(_ field: String) throws(HeartbeatRefusal) -> String? {
        switch values[field] {
        case nil, .null?: return nil
        case .text(let text)?:
            guard text.utf8.count <= limits.maximumText else {
                throw .tooLong(field: field, maximum: limits.maximumText)
            }
            guard text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }) else {
                throw .unprintable(field: field)
            }
            return text.isEmpty ? nil : text
        case .list?, .other?: throw .wrongType(field: field, wanted: "a text")
        }
    }

    func text(_ field: String) throws(HeartbeatRefusal) -> String {
        guard let text = try optionalText(field) else { throw .missing(field: field) }
        return text
    }

    func endpoints(_ field: String) throws(HeartbeatRefusal) -> [Endpoint] {
        let texts: [String]
        switch values[field] {
        case nil, .null?: return []
        case .list(let list?)?: texts = list
        case .list(nil)?, .text?, .other?: throw .wrongType(field: field, wanted: "an array of texts")
        }
        guard texts.count <= limits.maximumEndpoints else {
            throw .tooMany(field: field, maximum: limits.maximumEndpoints)
        }
        var endpoints: [Endpoint] = []
        for text in texts {
            guard text.utf8.count <= limits.maximumText else {
                throw .tooLong(field: field, maximum: limits.maximumText)
            }
            do {
                endpoints.append(try Endpoint(text))
            } catch {
                throw .endpoint(field: field, text: text, error)
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
        } else {
            self = .other
        }
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
