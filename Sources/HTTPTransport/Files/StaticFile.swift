import Bytes
import HTTP
import Reactor

/// A file that was found, and all that an answer says about it.
struct StaticFile: Sendable {
    enum Content: Sendable {
        case memory(SharedBytes)
        /// To be read while it is sent.
        case file(ReadableFile)
    }

    let mediaType: MediaType
    let length: Int
    let validators: Validators
    var content: Content
    /// All of it with gzip, where that is smaller and at hand.
    var compressed: SharedBytes?
}

/// What a path leads to.
enum StaticEntry: Sendable {
    case file(StaticFile)
    /// A directory, without the slash that it is served under.
    case directory
    case nothing

    var isDirectory: Bool { if case .directory = self { true } else { false } }
}
