/// What a server tells its clients about itself.
package struct ServerSettings: Sendable, Hashable {
    /// Of what the server sends, 128 to 16777215; announced before `connect` is answered.
    package let chunkSize: Int
    /// Bytes after which a client is asked to acknowledge.
    package let window: UInt32
    /// Bytes that a client is allowed to have on the way.
    package let peerBandwidth: UInt32
    /// The program, for people who look at the answer to `connect`.
    package let name: String
    package let version: String
    /// What it can do of enhanced RTMP, told to clients that tell what they can.
    package let capabilities: CapsEx

    package init(
        name: String, version: String, chunkSize: Int = 60_000, window: UInt32 = 2_500_000,
        peerBandwidth: UInt32 = 2_500_000, capabilities: CapsEx = [.multitrack, .modEx, .timestampNanoOffset]
    ) {
        precondition((128...0xFF_FFFF).contains(chunkSize), "a chunk of a server has 128 to 16777215 bytes")
        precondition(window > 0 && peerBandwidth > 0, "a window has room")
        self.name = name
        self.version = version
        self.chunkSize = chunkSize
        self.window = window
        self.peerBandwidth = peerBandwidth
        self.capabilities = capabilities
    }
}

extension ServerSettings {
    /// What old clients want to hear: some compare it, and take another server for one that cannot do what they need.
    private static let fmsVersion = "FMS/3,5,3,888"

    /// The first object of the answer to `connect`. Clients of enhanced RTMP learn in it that every codec is passed on.
    func properties(for request: ConnectRequest) -> AMFProperties<AMF0Value> {
        var properties = AMFProperties<AMF0Value>([
            ("fmsVer", .string(Self.fmsVersion)), ("capabilities", .number(127)), ("mode", .number(1)),
        ])
        let forwardsAll = AMF0Value.object(AMFProperties([("*", .number(4))]))
        if request.properties["fourCcList"] != nil { properties["fourCcList"] = .strictArray([.string("*")]) }
        if request.videoFourCcInfoMap != nil { properties["videoFourCcInfoMap"] = forwardsAll }
        if request.audioFourCcInfoMap != nil { properties["audioFourCcInfoMap"] = forwardsAll }
        if request.capsEx != nil { properties["capsEx"] = .number(Double(capabilities.rawValue)) }
        return properties
    }

    /// The second one.
    func status(for request: ConnectRequest) -> Status {
        Status(
            .connectSuccess, "Connection succeeded",
            further: [
                ("objectEncoding", .number(request.objectEncoding == .amf3 ? 3 : 0)),
                ("data", .ecmaArray(AMFProperties([("server", .string(name)), ("version", .string(version))]))),
            ])
    }
}
