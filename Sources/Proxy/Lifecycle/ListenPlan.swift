package import Reactor

/// One address to listen on, for all loops.
package struct Listening: Sendable, Equatable {
    /// The variable that says so.
    package let variable: String
    package let service: HTTPService
    package let isSecure: Bool
    package let address: SocketAddress

    /// As a person opens it; a wildcard is this machine.
    package var url: String {
        let host = address.isWildcard ? "localhost" : address.isIPv6 ? "[\(address.host)]" : "\(address.host)"
        return "\(isSecure ? "https" : "http")://\(host):\(address.port)"
    }
}

/// An address that cannot be listened on.
package struct ListenFailure: Error, Equatable, CustomStringConvertible {
    package let variable: String
    package let address: SocketAddress
    package let cause: SystemError

    package var description: String { "\(variable): cannot listen on \(address): \(cause.reason)" }
}

/// All listeners of the proxy, with the ports that are really free.
package struct ListenPlan: Sendable {
    package let listenings: [Listening]

    /// Checks every address before any loop listens, so that one start reports all that are taken.
    static func reserve(_ wanted: ProxyConfiguration.Listeners) -> Result<ListenPlan, ListenFailures> {
        var listenings: [Listening] = []
        var failures: [ListenFailure] = []
        func add(_ variable: String, _ service: HTTPService, _ address: SocketAddress, isSecure: Bool = false) {
            do throws(SystemError) {
                var free = try TCPListener.reserve(address)
                // Port 0 may stand for the same port twice, and listeners of ours would share it unnoticed.
                while address.port == 0, listenings.contains(where: { $0.address.port == free.port }) {
                    free = try TCPListener.reserve(address)
                }
                listenings.append(
                    Listening(variable: variable, service: service, isSecure: isSecure, address: free))
            } catch {
                failures.append(ListenFailure(variable: variable, address: address, cause: error))
            }
        }
        add("PROXY_HTTP_SERVER", .media, wanted.http)
        if let https = wanted.https { add("PROXY_HTTPS_SERVER", .media, https, isSecure: true) }
        add("PROXY_HTTP_API", .api, wanted.httpAPI)
        add("PROXY_SYSTEM_API", .system, wanted.systemAPI)
        return failures.isEmpty
            ? .success(ListenPlan(listenings: listenings)) : .failure(ListenFailures(failures: failures))
    }
}

package struct ListenFailures: Error, Equatable {
    package let failures: [ListenFailure]
}
