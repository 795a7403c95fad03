import HTTP
package import TestKit

/// What must hold for every input whatever; the first byte chooses what reads the rest.
package func checkHTTP(_ input: [UInt8]) throws(BrokenInvariant) {
    guard let choice = input.first else { return }
    let bytes = Array(input.dropFirst())
    switch choice % 6 {
    case 0: try checkRequests(bytes)
    case 1: try checkServer(bytes)
    case 2: try checkClient(bytes)
    case 3: try checkWebSocket(bytes, role: .server)
    case 4: try checkWebSocket(bytes, role: .client)
    default: try checkValues(bytes)
    }
}
