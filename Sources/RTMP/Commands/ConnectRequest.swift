/// `connect`: the first command of a client, with what it can do and where it wants to go.
///
/// The properties stay in their order with everything unknown among them, so a proxy sends on what the client sent; the
/// accessors read and change single ones in place.
package struct ConnectRequest: Sendable, Equatable {
    package var properties: AMFProperties<AMF0Value>
    /// What follows the object: optional arguments of the application.
    package var arguments: [AMF0Value]

    package init(properties: AMFProperties<AMF0Value> = AMFProperties(), arguments: [AMF0Value] = []) {
        self.properties = properties
        self.arguments = arguments
    }

    /// An object of AMF3 is taken as one of AMF0 with AMF3 values.
    package init(_ command: Command) throws(CommandError) {
        guard command.name.equals("connect") else { throw .unexpectedName }
        guard let properties = command.object?.properties else { throw .missingObject }
        self.init(properties: properties, arguments: command.arguments)
    }

    package func command(transaction: Double = 1, encoding: MessageEncoding = .amf0) -> Command {
        Command("connect", transaction: transaction, object: .object(properties), arguments, encoding: encoding)
    }
}

// MARK: - Where to, and who asks

extension ConnectRequest {
    /// The application, perhaps with an instance and a query.
    package var app: AMFString? {
        get { properties["app"]?.text }
        set { properties["app"] = newValue.map { .string($0) } }
    }

    /// The URL up to the application.
    package var tcUrl: AMFString? {
        get { properties["tcUrl"]?.text }
        set { properties["tcUrl"] = newValue.map { .string($0) } }
    }

    /// Name and version of the client's software.
    package var flashVer: AMFString? {
        get { properties["flashVer"]?.text }
        set { properties["flashVer"] = newValue.map { .string($0) } }
    }

    package var swfUrl: AMFString? {
        get { properties["swfUrl"]?.text }
        set { properties["swfUrl"] = newValue.map { .string($0) } }
    }

    package var pageUrl: AMFString? {
        get { properties["pageUrl"]?.text }
        set { properties["pageUrl"] = newValue.map { .string($0) } }
    }

    /// `nonprivate`, from encoders of FMLE's kind.
    package var type: AMFString? {
        get { properties["type"]?.text }
        set { properties["type"] = newValue.map { .string($0) } }
    }
}

// MARK: - What the client can do

extension ConnectRequest {
    /// Whether the client comes through a proxy.
    package var fpad: Bool? { properties["fpad"]?.boolean }

    package var capabilities: Double? { properties["capabilities"]?.number }

    /// A bit per audio codec of the original RTMP (§7.2.1.1).
    package var audioCodecs: Double? { properties["audioCodecs"]?.number }

    package var videoCodecs: Double? { properties["videoCodecs"]?.number }

    package var videoFunction: Double? { properties["videoFunction"]?.number }

    /// Whether the client asks for messages of AMF3.
    package var objectEncoding: MessageEncoding? {
        get {
            switch properties["objectEncoding"]?.number {
            case 0: .amf0
            case 3: .amf3
            default: nil
            }
        }
        set { properties["objectEncoding"] = newValue.map { .number($0 == .amf3 ? 3 : 0) } }
    }

    /// The codecs of enhanced RTMP that the client knows, by FourCC; `*` is any. Not texts among them are left out.
    package var fourCcList: [String]? {
        get { properties["fourCcList"]?.elements?.compactMap(\.string) }
        set { properties["fourCcList"] = newValue.map { .strictArray($0.map { .string($0) }) } }
    }

    /// What the client can do with each video codec: FourCC to bits.
    package var videoFourCcInfoMap: AMFProperties<AMF0Value>? { properties["videoFourCcInfoMap"]?.properties }

    package var audioFourCcInfoMap: AMFProperties<AMF0Value>? { properties["audioFourCcInfoMap"]?.properties }

    /// Further abilities of enhanced RTMP.
    package var capsEx: CapsEx? {
        get { properties["capsEx"]?.number.flatMap { UInt32(exactly: $0) }.map { CapsEx(rawValue: $0) } }
        set { properties["capsEx"] = newValue.map { .number(Double($0.rawValue)) } }
    }
}

/// The bits of `capsEx` (Enhanced RTMP v2).
package struct CapsEx: OptionSet, Sendable, Hashable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package static let reconnect = CapsEx(rawValue: 1 << 0)
    package static let multitrack = CapsEx(rawValue: 1 << 1)
    package static let modEx = CapsEx(rawValue: 1 << 2)
    package static let timestampNanoOffset = CapsEx(rawValue: 1 << 3)
}
