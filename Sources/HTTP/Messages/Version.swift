/// The protocol version of a message; 1.1 stands for every later 1.x, and other major versions are refused by the
/// parsers.
package enum Version: UInt8, Sendable, Hashable {
    case http10
    case http11
}
