import Bytes
import Foundation
import Testing

/// An independent judge of what this target writes: Debian's Python.
enum Python {
    /// Runs `script` with `input`, and returns what it prints; fails the test where the script fails.
    static func run(_ script: String, input: [UInt8], needs: Comment) throws -> Data {
        let python = Process()
        python.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        python.arguments = ["-c", script]
        let (standardInput, standardOutput) = (Pipe(), Pipe())
        python.standardInput = standardInput
        python.standardOutput = standardOutput
        try python.run()
        standardInput.fileHandleForWriting.write(Data(input))
        try standardInput.fileHandleForWriting.close()
        let output = standardOutput.fileHandleForReading.readDataToEndOfFile()
        python.waitUntilExit()
        try #require(python.terminationStatus == 0, needs)
        return output
    }
}
