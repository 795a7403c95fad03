import Glibc
import Reactor
package import Service

/// What an option of `sluice-origin` means; the letters are SRS's.
package enum OriginOptionMeaning: Sendable {
    case file
    case environmentOnly
    case test
    case readyDescriptor
    case help
    case version
    case signature
    case reference
}

extension CommandLineOption<OriginOptionMeaning> {
    /// Every option there is.
    package static let all = [
        CommandLineOption("-c", argument: "FILE", summary: "read the configuration from FILE", meaning: .file),
        CommandLineOption("-e", summary: "read no file, only variables", meaning: .environmentOnly),
        CommandLineOption(
            "-t", summary: "test the configuration, print everything that is wrong, and exit; 0 if nothing is",
            meaning: .test),
        CommandLineOption(
            "--ready-fd", argument: "N",
            summary: "once clients are served, write `service URL` lines to descriptor N and close it",
            meaning: .readyDescriptor),
        CommandLineOption("--reference", summary: "print docs/origin-configuration.md and exit", meaning: .reference),
        CommandLineOption("-g", "-G", summary: "print the signature of the server and exit", meaning: .signature),
        CommandLineOption("-v", "-V", "--version", summary: "print the version and exit", meaning: .version),
        CommandLineOption("-h", "-?", "--help", summary: "print this and exit", meaning: .help),
    ]
}

/// What the program was started to do.
package enum OriginInvocation: Sendable, Equatable {
    case run(CheckedOriginConfiguration)
    /// Say that nothing is wrong, with the warnings, and exit with 0.
    case test(CheckedOriginConfiguration)
    /// Print `OriginReference.help`.
    case help
    case version
    case signature
    /// Print `OriginReference.markdown`.
    case reference

    /// Reads the arguments (without the program's name), the environment and the files. Blocks on the files: call it
    /// before any loop runs.
    package static func read(
        arguments: [String], environment: [String: String] = ProcessEnvironment.variables()
    ) throws(ConfigurationMistakes) -> OriginInvocation {
        let line = CommandLineReading(arguments, options: CommandLineOption<OriginOptionMeaning>.all)
        var mistakes = line.mistakes
        var file: String?
        var isEnvironmentOnly = false
        var isTest = false
        var readyDescriptor: Int32?
        for given in line.given {
            switch given.option.meaning {
            // Where more than running is asked for, the first such option holds, whatever else is wrong.
            case .help: return .help
            case .version: return .version
            case .signature: return .signature
            case .reference: return .reference
            case .file: file = given.value
            case .environmentOnly: isEnvironmentOnly = true
            case .test: isTest = true
            case .readyDescriptor:
                readyDescriptor = ReadyNotice.claimDescriptor(given.value)
                if readyDescriptor == nil {
                    mistakes.append(
                        ConfigurationMistake(
                            given.option.name, "\(quoted(given.value)) is not an open descriptor above 2"))
                }
            }
        }
        let source = OriginConfigurationSource(
            file: file, environmentOnly: isEnvironmentOnly, environment: environment)
        do throws(ConfigurationMistakes) {
            var checked = try OriginConfiguration.parse(source, environment: environment, read: contents)
            checked.readyDescriptor = readyDescriptor
            if mistakes.isEmpty { return isTest ? .test(checked) : .run(checked) }
        } catch {
            throw ConfigurationMistakes(mistakes: mistakes + error.mistakes, warnings: error.warnings)
        }
        throw ConfigurationMistakes(mistakes: mistakes, warnings: [])
    }

    @Sendable private static func contents(of path: String) -> Result<[UInt8], DirectiveTree.Unreadable> {
        do throws(SystemError) {
            // One byte more than is taken tells that there is too much.
            return .success(
                try ConfigurationFile.contents(of: path, atMost: DirectiveLimits().maximumFileBytes + 1))
        } catch {
            return .failure(DirectiveTree.Unreadable(error.reason))
        }
    }
}
