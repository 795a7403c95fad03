import Foundation

/// What h11 made of one case; see h11_reference.py.
struct H11Result: Decodable {
    enum Outcome: String, Decodable {
        case complete, incomplete, refused
    }

    var outcome: Outcome
    var method: String?
    var target: String?
    var version: String?
    var fields: [[String]]?
    /// Hexadecimal.
    var body: String
    /// Bytes behind the request.
    var left: Int?
    var reason: String?
    var status: Int?
}

enum H11 {
    struct Failed: Error {
        let status: Int32
        let output: String
    }

    /// Runs all cases through one Python process. Throws where Python or h11 is missing, which fails the test: they are
    /// among the packages that testing needs.
    static func read(_ cases: [[UInt8]]) throws -> [H11Result] {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("h11-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var input = Data()
        for bytes in cases {
            withUnsafeBytes(of: UInt32(bytes.count).bigEndian) { input.append(contentsOf: $0) }
            input.append(contentsOf: bytes)
        }
        let inputFile = folder.appendingPathComponent("cases")
        let outputFile = folder.appendingPathComponent("results")
        try input.write(to: inputFile)
        try Data().write(to: outputFile)
        let process = Process()
        // Debian's own: another Python before it on the path would not know Debian's packages.
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = [script]
        process.standardInput = try FileHandle(forReadingFrom: inputFile)
        process.standardOutput = try FileHandle(forWritingTo: outputFile)
        let errors = folder.appendingPathComponent("errors")
        try Data().write(to: errors)
        process.standardError = try FileHandle(forWritingTo: errors)
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failed(status: process.terminationStatus, output: try String(contentsOf: errors, encoding: .utf8))
        }
        let decoder = JSONDecoder()
        return try Data(contentsOf: outputFile).split(separator: 10).map {
            try decoder.decode(H11Result.self, from: $0)
        }
    }

    private static let script = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().appendingPathComponent("h11_reference.py").path
}
