/// Why a field was not added to a message; the message is unchanged.
package enum FieldError: Error, Equatable {
    /// Empty, too long, or with a character that no field name has.
    case invalidName
    /// A control character: a line break there would let whoever chose the value write fields of their own.
    case invalidValue
    case tooMany(maximum: Int)
    case tooLarge(maximum: Int)
}
