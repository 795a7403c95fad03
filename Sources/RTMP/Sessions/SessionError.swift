/// Why a connection is of no use any more, on either side of it.
package enum SessionError: Error, Equatable {
    case handshake(HandshakeError)
    case chunks(ChunkError)
    /// A command that is no AMF, or that means nothing as it is.
    case command(CommandError)
    case aggregate(AggregateError)
    /// A client that calls anything before `connect`.
    case commandBeforeConnect
    /// A client that calls and calls, and neither publishes nor plays.
    case tooManyCommands(maximum: Int)
    /// What a client was told to say has no form in AMF0: a name of more than 65535 bytes.
    case unwritable(AMFError)
}
