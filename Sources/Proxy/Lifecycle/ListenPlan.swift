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

/// All listeners of the proxy, with the ports that are really free, which are held until the loops listen.
package struct ListenPlan: Sendable {
    package let listenings: [Listening]
    private let reservations: [TCPReservation]

    /// Checks every address before any loop listens, so that one start reports all that are taken.
    static func reserve(_ wanted: ProxyConfiguration.Listeners) -> Result<ListenPlan, ListenFailures> {
        var listenings: [Listening] = []
        var reservations: [TCPReservation] = []
        var failures: [ListenFailure] = []
        func add(_ variable: String, _ service: HTTPService, _ address: SocketAddress, isSecure: Bool = false) {
            do throws(SystemError) {
                let reservation = try TCPReservation(address)
                reservations.append(reservation)
                listenings.append(
                    Listening(
                        variable: variable, service: service, isSecure: isSecure, address: reservation.address))
            } catch {
                failures.append(ListenFailure(variable: variable, address: address, cause: error))
            }
        }
        add("PROXY_HTTP_SERVER", .media, wanted.http)
        if let https = wanted.https { add("PROXY_HTTPS_SERVER", .media, https, isSecure: true) }
        add("PROXY_HTTP_API", .api, wanted.httpAPI)
        add("PROXY_SYSTEM_API", .system, wanted.systemAPI)
        return failures.isEmpty
            ? .success(ListenPlan(listenings: listenings, reservations: reservations))
            : .failure(ListenFailures(failures: failures))
    }

    /// Call it when every loop listens.
    package func release() {
        for reservation in reservations { reservation.release() }
    }
}

package struct ListenFailures: Error, Equatable {
    package let failures: [ListenFailure]
}
