/// Why a message is not an acceptable command or data message.
package enum CommandError: Error, Equatable {
    case malformed(AMFError)
    /// The message does not begin with a text.
    case missingName
    /// The second value of a command is no number.
    case missingTransaction
    /// The command is another one than was asked for.
    case unexpectedName
    /// `connect` without an object.
    case missingObject
    /// The argument at `index`, counted from 0 behind the command object, is missing or of another type.
    case wrongArgument(index: Int)
}
