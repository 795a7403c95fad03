package import Bytes

extension Fields {
    /// About how many bytes the fields take on the wire, never less than they do.
    package var byteCount: Int { bytes.count + 4 * count }

    /// Appends the field lines whose known name `isWanted`; unknown names always go.
    ///
    /// What was never changed and is wanted whole is one copy of memory.
    func append(to output: inout ByteWriter, where isWanted: (FieldName) -> Bool) {
        if isContiguous, !entries.contains(where: { entry in entry.name.map { !isWanted($0) } ?? false }) {
            return output.append(bytes.rawSpan)
        }
        for position in 0..<count {
            if let name = knownName(at: position), !isWanted(name) { continue }
            output.append(name(at: position))
            output.append(": ")
            output.append(value(at: position))
            output.append("\r\n")
        }
    }

    /// Appends all field lines.
    package func append(to output: inout ByteWriter) { append(to: &output) { _ in true } }
}
