package import Service

/// What an option of `sluice-proxy` means.
package enum ProxyOptionMeaning: Sendable {
    /// Its argument overrides what the environment says of the variable.
    case sets(variable: String)
    case environmentFile
    case readyDescriptor
    case asks(for: CommandLineOptions.Purpose)
}

extension CommandLineOption<ProxyOptionMeaning> {
    /// Every option there is.
    package static let all = [
        CommandLineOption(
            "--loops", argument: "N", summary: "run N event loops; overrides PROXY_LOOPS",
            meaning: .sets(variable: "PROXY_LOOPS")),
        CommandLineOption(
            "--env-file", argument: "PATH", summary: "read variables from PATH, not from .env",
            meaning: .environmentFile),
        CommandLineOption(
            "--ready-fd", argument: "N",
            summary: "once clients are served, write `service URL` lines to descriptor N and close it",
            meaning: .readyDescriptor),
        CommandLineOption(
            "--print-configuration-reference", summary: "print docs/proxy-configuration.md and exit",
            meaning: .asks(for: .reference)),
        CommandLineOption("--version", summary: "print the version and exit", meaning: .asks(for: .version)),
        CommandLineOption("--help", "-h", summary: "print this and exit", meaning: .asks(for: .help)),
    ]
}
