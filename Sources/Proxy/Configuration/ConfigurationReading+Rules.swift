import Reactor
import Redis
import Registry
import Service

/// Rules between variables. One whose own value is not valid is left out: it is reported already.
extension ConfigurationReading {
    mutating func checkRules() {
        checkListeners()
        checkTLS()
        checkShutdown()
        checkRedis()
        checkRouting()
        checkDefaultBackend()
    }

    /// What is set and not asked for.
    private mutating func checkRedis() {
        let redis = configuration.registry.redis
        let names = ["PROXY_REDIS_URL", "PROXY_REDIS_USER", "PROXY_REDIS_PASSWORD"]
        if names.allSatisfy(isValid), redis.hasUserAlone {
            let (blamed, hint) = redis.url?.user == nil ? (names[1], "") : (names[0], Self.passwordHint)
            mistakes.append(ConfigurationMistake(blamed, "names a user, who needs PROXY_REDIS_PASSWORD\(hint)"))
        }
        guard let url = redis.url else { return }
        let unused = Variables.redisServer.filter { value(of: $0) != nil }.map(\.name).filter {
            switch $0 {
            case "PROXY_REDIS_USER": url.credentials != nil || url.user != nil
            case "PROXY_REDIS_PASSWORD": url.credentials != nil
            default: true
            }
        }
        if !unused.isEmpty { warnings.append(.besideURL(unused)) }
        if configuration.registry.store == .memory { warnings.append(.unusedRedisURL) }
    }

    private static let passwordHint = " or a password behind a colon; a password alone is written :password@"

    /// With `hash` and no zone proxies agree without a word; otherwise it takes a registry that they share.
    private mutating func checkRouting() {
        guard isValid("PROXY_LOAD_BALANCER_TYPE"), configuration.registry.store == .memory else { return }
        var names: [String] = []
        if configuration.routing.policy != .hash {
            names.append("PROXY_ROUTING_POLICY=\(configuration.routing.policy.rawValue)")
        }
        if configuration.routing.zone != nil { names.append("PROXY_ZONE") }
        if !names.isEmpty { warnings.append(.unsharedRouting(names)) }
    }

    /// A server of this machine that others would look for on theirs, or that is this proxy itself. Warnings: the
    /// others may run on this machine as well; and where a server listens on one address alone, and this proxy on all
    /// of them, connections to that address are the server's.
    private mutating func checkDefaultBackend() {
        let backend = configuration.defaultBackend
        guard backend.isEnabled else { return }
        let isShared = isValid("PROXY_LOAD_BALANCER_TYPE") && configuration.registry.store != .memory
        if isShared, isValid("PROXY_DEFAULT_BACKEND_IP"), backend.isOnEveryMachine {
            warnings.append(.localBackend("\(backend.host)"))
        }
        let ports = [
            ("PROXY_DEFAULT_BACKEND_RTMP", backend.rtmp), ("PROXY_DEFAULT_BACKEND_HTTP", backend.http),
            ("PROXY_DEFAULT_BACKEND_API", backend.api),
        ]
        let listeners = Variables.all.filter {
            isValid($0.name) && $0.effect != .none && $0.transports.contains(.tcp)
        }
        for case (let name, let port?) in ports where isValid(name) {
            let own = listeners.first { listener in
                listener.address(configuration)?.takes(connectionsTo: backend.host, port: port) ?? false
            }
            if let own { warnings.append(.ownBackend(name, "\(backend.host)", port, own.name)) }
        }
    }

    /// No two listen on the same: the kernel would let them, and spread connections over both.
    private mutating func checkListeners() {
        let listeners = Variables.all.filter { isValid($0.name) && $0.address(configuration) != nil }
        for (index, variable) in listeners.enumerated() {
            for earlier in listeners[..<index] {
                // The one to blame is the one that was set.
                let isEarlierToBlame = value(of: variable) == nil
                let (blamed, other) = isEarlierToBlame ? (earlier, variable) : (variable, earlier)
                guard let first = blamed.address(configuration), let second = other.address(configuration) else {
                    continue
                }
                let shared = blamed.transports.filter(other.transports.contains).map(\.rawValue)
                guard !shared.isEmpty, first.overlaps(second) else { continue }
                let what = "overlaps with \"\(second.listeningText)\" of \(other.name)"
                mistakes.append(
                    ConfigurationMistake(
                        blamed.name, "\"\(first.listeningText)\" \(what) (\(shared.joined(separator: " and ")))"))
            }
        }
    }

    private mutating func checkTLS() {
        let files = [
            ("PROXY_TLS_CERTIFICATE", configuration.tls.certificate), ("PROXY_TLS_KEY", configuration.tls.key),
        ].filter { isValid($0.0) }
        let present = files.filter { $0.1 != nil }.map(\.0)
        let missing = files.filter { $0.1 == nil }.map(\.0)
        let servers = [
            ("PROXY_RTMPS_SERVER", configuration.listeners.rtmps),
            ("PROXY_HTTPS_SERVER", configuration.listeners.https),
        ]
        let secure = servers.filter { $0.1 != nil }.map(\.0)
        if !secure.isEmpty {
            guard !missing.isEmpty else { return }
            for server in secure {
                mistakes.append(ConfigurationMistake(server, "needs \(missing.joined(separator: " and "))"))
            }
        } else if let present = present.first, let missing = missing.first {
            mistakes.append(ConfigurationMistake(present, "needs \(missing)"))
        } else if !present.isEmpty, servers.allSatisfy({ isValid($0.0) }) {
            warnings.append(.unusedCertificate)
        }
    }

    private mutating func checkShutdown() {
        let (grace, force) = (configuration.shutdown.grace, configuration.shutdown.force)
        guard isValid("PROXY_GRACE_QUIT_TIMEOUT"), isValid("PROXY_FORCE_QUIT_TIMEOUT"), force < grace else { return }
        warnings.append(.forceBeforeGrace(force: force, grace: grace))
    }
}
