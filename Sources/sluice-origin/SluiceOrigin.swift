import Glibc
import Origin
import Reactor

@main
enum SluiceOrigin {
    static func main() {
        var c = OriginConfiguration()
        c.rtmp.listeners = [SocketAddress.loopback(port: 19351)]
        c.httpServer.isEnabled = true
        c.httpServer.listener = SocketAddress.loopback(port: 18081)
        c.httpAPI.isEnabled = true
        c.httpAPI.listener = SocketAddress.loopback(port: 19851)
        c.maximumConnections = 10000
        var h = OriginVirtualHost()
        h.httpRemux.isEnabled = true
        c.virtualHosts = [h]
        exit(
            OriginProgram.serve(
                c, readyDescriptor: nil, loops: CommandLine.arguments.dropFirst().first.flatMap { Int($0) }))
    }
}
