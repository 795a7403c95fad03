import Bytes

/// The fields of a message, in order, names repeated where the peer repeated them.
///
/// One run of bytes holds all lines in wire form and one array says where names and values lie: no string per field,
/// and no allocation once the memory has grown to what messages need. `removeAll()` keeps the memory.
package struct Fields: Sendable {
    /// Lines as they go on the wire, `name: value CRLF` each, with those of removed fields still among them.
    private(set) var bytes: [UInt8] = []
    private(set) var entries: [Entry] = []

    /// Whether `bytes` is exactly the lines of `entries` one after the other.
    private(set) var isContiguous = true

    package let limits: Limits

    package init(limits: Limits = Limits()) { self.limits = limits }

    /// How many fields there are; a repeated name counts each time.
    package var count: Int { entries.count }

    package var isEmpty: Bool { entries.isEmpty }

    /// Forgets all fields and keeps the memory for the next message.
    package mutating func removeAll() {
        entries.removeAll(keepingCapacity: true)
        bytes.removeAll(keepingCapacity: true)
        isContiguous = true
    }
}

extension Fields {
    /// What one message may hold; `append` refuses more.
    package struct Limits: Sendable, Hashable {
        package var maximumCount: Int
        /// Names, values and separators together.
        package var maximumBytes: Int

        package init(maximumCount: Int = 128, maximumBytes: Int = 65536) {
            self.maximumCount = maximumCount
            self.maximumBytes = maximumBytes
        }
    }

    /// Where one line lies in `bytes`.
    struct Entry: Sendable {
        let start: UInt32
        let valueStart: UInt32
        let valueLength: UInt32
        let nameLength: UInt16
        let name: FieldName?

        var nameRange: Range<Int> { Int(start)..<Int(start) + Int(nameLength) }
        var valueRange: Range<Int> { Int(valueStart)..<Int(valueStart) + Int(valueLength) }
    }
}

// MARK: - For the parsers and the builders of this target

extension Fields {
    /// Takes over `lines`, whole field lines with their ends, which the entries added next describe.
    mutating func adopt(lines: RawSpan) {
        removeAll()
        bytes.append(copying: lines)
    }

    mutating func add(_ entry: Entry) { entries.append(entry) }

    mutating func addBytes(_ more: RawSpan) { bytes.append(copying: more) }

    mutating func addByte(_ byte: UInt8) { bytes.append(byte) }

    /// Drops the entries that `isUnwanted` picks; their bytes stay until `removeAll()`.
    mutating func removeEntries(where isUnwanted: (Entry) -> Bool) {
        let before = entries.count
        entries.removeAll(where: isUnwanted)
        if entries.count != before { isContiguous = false }
    }

    mutating func removeEntry(at position: Int) {
        entries.remove(at: position)
        isContiguous = false
    }
}
