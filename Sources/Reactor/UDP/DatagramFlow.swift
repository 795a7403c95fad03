import CLinux

/// Where datagrams go and how: those of one flow may share a message to the kernel.
struct DatagramFlow {
    let descriptor: CInt
    /// The socket is connected to `peer`.
    let isConnected: Bool
    /// 0 to 255, or CLINUX_UDP_NO_CLASS.
    let trafficClass: UInt16
    let peer: clinux_udp_address
    /// Version 0 lets the system choose.
    let source: clinux_udp_address

    init(
        descriptor: CInt, isConnected: Bool, peer: SocketAddress?, source: SocketAddress.Host?,
        trafficClass: TrafficClass?
    ) {
        self.descriptor = descriptor
        self.isConnected = isConnected
        self.peer = peer.map { clinux_udp_address($0) } ?? clinux_udp_address()
        self.source = source.map { clinux_udp_address($0, port: 0) } ?? clinux_udp_address()
        // Class 0 is what every socket sends in. To say so costs a connected one a lookup of the route for each
        // message.
        let marked = trafficClass.flatMap { $0.rawValue == 0 ? nil : UInt16($0.rawValue) }
        self.trafficClass = marked ?? UInt16(CLINUX_UDP_NO_CLASS)
    }

    /// The flow that a message was begun for.
    init(_ message: clinux_udp_message) {
        descriptor = message.descriptor
        isConnected = message.is_connected != 0
        trafficClass = message.traffic_class
        peer = message.peer
        source = message.source
    }

    /// Spreads flows over a power of two of buckets.
    var hash: Int {
        let numbers = UInt64(UInt32(bitPattern: descriptor)) << 32 | UInt64(peer.port) << 16 | UInt64(trafficClass)
        let mixed = (peer.high ^ peer.low &* 0x9E37_79B9_7F4A_7C15) ^ source.low &* 0xC2B2_AE3D_27D4_EB4F ^ numbers
        return Int(truncatingIfNeeded: (mixed &* 0xD6E8_FEB8_6659_FD93) >> 32)
    }

    func matches(_ message: clinux_udp_message) -> Bool {
        descriptor == message.descriptor && trafficClass == message.traffic_class
            && peer.isEqual(to: message.peer) && source.isEqual(to: message.source)
            && isConnected == (message.is_connected != 0)
    }
}

extension clinux_udp_message {
    /// A message of `flow`, by itself and with its bytes in the first piece.
    init(_ flow: DatagramFlow, segment: Int, length: UInt32 = 0, count: UInt32 = 0) {
        self.init(
            peer: flow.peer, source: flow.source, length: length, segment: UInt32(segment), count: count,
            first_piece: 0, last_piece: 0, next: -1, descriptor: flow.descriptor, bucket: 0,
            traffic_class: flow.trafficClass, is_connected: flow.isConnected ? 1 : 0, is_closed: 0)
    }
}

// MARK: - Addresses in the form of the C wrappers

extension clinux_udp_address {
    init(_ host: SocketAddress.Host, port: UInt16) {
        switch host {
        case .v4(let address): self.init(high: 0, low: UInt64(address), scope: 0, port: port, version: 4)
        case .v6(let high, let low, let scope): self.init(high: high, low: low, scope: scope, port: port, version: 6)
        }
    }

    init(_ address: SocketAddress) { self.init(address.host, port: address.port) }

    func isEqual(to other: clinux_udp_address) -> Bool {
        low == other.low && high == other.high && port == other.port && version == other.version
            && scope == other.scope
    }

    /// Nil for no address.
    var host: SocketAddress.Host? {
        switch version {
        case 4: .v4(UInt32(truncatingIfNeeded: low))
        case 6: .v6(high: high, low: low, scope: scope)
        default: nil
        }
    }
}
