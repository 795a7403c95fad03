/// An option of `sluice-proxy`.
package struct CommandLineOption: Sendable {
    enum Meaning: Sendable {
        /// Its argument overrides what the environment says of the variable.
        case sets(variable: String)
        case environmentFile
        case readyDescriptor
        case asks(for: CommandLineOptions.Purpose)
    }

    package let name: String
    /// What its argument is called; nil where it takes none.
    package let argument: String?
    package let summary: String
    let meaning: Meaning

    /// Every option there is.
    package static let all = [
        CommandLineOption(
            name: "--loops", argument: "N", summary: "run N event loops; overrides PROXY_LOOPS",
            meaning: .sets(variable: "PROXY_LOOPS")),
        CommandLineOption(
            name: "--env-file", argument: "PATH", summary: "read variables from PATH, not from .env",
            meaning: .environmentFile),
        CommandLineOption(
            name: "--ready-fd", argument: "N",
            summary: "once clients are served, write `service URL` lines to descriptor N and close it",
            meaning: .readyDescriptor),
        CommandLineOption(
            name: "--print-configuration-reference", argument: nil,
            summary: "print docs/proxy-configuration.md and exit", meaning: .asks(for: .reference)),
        CommandLineOption(
            name: "--version", argument: nil, summary: "print the version and exit", meaning: .asks(for: .version)),
        CommandLineOption(name: "--help", argument: nil, summary: "print this and exit", meaning: .asks(for: .help)),
    ]
}
