import Bytes
import Service

/// What holds for each variable, as operators see it; a secret is not shown.
enum ConfigurationListing {
    static func text(_ settings: [CheckedConfiguration.Setting], _ identity: ServerIdentity) -> SharedBytes {
        let entries = settings.map(entry)
        return SharedBytes("{\(identity.envelope),\"data\":{\"settings\":[\(entries.joined(separator: ","))]}}")
    }

    private static func entry(_ setting: CheckedConfiguration.Setting) -> String {
        let members = [
            ListingText.member("name", setting.name), ListingText.member("value", setting.value.description),
            "\"redacted\":\(setting.value == .redacted)", ListingText.member("source", setting.source.description),
        ]
        return "{\(members.joined(separator: ","))}"
    }
}
