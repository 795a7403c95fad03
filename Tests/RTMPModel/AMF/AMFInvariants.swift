import RTMP
package import TestKit

/// What must hold for every input whatever; the first byte chooses what reads the rest.
package func checkAMF(_ input: [UInt8]) throws(BrokenInvariant) {
    guard let choice = input.first else { return }
    let bytes = Array(input.dropFirst())
    switch choice % 7 {
    case 0: try checkValues(bytes, amf3: false)
    case 1: try checkValues(bytes, amf3: true)
    case 2: try checkCommand(bytes, .amf0)
    case 3: try checkCommand(bytes, .amf3)
    case 4: try checkData(bytes, .amf0)
    case 5: try checkData(bytes, .amf3)
    default: try checkAddress(bytes)
    }
}
