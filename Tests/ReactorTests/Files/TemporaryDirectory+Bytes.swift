import Glibc
import TestKit

extension TemporaryDirectory {
    static func / (directory: TemporaryDirectory, name: String) -> String { "\(directory.path)/\(name)" }

    /// Everything in it, sorted.
    var names: [String] {
        guard let entries = opendir(path) else { return [] }
        defer { closedir(entries) }
        var names: [String] = []
        while let entry = readdir(entries) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Writes a file and returns its path.
    func write(_ name: String, _ bytes: [UInt8], permissions: UInt32 = 0o644) throws -> String {
        let path = self / name
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode_t(permissions))
        guard file >= 0 else { throw Failure(path: path) }
        defer { close(file) }
        guard Glibc.write(file, bytes, bytes.count) == bytes.count else { throw Failure(path: path) }
        return path
    }

    func read(_ name: String) throws -> [UInt8] {
        let file = open(self / name, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw Failure(path: self / name) }
        defer { close(file) }
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(file, &buffer, buffer.count)
            guard count > 0 else { return all }
            all += buffer[..<count]
        }
    }

    private struct Failure: Error {
        let path: String
    }
}
