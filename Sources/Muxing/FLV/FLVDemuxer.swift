import Bytes
import Media

/// Finds the tags of an FLV file or stream in bytes that come in any pieces.
///
///     file header ─► size ─► tag header ─► body ─┐
///                     ▲                          │
///                     └──────────────────────────┘
///
/// It takes every byte it is given: the caller keeps none. A body is gathered in memory of its own, which grows with
/// what arrives and not with what a header promises, and is then shared without a copy. Tags of unknown types are
/// passed over and counted. `PreviousTagSize` is not looked at: players do not, and some writers get it wrong.
package struct FLVDemuxer: ~Copyable {
    package struct Limits: Sendable {
        /// A larger tag is refused, and with it the stream.
        package var maximumTagBytes: Int
        /// As `maximumTagBytes`, for the file header with what later versions may add.
        package var maximumHeaderBytes: Int

        package init(maximumTagBytes: Int = 8 << 20, maximumHeaderBytes: Int = 1024) {
            self.maximumTagBytes = maximumTagBytes
            self.maximumHeaderBytes = maximumHeaderBytes
        }
    }

    package enum Event: Sendable, Equatable {
        /// Everything was consumed: come back with more.
        case needsInput
        case header(FLVFileHeader)
        case tag(FLVTag)
    }

    package struct Step: Sendable, Equatable {
        package let consumed: Int
        package let event: Event
    }

    private enum State {
        case fileHeader
        /// With so many bytes to pass over, at least one, before a `PreviousTagSize`.
        case padding(Int)
        case previousSize
        case tagHeader
        case body(FLVTagHeader)
        /// A tag of an unknown type, with so many bytes to come, at least one.
        case unknownBody(Int)
        case failed(FLVError)
    }

    private var state = State.fileHeader
    /// The header or size that is being gathered.
    private var pending = ByteWriter(capacity: 16)
    /// The body that is being gathered; nil outside of one.
    private var body: ByteWriter?
    private let limits: Limits

    /// Tags of unknown types passed over so far.
    package private(set) var unknownTags = 0

    package init(limits: Limits = Limits()) { self.limits = limits }

    /// Whether the stream may end here: behind a tag or the header.
    package var isBetweenTags: Bool {
        switch state {
        // Some writers leave the very last size out, or cut it.
        case .previousSize: true
        case .tagHeader: pending.isEmpty
        case .fileHeader, .padding, .body, .unknownBody, .failed: false
        }
    }

    /// The stream has ended.
    package func inputEnded() throws(FLVError) {
        if !isBetweenTags { throw .truncated }
    }

    /// Looks at `bytes`, which follow those consumed before, and says the first thing they mean.
    ///
    /// After an error each call throws it again.
    package mutating func demux(_ bytes: RawSpan) throws(FLVError) -> Step {
        var position = 0
        do throws(FLVError) {
            while true {
                let rest = bytes.extracting(position..<bytes.byteCount)
                let before = position
                if let event = try advance(rest, &position) { return Step(consumed: position, event: event) }
                if position == before { return Step(consumed: position, event: .needsInput) }
            }
        } catch {
            state = .failed(error)
            body = nil
            throw error
        }
    }

    /// Goes on within the current state, or to the next one; moves nothing where it needs more input.
    private mutating func advance(_ rest: RawSpan, _ position: inout Int) throws(FLVError) -> Event? {
        switch state {
        case .fileHeader:
            guard gather(FLVFileHeader.byteCount, rest, &position) else { return nil }
            return .header(try readFileHeader())
        case .padding(let count):
            let passed = min(count, rest.byteCount)
            position += passed
            state = passed == count ? .previousSize : .padding(count - passed)
            return nil
        case .previousSize:
            guard gather(4, rest, &position) else { return nil }
            pending.removeAll()
            state = .tagHeader
            return nil
        case .tagHeader:
            guard gather(FLVTagHeader.byteCount, rest, &position) else { return nil }
            try readTagHeader()
            return nil
        case .body(let header):
            return gatherBody(header, rest, &position)
        case .unknownBody(let count):
            let passed = min(count, rest.byteCount)
            position += passed
            state = passed == count ? .previousSize : .unknownBody(count - passed)
            return nil
        case .failed(let error):
            throw error
        }
    }

    /// Adds to `pending` until it has `count` bytes; whether it has.
    private mutating func gather(_ count: Int, _ rest: RawSpan, _ position: inout Int) -> Bool {
        let taken = min(count - pending.count, rest.byteCount)
        pending.append(rest.extracting(0..<taken))
        position += taken
        return pending.count == count
    }

    private mutating func gatherBody(_ header: FLVTagHeader, _ rest: RawSpan, _ position: inout Int) -> Event? {
        // Memory follows what arrives; a body of the usual size needs one allocation.
        var gathered = body.take() ?? ByteWriter(capacity: min(header.bodyBytes, 64 << 10))
        let taken = min(header.bodyBytes - gathered.count, rest.byteCount)
        gathered.append(rest.extracting(0..<taken))
        position += taken
        guard gathered.count == header.bodyBytes else {
            body = consume gathered
            return nil
        }
        state = .previousSize
        return .tag(FLVTag(header.kind, timestamp: header.timestamp, body: gathered.finishTightly()))
    }
}

// MARK: - Headers

extension FLVDemuxer {
    private mutating func readFileHeader() throws(FLVError) -> FLVFileHeader {
        let (header, size) = try FLVFileHeader.parse(pending.bytes)
        guard size >= FLVFileHeader.byteCount, size <= limits.maximumHeaderBytes else { throw .headerSize(size) }
        pending.removeAll()
        let padding = Int(size) - FLVFileHeader.byteCount
        state = padding == 0 ? .previousSize : .padding(padding)
        return header
    }

    private mutating func readTagHeader() throws(FLVError) {
        let found = RawTagHeader(pending.bytes)
        pending.removeAll()
        guard found.bodyBytes <= limits.maximumTagBytes else {
            throw .tagTooLarge(found.bodyBytes, maximum: limits.maximumTagBytes)
        }
        guard found.type & 0x20 == 0 else { throw .encryptedTag }
        if let kind = MediaKind(tagType: found.type & 0x1F),
            let header = FLVTagHeader(kind, bodyBytes: found.bodyBytes, timestamp: found.timestamp)
        {
            state = .body(header)
        } else {
            unknownTags += 1
            state = found.bodyBytes == 0 ? .previousSize : .unknownBody(found.bodyBytes)
        }
    }
}

extension FLVFileHeader {
    /// The header in its nine bytes, and `DataOffset`.
    fileprivate static func parse(_ bytes: RawSpan) throws(FLVError) -> (FLVFileHeader, UInt32) {
        guard bytes[0] == UInt8(ascii: "F"), bytes[1] == UInt8(ascii: "L"), bytes[2] == UInt8(ascii: "V") else {
            throw .wrongSignature
        }
        guard bytes[3] == 1 else { throw .unsupportedVersion(bytes[3]) }
        let size = UInt32(bytes[5]) << 24 | UInt32(bytes[6]) << 16 | UInt32(bytes[7]) << 8 | UInt32(bytes[8])
        return (FLVFileHeader(hasAudio: bytes[4] & 4 != 0, hasVideo: bytes[4] & 1 != 0), size)
    }
}
