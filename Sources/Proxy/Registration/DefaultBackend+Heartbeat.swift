import Registry

extension ProxyConfiguration.DefaultBackend {
    /// What the fixed origin would say of itself if it could.
    var heartbeat: Heartbeat {
        func endpoints(_ port: UInt16?) -> [Endpoint] { port.map { [Endpoint(port: $0)] } ?? [] }
        var all = OriginEndpoints()
        all.rtmp = endpoints(rtmp)
        all.http = endpoints(http)
        all.api = endpoints(api)
        all.webRTC = endpoints(webRTC)
        all.srt = endpoints(srt)
        return Heartbeat(
            server: OriginID("default-backend"), instance: OriginInstance(service: "default-backend", process: "0"),
            host: host, endpoints: all)
    }
}
