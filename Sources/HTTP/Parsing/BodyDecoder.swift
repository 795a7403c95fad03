import Bytes

/// Finds the bytes of a body in the bytes of a connection, without copying them and without keeping any.
///
///     while input.count > 0, !decoder.isComplete {
///         let step = try decoder.decode(input.readable)
///         use(input.readable.extracting(step.data))
///         input.consume(step.consumed)
///     }
///
/// Nothing behind the end of the body is ever consumed: it is the next message.
package struct BodyDecoder: Sendable {
    private enum State: Sendable {
        /// Data of known length, with this many bytes to come; at least one.
        case counted(Int)
        case untilClose
        case chunked(ChunkedDecoder)
        case complete
    }

    private var state: State

    /// Bytes of body yielded so far.
    package private(set) var received = 0

    private var maximum: Int

    /// `limits.maximumBodyBytes` may be narrowed later with `limit(to:)`, when the route is known.
    package init(_ framing: BodyFraming, limits: BodyLimits = BodyLimits()) {
        maximum = limits.maximumBodyBytes
        switch framing {
        case .none, .length(0): state = .complete
        case .length(let count): state = .counted(count)
        case .chunked: state = .chunked(ChunkedDecoder(limits: limits))
        case .untilClose: state = .untilClose
        }
    }

    /// Whether the last byte of the body has been consumed.
    package var isComplete: Bool {
        switch state {
        case .complete: true
        case .counted, .untilClose, .chunked: false
        }
    }

    /// Bytes still to come, where the framing tells.
    package var remaining: Int? {
        switch state {
        case .complete: 0
        case .counted(let count): count
        case .untilClose, .chunked: nil
        }
    }

    /// Refuses from here on bodies of more than `bytes`, at once where the length is known already.
    package mutating func limit(to bytes: Int) throws(HTTPParseError) {
        maximum = min(maximum, bytes)
        guard received + (remaining ?? 0) <= maximum else { throw .bodyTooLarge(maximum: maximum) }
    }

    /// Goes on to the end of the next run of data, the end of the body, or the end of `input`.
    package mutating func decode(_ input: RawSpan) throws(HTTPParseError) -> BodyStep {
        switch state {
        case .complete:
            return BodyStep(consumed: 0, data: 0..<0)
        case .counted(let count):
            try admit(count)
            let taken = min(count, input.byteCount)
            received += taken
            state = taken == count ? .complete : .counted(count - taken)
            return BodyStep(consumed: taken, data: 0..<taken)
        case .untilClose:
            try admit(input.byteCount)
            received += input.byteCount
            return BodyStep(consumed: input.byteCount, data: 0..<input.byteCount)
        case .chunked(var chunks):
            let step = try chunks.decode(input, allowance: maximum - received, maximum: maximum)
            received += step.data.count
            state = chunks.isComplete ? .complete : .chunked(chunks)
            return step
        }
    }

    /// The peer has closed: the regular end of a body that lasts until then, and of no other.
    package mutating func inputEnded() throws(HTTPParseError) {
        switch state {
        case .complete: break
        case .untilClose: state = .complete
        case .counted, .chunked: throw .truncated
        }
    }

    private func admit(_ more: Int) throws(HTTPParseError) {
        guard more <= maximum - received else { throw .bodyTooLarge(maximum: maximum) }
    }
}

/// What one call of `BodyDecoder.decode` found.
package struct BodyStep: Sendable, Hashable {
    /// How many bytes of the input are done with, framing and data together.
    package let consumed: Int
    /// Where in the input the data lie; empty where there were none.
    package let data: Range<Int>
}
