import Glibc

/// A new directory for one test, removed with all in it when the last reference goes.
package final class TemporaryDirectory: Sendable {
    package struct Failure: Error {
        package let path: String
        package let code: Int32
    }

    package let path: String

    package init() throws {
        var template = Array("/tmp/sluice-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure(path: "/tmp", code: errno) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { Self.removeAll(path) }

    /// Removes a file, a link, or a directory with all in it.
    private static func removeAll(_ path: String) {
        // Fails for a directory with something in it, and only then.
        guard remove(path) != 0, let entries = opendir(path) else { return }
        while let entry = readdir(entries) {
            // Safe: the name is a terminated string inside the entry, which lives until the next readdir.
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { removeAll("\(path)/\(name)") }
        }
        closedir(entries)
        remove(path)
    }

    /// Writes a file that only this user can read, and returns its path.
    @discardableResult
    package func write(_ text: String, to name: String) throws -> String {
        let file = "\(path)/\(name)"
        let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure(path: file, code: errno) }
        defer { close(descriptor) }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw Failure(path: file, code: errno) }
            rest = rest.dropFirst(count)
        }
        return file
    }
}
