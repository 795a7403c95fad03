import Glibc
import Reactor

extension TCPCloseReason {
    /// Whether a connection was taken and broken off at once, before it was of any use: somebody is there, and may have
    /// too many. Where nobody is, connections are refused.
    var isReset: Bool {
        guard case .failed(let error) = self else { return false }
        return error.code == ECONNRESET
    }
}

extension TCPConnectError {
    var isReset: Bool {
        guard case .failed(let attempts) = self else { return false }
        return attempts.last?.reason?.isReset ?? false
    }
}
