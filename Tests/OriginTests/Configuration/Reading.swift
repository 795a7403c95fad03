import Origin
import Service

/// Files by path, as a disk would have them.
func files(_ texts: [String: String]) -> (String) -> Result<[UInt8], DirectiveTree.Unreadable> {
    { path in texts[path].map { .success(Array($0.utf8)) } ?? .failure(.init("No such file or directory")) }
}

/// The tree of one file that includes none.
func tree(_ text: String, limits: DirectiveLimits = DirectiveLimits()) -> DirectiveTree {
    DirectiveTree(text: Array(text.utf8), name: "a.conf", limits: limits, read: files([:]))
}

/// The configuration of one file. What a test does not speak of is there: an address and a host.
func configuration(
    _ text: String, environment: [String: String] = [:]
) throws(ConfigurationMistakes) -> CheckedOriginConfiguration {
    let whole = "listen 1935; vhost __defaultVhost__ { \(text) }"
    return try OriginConfiguration.parse(
        .file("a.conf"), environment: environment, read: files(["a.conf": whole]))
}

/// The configuration of one file that is all there is.
func server(
    _ text: String, environment: [String: String] = [:]
) throws(ConfigurationMistakes) -> CheckedOriginConfiguration {
    try OriginConfiguration.parse(.file("a.conf"), environment: environment, read: files(["a.conf": text]))
}

/// Everything that is wrong with it.
func mistakes(_ text: String, environment: [String: String] = [:]) -> [String] {
    do throws(ConfigurationMistakes) {
        _ = try server(text, environment: environment)
        return []
    } catch {
        return error.mistakes.map(\.description)
    }
}
