// The environment is a variable of the C library, which Swift takes for shared mutable state; nothing here changes it.
@preconcurrency import Glibc
import Reactor

/// What the program was started to do.
package enum Invocation: Sendable {
    case run(CheckedConfiguration)
    /// Print `ConfigurationReference.help`.
    case help
    case version
    /// Print `ConfigurationReference.markdown`.
    case reference

    /// Reads the arguments (without the program's name), the environment and the file. Blocks on the file: call it
    /// before any loop runs.
    package static func read(
        arguments: some Sequence<String>, environment: [String: String] = processEnvironment()
    ) throws(ConfigurationMistakes) -> Invocation {
        let options = CommandLineOptions(parsing: Array(arguments))
        switch options.purpose {
        case .help: return .help
        case .version: return .version
        case .reference: return .reference
        case .run:
            let file = environmentFile(named: options.environmentFile)
            var checked = try ProxyConfiguration.parse(environment: environment, file: file, options: options)
            checked.readyDescriptor = options.readyDescriptor
            return .run(checked)
        }
    }

    /// The environment of this process; of a name that is there twice the first, as with getenv(3).
    package static func processEnvironment() -> [String: String] {
        var variables: [String: String] = [:]
        var next: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = environ
        // Safe: the array ends with a null pointer, each string with a zero byte, and no thread changes either yet.
        while let current = next, let entry = current.pointee {
            let text = String(cString: entry)
            // As a byte: as a character, the sign and an accent behind it would be one.
            if let equals = text.utf8.firstIndex(of: UInt8(ascii: "=")), variables[String(text[..<equals])] == nil {
                variables[String(text[..<equals])] = String(text[text.utf8.index(after: equals)...])
            }
            next = current.advanced(by: 1)
        }
        return variables
    }

    /// The file at `path`, which must be there, or else the `usual` one, which need not.
    static func environmentFile(named path: String?, usual: String = ".env") -> EnvironmentFileSource {
        let name = path ?? usual
        do throws(SystemError) {
            // One byte more than is taken tells that there is too much.
            let bytes = try contents(of: name, atMost: EnvironmentFile.Limits().maximumBytes + 1)
            return .contents(path: name, bytes: bytes)
        } catch {
            return error.code == ENOENT && path == nil ? .absent : .unreadable(path: name, reason: error.reason)
        }
    }

    static func contents(of path: String, atMost maximum: Int) throws(SystemError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .last("open") }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: maximum)
        var count = 0
        while count < maximum {
            // Safe: `count` is less than the `maximum` bytes of the buffer, and no more than the rest is asked for.
            let taken = bytes.withUnsafeMutableBytes { buffer in
                Glibc.read(descriptor, buffer.baseAddress! + count, maximum - count)
            }
            if taken == 0 { break }
            if taken > 0 {
                count += taken
            } else if errno != EINTR {
                throw .last("read")
            }
        }
        bytes.removeLast(maximum - count)
        return bytes
    }
}
