package import Reactor

/// One address to listen on over TCP, for all loops.
package struct Listening: Sendable, Equatable {
    package enum Scheme: String, Sendable {
        case http
        case https
        case rtmp
        case rtmps

        package var isSecure: Bool {
            switch self {
            case .https, .rtmps: true
            case .http, .rtmp: false
            }
        }
    }

    /// The variable or directive that says so.
    package let setting: String
    /// What answers there, as logs and `--ready-fd` name it.
    package let service: String
    package let scheme: Scheme
    package let address: SocketAddress

    package init(setting: String, service: String, scheme: Scheme, address: SocketAddress) {
        self.setting = setting
        self.service = service
        self.scheme = scheme
        self.address = address
    }

    /// As a person opens it; a wildcard is this machine.
    package var url: String {
        let host = address.isWildcard ? "localhost" : address.isIPv6 ? "[\(address.host)]" : "\(address.host)"
        return "\(scheme.rawValue)://\(host):\(address.port)"
    }
}

/// An address that cannot be listened on.
package struct ListenFailure: Error, Equatable, CustomStringConvertible {
    package let setting: String
    package let address: SocketAddress
    package let cause: SystemError

    package init(_ listening: Listening, cause: SystemError) {
        setting = listening.setting
        address = listening.address
        self.cause = cause
    }

    package var description: String { "\(setting): cannot listen on \(address): \(cause.reason)" }
}

/// All listeners of a program, with the ports that are really free, which are held until the loops listen.
package struct ListenPlan: Sendable {
    package let listenings: [Listening]
    private let reservations: [TCPReservation]

    /// Checks every address before any loop listens, so that one start reports all that are taken.
    package static func reserve(_ wanted: [Listening]) -> Result<ListenPlan, ListenFailures> {
        var listenings: [Listening] = []
        var reservations: [TCPReservation] = []
        var failures: [ListenFailure] = []
        for listening in wanted {
            do throws(SystemError) {
                let reservation = try TCPReservation(listening.address)
                reservations.append(reservation)
                listenings.append(
                    Listening(
                        setting: listening.setting, service: listening.service, scheme: listening.scheme,
                        address: reservation.address))
            } catch {
                failures.append(ListenFailure(listening, cause: error))
            }
        }
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
