import Glibc

/// Where a certificate chain, a key or a set of authorities comes from: a file, read again at each reload, or bytes.
///
/// Its description and its mirror show the path or the name, never the bytes.
package struct PEMSource: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    private enum Content: Equatable {
        case file
        case bytes([UInt8])
    }

    private let content: Content

    /// The path, or the name given with the bytes; what errors call it.
    package let description: String

    /// Largest file that is read, in bytes; a system's whole set of authorities has about 220 KB.
    package static let maximumBytes = 4 << 20

    package static func file(_ path: String) -> PEMSource { PEMSource(content: .file, description: path) }

    /// Bytes that are called `name` in errors, the name of a variable for example.
    package static func bytes(_ bytes: [UInt8], name: String) -> PEMSource {
        PEMSource(content: .bytes(bytes), description: name)
    }

    package var customMirror: Mirror { Mirror(self, children: []) }

    private init(content: Content, description: String) {
        self.content = content
        self.description = description
    }

    /// All of it. Reads the file on the calling thread.
    func load() throws(TLSConfigurationProblem) -> [UInt8] {
        switch content {
        case .file: try readFile()
        case .bytes(let bytes): bytes
        }
    }

    private func readFile() throws(TLSConfigurationProblem) -> [UInt8] {
        // Without blocking: the open of a pipe would wait for somebody to write, and so would every read.
        let descriptor = open(description, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .unreadable(source: description, .last("open")) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .unreadable(source: description, .last("fstat")) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .notFile(source: description) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            // Safe: read writes at most `count` bytes into the array's own storage.
            let count = chunk.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .unreadable(source: description, .last("read")) }
            guard count > 0 else { return bytes }
            guard bytes.count + count <= Self.maximumBytes else {
                throw .oversized(source: description, maximum: Self.maximumBytes)
            }
            bytes += chunk[..<count]
        }
    }
}
