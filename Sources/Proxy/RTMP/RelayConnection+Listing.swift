import Media
import RTMPTransport
import Reactor
import Registry
import Service

extension RelayConnection {
    /// The client's request as it is listed.
    struct Listing {
        let id: RosterID
        let kind: SessionFacts.Kind
        let key: StreamKey
    }

    /// An origin is being looked for.
    func list(_ request: OriginSearch.Request) {
        unlist()
        let kind: SessionFacts.Kind = request.purpose == .publish ? .rtmpPublish : .rtmpPlay
        listing = Listing(id: context.sessions.add(self, kind, of: request.key), kind: kind, key: request.key)
    }

    func unlist() {
        guard let listing = listing.take() else { return }
        context.sessions.remove(listing.id, listing.kind, of: listing.key)
    }
}

extension RelayConnection: ListedSession {
    var facts: SessionFacts? {
        listing.map {
            SessionFacts(kind: $0.kind, key: $0.key, peer: socket.peerAddress, origin: leg?.routed.origin.id)
        }
    }

    /// The connection's, also of what the client has done on it before.
    var totals: ByteRates.Totals {
        ByteRates.Totals(received: socket.bytesReceived, sent: socket.bytesSent)
    }

    func kick() { dismiss() }
}
