package import Bytes

/// A command message (RTMP §7.2): a call, or the answer to one.
///
/// It holds what was sent, whether known or not: written again, it says the same. `ClientCommand` and `Status` are
/// views of what is known.
package struct Command: Sendable, Equatable {
    package var name: AMFString
    /// What the answer repeats; 0 where none is expected, though some clients say 0 and wait all the same.
    package var transaction: Double
    /// The command object, null in most commands. Nil where the message ends before it.
    package var object: AMF0Value?
    package var arguments: [AMF0Value]
    package var encoding: MessageEncoding

    package init(
        _ name: AMFString, transaction: Double, object: AMF0Value? = .null, _ arguments: [AMF0Value] = [],
        encoding: MessageEncoding = .amf0
    ) {
        self.name = name
        self.transaction = transaction
        self.object = object
        self.arguments = arguments
        self.encoding = encoding
    }
}

extension Command {
    /// The payload of a message of type 20 or 17; all of it must be there. A missing transaction is 0: some servers
    /// send `onBWDone` without one.
    package init(
        parsing payload: RawSpan, _ encoding: MessageEncoding, limits: AMFLimits = AMFLimits()
    ) throws(CommandError) {
        var reader = AMFReader(payload, limits: limits)
        do { try reader.skipFormat(encoding) } catch { throw .malformed(error) }
        let name = try reader.name()
        var values: [AMF0Value]
        do { values = try reader.rest() } catch { throw .malformed(error) }
        var transaction = 0.0
        if !values.isEmpty {
            guard let number = values.removeFirst().number else { throw .missingTransaction }
            transaction = number
        }
        let object = values.isEmpty ? nil : values.removeFirst()
        self.init(name, transaction: transaction, object: object, values, encoding: encoding)
    }

    /// Appends the payload of a message.
    package func append(to output: inout ByteWriter) throws(AMFError) {
        if encoding == .amf3 { output.u8(0) }
        try AMF0Value.string(name).append(to: &output)
        try AMF0Value.number(transaction).append(to: &output)
        // Without an object there can be no arguments behind it.
        guard let object = object ?? (arguments.isEmpty ? nil : .null) else { return }
        try object.append(to: &output)
        for argument in arguments { try argument.append(to: &output) }
    }

    /// The argument at `index`, counted from 0 behind the command object; nil where there is none.
    package func argument(_ index: Int) -> AMF0Value? { index < arguments.count ? arguments[index] : nil }

    /// The text at `index`, which must be there.
    func text(_ index: Int) throws(CommandError) -> AMFString {
        guard let text = argument(index)?.text else { throw .wrongArgument(index: index) }
        return text
    }

    /// The number at `index`; nil where there is none, and where there is something else.
    func number(_ index: Int) -> Double? { argument(index)?.number }
}
