/// How much a log line matters, and to whom.
package enum LogLevel: String, Sendable, CaseIterable {
    /// An operator must act.
    case error
    /// A peer misbehaved.
    case warning
    /// The program's own life: started, listening, draining.
    case info
    /// Once per session.
    case debug

    /// 0 for what is always printed, more for what is printed only on request.
    package var verbosity: UInt8 {
        switch self {
        case .error: 0
        case .warning: 1
        case .info: 2
        case .debug: 3
        }
    }
}

/// The part of the program a line comes from; each target declares its own as static members.
package struct LogSubsystem: Sendable {
    package let name: String

    package init(_ name: StaticString) { self.name = name.description }
}
