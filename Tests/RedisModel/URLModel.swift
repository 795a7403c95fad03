import Reactor
import Redis
import Telemetry
package import TestKit

/// What must always hold of a text that may be a URL of Redis: what is taken is within its bounds, no password is
/// shown, and a URL that is written of what was read says the same.
package func checkRedisURL(_ input: [UInt8]) throws(BrokenInvariant) {
    let text = String(decoding: input, as: UTF8.self)
    let limits = RedisURL.Limits()
    let url: RedisURL
    do throws(RedisURLError) { url = try RedisURL(text, limits: limits) } catch { return }
    let endpoints =
        switch url.deployment {
        case .single(let endpoint): [endpoint]
        case .sentinel(let endpoints, _), .cluster(let endpoints): endpoints
        }
    try require(
        (1...limits.maximumHosts).contains(endpoints.count) && endpoints.allSatisfy { $0.port > 0 }
            && (0...Int(Int32.max)).contains(url.database) && text.utf8.count <= limits.maximumBytes,
        "out of bounds: \(url)")
    let again: RedisURL
    do throws(RedisURLError) { again = try RedisURL(url.written) } catch {
        throw BrokenInvariant("\(url.written) is refused: \(error)")
    }
    try require(
        again.deployment == url.deployment && again.database == url.database && again.security == url.security
            && isSame(again.credentials, url.credentials) && again.user == url.user
            && (url.user == nil || url.credentials == nil)
            && isSame(again.sentinelCredentials, url.sentinelCredentials),
        "\(url.written) is not \(text)")
}

private func isSame(_ left: RedisCredentials?, _ right: RedisCredentials?) -> Bool {
    left?.user == right?.user && left?.password.reveal() == right?.password.reveal()
}

extension RedisURL {
    /// The URL that says all this, with everything encoded that may be.
    fileprivate var written: String {
        var text = security == nil ? "redis" : "rediss"
        let hosts: [RedisEndpoint]
        var path = "/\(database)"
        switch deployment {
        case .single(let endpoint): hosts = [endpoint]
        case .sentinel(let endpoints, let master):
            hosts = endpoints
            text += "+sentinel"
            path = "/\(encoded(master))/\(database)"
        case .cluster(let endpoints):
            hosts = endpoints
            text += "+cluster"
        }
        text += "://"
        if let credentials { text += "\(encoded(credentials.user ?? "")):\(encoded(credentials.password.reveal()))@" }
        if let user { text += "\(encoded(user))@" }
        text += hosts.map(\.description).joined(separator: ",") + path
        var options: [String] = []
        if let security {
            options.append("verify=\(security.verification == .full ? "full" : "none")")
            if let file = security.authorities { options.append("ca=\(encoded(file))") }
            if let name = security.serverName { options.append("servername=\(encoded(name))") }
        }
        if let sentinel = sentinelCredentials {
            if let user = sentinel.user { options.append("sentinel_user=\(encoded(user))") }
            options.append("sentinel_password=\(encoded(sentinel.password.reveal()))")
        }
        return options.isEmpty ? text : "\(text)?\(options.joined(separator: "&"))"
    }
}

private func encoded(_ text: String) -> String {
    text.utf8.map { "%\($0 < 16 ? "0" : "")\(String($0, radix: 16))" }.joined()
}
