import Foundation
import RTMP

/// Py3AMF, an AMF implementation that shares nothing with ours; Debian has none, PyPI has this one. It computes the
/// time of a date in floating point, so a date is compared to the millisecond.
enum Py3AMF {
    struct Failed: Error {
        let status: Int32
    }

    /// What it made of one message: its values in the notation of py3amf_reference.py, and the bytes it writes for
    /// them.
    struct Answer {
        let values: String
        let bytes: [UInt8]
    }

    /// Where `./dev test` has installed it; nil in a quick run, which does without.
    static let folder = ProcessInfo.processInfo.environment["SLUICE_PYTHON_PACKAGES"]

    /// Runs all messages through one Python process; `version` is 0 or 3.
    static func read(_ messages: [[UInt8]], version: Int) throws -> [Answer] {
        let lines = messages.map { "\(version) \(hex($0))\n" }.joined()
        let output = try run([script], input: Data(lines.utf8))
        return output.split(separator: 10).map { line in
            let parts = String(decoding: line, as: UTF8.self).split(separator: " ", maxSplits: 1)
            return parts[0] == "error"
                ? Answer(values: String(decoding: line, as: UTF8.self), bytes: [])
                : Answer(values: String(parts[0]), bytes: hex(String(parts[1])))
        }
    }

    private static func run(_ arguments: [String], input: Data) throws -> Data {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("py3amf-\(UUID().uuidString)")
        try input.write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = arguments
        process.environment = ["PYTHONPATH": folder ?? ""]
        process.standardInput = try FileHandle(forReadingFrom: file)
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let read = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failed(status: process.terminationStatus) }
        return read
    }

    private static let script = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().appendingPathComponent("py3amf_reference.py").path
}

// MARK: - Our values in the same notation

/// The names of classes get lost when Py3AMF writes, so they can be left out.
func notation(_ value: AMF0Value, classes: Bool = true) -> String {
    func pairs(_ properties: AMFProperties<AMF0Value>) -> String {
        braces(properties.pairs.map { ($0.key, notation($0.value, classes: classes)) })
    }
    return switch value {
    case .number(let number): notation(number)
    case .boolean(let boolean): "\(boolean)"
    case .string(let text): "s" + hex(Array(text.repaired.utf8))
    case .object(let properties): "o" + pairs(properties)
    case .ecmaArray(let properties): "a" + pairs(properties)
    case .typedObject(let name, let properties):
        "o" + (classes ? hex(Array(name.repaired.utf8)) : "") + pairs(properties)
    case .null, .unsupported: "null"
    case .undefined: "undefined"
    case .strictArray(let elements): "[" + elements.map { notation($0, classes: classes) }.joined(separator: ",") + "]"
    case .date(let milliseconds, _): "d\(Int(milliseconds.rounded()))"
    case .xmlDocument(let text): "x" + hex(Array(text.repaired.utf8))
    case .avmPlus(let value): notation(value, classes: classes)
    }
}

func notation(_ value: AMF3Value, classes: Bool = true) -> String {
    func list(_ elements: [AMF3Value]) -> [String] { elements.map { notation($0, classes: classes) } }
    func pairs(_ properties: AMFProperties<AMF3Value>) -> [(AMFString, String)] {
        properties.pairs.map { ($0.key, notation($0.value, classes: classes)) }
    }
    switch value {
    case .undefined: return "undefined"
    case .null: return "null"
    case .boolean(let boolean): return "\(boolean)"
    case .integer(let integer): return notation(Double(integer))
    case .double(let double): return notation(double)
    case .string(let text): return "s" + hex(Array(text.repaired.utf8))
    case .date(let milliseconds): return "d\(Int(milliseconds.rounded()))"
    case .byteArray(let bytes): return "b" + hex(bytes)
    case .object(let object):
        return "o" + (classes ? hex(Array(object.className.repaired.utf8)) : "") + braces(pairs(object.properties))
    case .array(let named, let elements):
        if named.isEmpty { return "[" + list(elements).joined(separator: ",") + "]" }
        let numbered = list(elements).enumerated().map { (AMFString("\($0.offset)"), $0.element) }
        return "a" + braces(numbered + pairs(named))
    case .xmlDocument, .xml, .vectorOfInt, .vectorOfUInt, .vectorOfDouble, .vectorOfObject, .dictionary:
        return "(Py3AMF does not know it, or wants an XML library)"
    }
}

private func notation(_ number: Double) -> String {
    let digits = String(number.bitPattern, radix: 16)
    return "n" + String(repeating: "0", count: 16 - digits.count) + digits
}

private func braces(_ pairs: [(AMFString, String)]) -> String {
    let sorted = pairs.map { (hex(Array($0.0.repaired.utf8)), $0.1) }.sorted { $0.0 < $1.0 }
    return "{" + sorted.map { "\($0.0):\($0.1)" }.joined(separator: ",") + "}"
}
