import Glibc
import Reactor
package import Service

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
        arguments: some Sequence<String>, environment: [String: String] = ProcessEnvironment.variables()
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

    /// The file at `path`, which must be there, or else the `usual` one, which need not.
    static func environmentFile(named path: String?, usual: String = ".env") -> EnvironmentFileSource {
        let name = path ?? usual
        do throws(SystemError) {
            // One byte more than is taken tells that there is too much.
            let bytes = try ConfigurationFile.contents(
                of: name, atMost: EnvironmentFile.Limits().maximumBytes + 1)
            return .contents(path: name, bytes: bytes)
        } catch {
            return error.code == ENOENT && path == nil ? .absent : .unreadable(path: name, reason: error.reason)
        }
    }
}
