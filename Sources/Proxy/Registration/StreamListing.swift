import Bytes
import Media
import Registry
import Service

/// Streams that an origin has, as operators see them.
enum StreamListing {
    /// `audiences` are this proxy's, in the order of the claims.
    static func text(_ claims: ClaimPage, _ audiences: [Audience], _ identity: ServerIdentity) -> SharedBytes {
        var members = ["\"total\":\(claims.total)"]
        if let next = claims.next { members.append("\"next\":\(next)") }
        members.append("\"streams\":[\(zip(claims.items, audiences).map(entry).joined(separator: ","))]")
        return SharedBytes("{\(identity.envelope),\"data\":{\(members.joined(separator: ","))}}")
    }

    private static func entry(_ item: ClaimPage.Item, _ audience: Audience) -> String {
        let claim = item.claim
        var members = [
            ListingText.member("stream", claim.key.description), ListingText.member("vhost", claim.key.vhost),
            ListingText.member("app", claim.key.app), ListingText.member("name", claim.key.stream),
            ListingText.member("server", claim.origin.text), ListingText.member("service", claim.instance.service),
            "\"epoch\":\(claim.epoch)", "\"live_ms\":\(ListingText.milliseconds(item.age))",
            "\"publishers\":\(audience.publishers)", "\"viewers\":\(audience.viewers)",
        ]
        if let left = item.leaseLeft { members.append("\"lease_ms\":\(ListingText.milliseconds(left))") }
        return "{\(members.joined(separator: ","))}"
    }
}
