import Reactor
import Service

/// Rules between directives. One whose own value is not valid is left out: it is reported already.
extension OriginConfigurationReading {
    mutating func checkRules(of source: OriginConfigurationSource) {
        // SRS refuses a file without it as well; variables alone mean the usual port.
        if case .file(let path) = source, givenBy["listen"] == nil, isValid("listen") {
            mistakes.append(ConfigurationMistake(path, "needs \"listen\", the address of RTMP: listen 1935;"))
        }
        if configuration.httpServer.https.isEnabled, !configuration.httpServer.isEnabled {
            mistakes.append(
                ConfigurationMistake(subject("http_server.https.enabled"), "needs http_server.enabled on"))
        }
        checkListeners()
        if !configuration.virtualHosts.contains(where: \.isEnabled) {
            warnings.append(
                ConfigurationWarning(
                    "no vhost is enabled: nobody can publish or play; write vhost __defaultVhost__ { }"))
        }
        if configuration.virtualHosts.contains(where: { $0.isEnabled && $0.httpRemux.isEnabled }),
            !configuration.httpServer.isEnabled
        {
            warnings.append(ConfigurationWarning("vhost.http_remux has no effect without http_server.enabled on"))
        }
    }

    func isValid(_ path: String) -> Bool { !invalid.contains(path) }

    /// What a message on the directive begins with.
    private func subject(_ path: String) -> String { givenBy[path] ?? path }

    private struct Listener {
        let path: String
        let address: SocketAddress
    }

    /// No two listen on the same: the kernel would let them, and spread connections over both. API and streams may
    /// share a listener.
    private mutating func checkListeners() {
        let listeners = self.listeners.filter { isValid($0.path) }
        for (index, listener) in listeners.enumerated() {
            for earlier in listeners[..<index] where listener.address.overlaps(earlier.address) {
                let isShared = (earlier.path, listener.path) == ("http_server.listen", "http_api.listen")
                if isShared, earlier.address == listener.address { continue }
                // The one to blame is the one that was set.
                let isEarlierToBlame = givenBy[listener.path] == nil
                let (blamed, other) = isEarlierToBlame ? (earlier, listener) : (listener, earlier)
                let what = "overlaps with \"\(other.address.listeningText)\" of \(other.path)"
                mistakes.append(
                    ConfigurationMistake(
                        subject(blamed.path), "\"\(blamed.address.listeningText)\" \(what)"))
            }
        }
    }

    private var listeners: [Listener] {
        var all = configuration.rtmp.listeners.map { Listener(path: "listen", address: $0) }
        if configuration.rtmps.isEnabled {
            all += configuration.rtmps.listeners.map { Listener(path: "rtmps.listen", address: $0) }
        }
        let (server, api, exporter) = (configuration.httpServer, configuration.httpAPI, configuration.exporter)
        if server.isEnabled { all.append(Listener(path: "http_server.listen", address: server.listener)) }
        if server.isEnabled, server.https.isEnabled {
            all.append(Listener(path: "http_server.https.listen", address: server.https.listener))
        }
        if api.isEnabled { all.append(Listener(path: "http_api.listen", address: api.listener)) }
        if exporter.isEnabled { all.append(Listener(path: "exporter.listen", address: exporter.listener)) }
        return all
    }
}
