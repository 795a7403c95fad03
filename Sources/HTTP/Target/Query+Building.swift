package import Bytes

extension Query {
    /// Appends `name=value`, encoded, behind an `&` where the output already has a parameter.
    package static func append(_ name: String, _ value: String, isFirst: Bool, to output: inout ByteWriter) {
        if !isFirst { output.u8(UInt8(ascii: "&")) }
        name.withRawSpan { PercentCoding.encode($0, keeping: .queryText, to: &output) }
        output.u8(UInt8(ascii: "="))
        value.withRawSpan { PercentCoding.encode($0, keeping: .queryText, to: &output) }
    }
}
