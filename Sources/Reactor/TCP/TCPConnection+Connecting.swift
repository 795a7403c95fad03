import Bytes
import CLinux
import Glibc

extension TCPConnection {
    /// Starts a connect; the handler hears `connected`, or `closed` with the reason. What is written meanwhile is sent
    /// as soon as the connection stands.
    package static func connect(
        to address: SocketAddress, from local: SocketAddress? = nil, on loop: EventLoop, options: TCPOptions,
        security role: TCPSecurityRole = .none, handler: any TCPHandler
    ) throws(TCPCloseReason) -> TCPConnection {
        let security: TCPSecurity?
        do throws(TLSError) { security = try role.makeSecurity() } catch { throw .tls(error) }
        do throws(SystemError) {
            return try connect(to: address, from: local, on: loop, options, security, handler)
        } catch {
            throw .failed(error)
        }
    }

    private static func connect(
        to address: SocketAddress, from local: SocketAddress?, on loop: EventLoop, _ options: TCPOptions,
        _ security: TCPSecurity?, _ handler: any TCPHandler
    ) throws(SystemError) -> TCPConnection {
        let socket = try Socket(family: address.isIPv6 ? AF_INET6 : AF_INET, type: SOCK_STREAM)
        do throws(SystemError) {
            try options.apply(to: socket)
            if let local { try socket.bind(to: local) }
            let result = address.withSystemAddress { Glibc.connect(socket.descriptor, $0, $1) }
            guard result == 0 || errno == EINPROGRESS else { throw SystemError.last("connect") }
            let connection = TCPConnection(
                socket: socket, state: .connecting, loop: loop, options: options, handler: handler)
            connection.security = security
            do throws(SystemError) { try loop.register(socket.descriptor, connection) } catch {
                connection.neverBegan()
                throw error
            }
            loop.statistics.tcpConnected &+= 1
            connection.rearm()
            return connection
        } catch {
            socket.close()
            throw error
        }
    }

    func finishConnect() {
        let code = socket.takeError()
        guard code == 0 else { return finish(.failed(SystemError("connect", code))) }
        if let security { startHandshake(security) } else { opened() }
    }

    /// Bytes can flow: tells the owner, and sends what it has written meanwhile.
    func opened() {
        switch state {
        case .connecting, .handshaking: state = .open
        // The last bytes of the handshake found the peer gone.
        case .open, .closing, .lingering, .closed: return
        }
        lastActivity = loop.now.nanoseconds
        outputWaitBegan = lastActivity
        handler?.connected(self)
        flush()
        if closesWhenOpen {
            closesWhenOpen = false
            close()
        }
    }
}
