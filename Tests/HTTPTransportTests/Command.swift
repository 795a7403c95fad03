import Foundation
import TestKit

/// A program of Debian as an independent peer.
enum Command {
    struct Result {
        let status: Int32
        let output: [UInt8]
        let errors: String
        var text: String { String(decoding: output, as: UTF8.self) }
    }

    /// Runs `name` from PATH with `arguments` to its end.
    static func run(_ name: String, _ arguments: [String], input: String = "") throws -> Result {
        let (standardInput, standardOutput) = (Pipe(), Pipe())
        let errors = FileManager.default.temporaryDirectory.appendingPathComponent("sluice-\(UUID().uuidString).err")
        _ = FileManager.default.createFile(atPath: errors.path, contents: nil)
        defer { try? FileManager.default.removeItem(at: errors) }
        let errorsFile = try FileHandle(forWritingTo: errors)
        let child = try ChildProgram(
            "/usr/bin/env", [name] + arguments, input: standardInput.fileHandleForReading.fileDescriptor,
            output: standardOutput.fileHandleForWriting.fileDescriptor, errors: errorsFile.fileDescriptor)
        try standardInput.fileHandleForReading.close()
        try standardOutput.fileHandleForWriting.close()
        standardInput.fileHandleForWriting.write(Data(input.utf8))
        try standardInput.fileHandleForWriting.close()
        let output = standardOutput.fileHandleForReading.readDataToEndOfFile()
        let end = child.wait()
        let said = try String(contentsOf: errors, encoding: .utf8)
        let status =
            switch end {
            case .status(let status), .signal(let status): status
            }
        return Result(status: status, output: Array(output), errors: said)
    }
}
