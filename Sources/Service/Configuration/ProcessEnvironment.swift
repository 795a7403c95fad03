// The environment is a variable of the C library, which Swift takes for shared mutable state; nothing here changes it.
@preconcurrency import Glibc

/// The variables that the process was started with.
package enum ProcessEnvironment {
    /// The environment of this process; of a name that is there twice the first, as with getenv(3).
    package static func variables() -> [String: String] {
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
}
