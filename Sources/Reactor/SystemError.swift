import CLinux
import Glibc

/// A system call that failed: which one, and errno.
package struct SystemError: Error, Hashable, Sendable {
    /// Name of the call, as in the manual.
    package let call: StaticName
    package let code: CInt

    package init(_ call: StaticName, _ code: CInt) {
        self.call = call
        self.code = code
    }

    /// The failure that errno tells of now.
    package static func last(_ call: StaticName) -> SystemError { SystemError(call, errno) }

    /// Whether what was asked for is not there (ENOENT, ENOTDIR).
    package var isNotFound: Bool { code == ENOENT || code == ENOTDIR }
}

/// A name known when the program is compiled; equal where the text is.
package struct StaticName: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    private let text: String
    package init(stringLiteral value: StaticString) { text = "\(value)" }
    package var description: String { text }
}

extension SystemError: CustomStringConvertible {
    package var description: String { "\(call): \(reason)" }

    /// The system's words for the code.
    package var reason: String { String(cString: clinux_error_text(code)) }
}
