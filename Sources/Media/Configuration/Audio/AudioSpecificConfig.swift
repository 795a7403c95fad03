import Bytes

/// `AudioSpecificConfig` (ISO/IEC 14496-3 §1.6.2.1): the sequence header of AAC.
package struct AudioSpecificConfig: Sendable, Hashable {
    /// Of the core: 2 for AAC-LC, also within HE-AAC.
    package let objectType: UInt8
    /// Of the core, in hertz.
    package let coreSampleRate: Int
    /// Of the core. 0 where a layout that is written out has none.
    package let coreChannels: Int
    /// What spectral band replication plays at, in hertz; nil without it, or where nobody says that it is there.
    package private(set) var extensionSampleRate: Int?
    /// Whether parametric stereo makes two channels of one.
    package private(set) var hasParametricStereo = false

    package init(_ bytes: RawSpan) throws(ConfigurationError) {
        var reader = FieldReader(bytes)
        var type = try reader.objectType()
        coreSampleRate = try reader.sampleRate()
        let channelBit = reader.bit
        let layout = try reader.int(4)
        // Signalled in front, which decoders that know nothing of it cannot read.
        if type == ObjectType.sbr || type == ObjectType.parametricStereo {
            hasParametricStereo = type == ObjectType.parametricStereo
            extensionSampleRate = try reader.sampleRate()
            type = try reader.objectType()
            if type == ObjectType.errorResilientBSAC { try reader.skip(4) }
        }
        objectType = type
        guard let channels = Self.channels(of: layout) else {
            throw .outOfRange(bit: channelBit, value: UInt64(layout))
        }
        guard ObjectType.hasGeneralConfig(type) else {
            coreChannels = channels
            return
        }
        let written = try Self.readGeneralConfig(type, hasLayout: layout == 0, &reader)
        coreChannels = layout == 0 ? written : channels
        // Signalled behind, where old decoders do not look. Whatever is cut off or strange there is no signal.
        if extensionSampleRate == nil { try? readTrailingExtension(&reader) }
    }

    /// Nil for the reserved numbers. 0 says that the layout is written out.
    private static func channels(of layout: Int) -> Int? {
        switch layout {
        case 0...6: layout
        case 7, 12, 14: 8
        case 11: 7
        case 13: 24
        default: nil
        }
    }

    /// `GASpecificConfig` (§4.4.1); the channels that are written out, where they are.
    private static func readGeneralConfig(
        _ type: UInt8, hasLayout: Bool, _ reader: inout FieldReader
    ) throws(ConfigurationError) -> Int {
        // Short or long frames.
        try reader.skip(1)
        // The delay of the core coder, where there is one.
        if try reader.flag() { try reader.skip(14) }
        let isExtended = try reader.flag()
        let channels = hasLayout ? try reader.programConfigChannels() : 0
        if type == ObjectType.scalable || type == ObjectType.errorResilientScalable { try reader.skip(3) }
        if isExtended {
            if type == ObjectType.errorResilientBSAC { try reader.skip(16) }
            if ObjectType.hasResilienceFlags(type) { try reader.skip(3) }
            try reader.skip(1)
        }
        return channels
    }

    private mutating func readTrailingExtension(_ reader: inout FieldReader) throws(ConfigurationError) {
        guard try reader.bits(11) == 0x2B7, try reader.objectType() == ObjectType.sbr, try reader.flag() else { return }
        extensionSampleRate = try reader.sampleRate()
        guard try reader.bits(11) == 0x548 else { return }
        hasParametricStereo = try reader.flag()
    }
}

/// `AudioObjectType` (§1.5.1.1), those that change how the rest is read.
private enum ObjectType {
    static let sbr: UInt8 = 5
    static let scalable: UInt8 = 6
    static let errorResilientScalable: UInt8 = 20
    static let errorResilientBSAC: UInt8 = 22
    static let parametricStereo: UInt8 = 29

    static func hasGeneralConfig(_ type: UInt8) -> Bool {
        switch type {
        case 1...4, 6, 7, 17, 19...23: true
        default: false
        }
    }

    static func hasResilienceFlags(_ type: UInt8) -> Bool { [17, 19, 20, 23].contains(type) }
}

extension AudioSpecificConfig {
    /// As played.
    package var sampleRate: Int { extensionSampleRate ?? coreSampleRate }

    /// As played.
    package var channels: Int { hasParametricStereo && coreChannels == 1 ? 2 : coreChannels }

    package var profileName: String {
        if hasParametricStereo { return "HEv2" }
        if extensionSampleRate != nil { return "HE" }
        return switch objectType {
        case 1: "Main"
        case 2: "LC"
        case 3: "SSR"
        case 4: "LTP"
        case 23: "LD"
        case 39: "ELD"
        case 42: "xHE"
        default: "\(objectType)"
        }
    }

    package var facts: AudioFacts {
        AudioFacts(codec: .aac, profile: profileName, sampleRate: sampleRate, channels: channels)
    }
}
