import CLinux
import Glibc

/// What the datagram sockets of one loop share.
final class DatagramExchange {
    let inbox = DatagramInbox()
    let outbox = DatagramOutbox()

    /// Whether the kernel cuts messages into datagrams (UDP_SEGMENT, Linux 4.18). A device that cannot is found out
    /// later, by the socket that sends through it.
    let canSegment = DatagramExchange.probeSegmentation()

    /// Tries it on loopback, of whichever family there is: a kernel, or what stands in for one in a sandbox, may know
    /// the option and still refuse to send.
    private static func probeSegmentation() -> Bool {
        for address in [SocketAddress.loopback(port: 0), .loopback6(port: 0)] {
            do throws(SystemError) {
                let socket = try Socket(family: address.isIPv6 ? AF_INET6 : AF_INET, type: SOCK_DGRAM)
                defer { socket.close() }
                try socket.bind(to: address)
                try socket.set(CInt(IPPROTO_UDP), UDP_SEGMENT, 1)
                let own = socket.localAddress ?? address
                let sent = own.withSystemAddress { sendto(socket.descriptor, "abc", 3, 0, $0, $1) }
                if sent == 3 { return true }
            } catch {
                // This family, or the option, is not there.
                continue
            }
        }
        return false
    }
}
