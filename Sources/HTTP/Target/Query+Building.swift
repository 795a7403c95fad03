package import Bytes

extension Query {
    /// Appends `name=value`, encoded, behind an `&` where the output already has a parameter.
    package static func append(_ name: String, _ value: String, isFirst: Bool, to output: inout ByteWriter) {
        if !isFirst { output.u8(UInt8(ascii: "&")) }
        // Not by spans of the texts: the optimizer lets those of short ones outlive them.
        PercentCoding.encode(Array(name.utf8).rawSpan, keeping: .queryText, to: &output)
        output.u8(UInt8(ascii: "="))
        PercentCoding.encode(Array(value.utf8).rawSpan, keeping: .queryText, to: &output)
    }
}
