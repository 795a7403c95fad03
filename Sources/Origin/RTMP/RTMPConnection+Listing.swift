import Media
import RTMP
import RTMPTransport
import Reactor
import Service

extension RTMPConnection: ListedClient {
    /// Operators see a connection while it publishes or plays.
    func updateListing() {
        if let listing, isIdle {
            context.streams.clients.remove(listing)
            self.listing = nil
        } else if listing == nil, !isIdle {
            listing = context.streams.clients.add(self, at: server.loop.now)
        }
    }

    /// The stream of a publisher that has just begun here.
    func list(_ publication: Publication) {
        updateListing()
        guard let listing else { return }
        context.streams.list(
            PublishedStream(publication: publication, publisher: listing, tcURL: connect?.tcUrl?.description ?? ""))
    }

    /// One that does several things is shown with the first, and as a publisher rather than as a player.
    var facts: ClientFacts? {
        guard let key = publications.first?.publication.key ?? players.first?.key else { return nil }
        return ClientFacts(
            kind: publications.isEmpty ? .player : .publisher, key: key,
            address: socket.peerAddress?.host.description ?? "", tcURL: connect?.tcUrl?.description ?? "",
            pageURL: connect?.pageUrl?.description ?? "", swfURL: connect?.swfUrl?.description ?? "")
    }

    var totals: ByteRates.Totals { ByteRates.Totals(received: socket.bytesReceived, sent: socket.bytesSent) }

    /// A player is told that it is over, by which a proxy in front of it knows that it is meant. One that takes
    /// nothing, or publishes, would be there for a while.
    func kick() {
        guard publications.isEmpty, !socket.isOutputBlocked else { return socket.abort() }
        server.withOutput(to: socket) { output in
            for player in players {
                session.notify(
                    Status(.playStop, "An operator has ended it."), on: player.stream, output: &output)
            }
        }
        socket.close()
    }
}
