/// Why bytes are not acceptable AMF, or a value cannot be written; offsets are counted from the start of the message.
package enum AMFError: Error, Equatable {
    // MARK: Reading
    /// The message ends inside a value, or announces more than it has; `offset` is where the missing bytes would be.
    case truncated(offset: Int)
    /// A type marker that AMF does not define or reserves (movie clips, record sets).
    case unknownMarker(UInt8, offset: Int)
    /// The end marker of an object where no object is open.
    case unexpectedObjectEnd(offset: Int)
    /// A reference to something that the message has not mentioned before.
    case unknownReference(Int, offset: Int)
    /// A reference to an object or array from inside of it.
    case cyclicReference(offset: Int)
    /// An AMF3 object whose class writes itself in a form that only that class knows.
    case externalizable(offset: Int)
    case tooDeep(maximum: Int)
    case tooManyValues(maximum: Int)
    case tooManyBytes(maximum: Int)

    // MARK: Writing
    /// A key, class name or text that its length field cannot express.
    case tooLong(bytes: Int, maximum: Int)
    /// An AMF3 property without a name: on the wire that is the end of the list.
    case emptyKey
}
