/// Why a codec configuration cannot be read; positions are counted in bits of the record, or of the parameter set in
/// it.
package enum ConfigurationError: Error, Equatable {
    case truncated(bit: Int, needed: Int, available: Int)
    /// An exp-Golomb code or a variable-length number beyond what its codec allows.
    case codeTooLong(bit: Int)
    /// A field with a value that its codec does not allow, or that no picture can have.
    case outOfRange(bit: Int, value: UInt64)
    case unsupportedVersion(UInt8)
    case wrongSignature
    /// The record lacks the one that says how large the picture is.
    case missingParameterSet
    case tooManyParameterSets(maximum: Int)
}
