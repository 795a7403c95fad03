import Media
package import TestKit

/// What must hold for every input whatever; the first byte chooses what reads the rest.
package func checkMedia(_ input: [UInt8]) throws(BrokenInvariant) {
    guard let choice = input.first else { return }
    let bytes = Array(input.dropFirst())
    switch choice % 5 {
    case 0: try checkTagBody(bytes, .video)
    case 1: try checkTagBody(bytes, .audio)
    case 2: try checkDemuxer(bytes)
    case 3: try checkConfigurations(bytes)
    default: try checkTimestamps(bytes)
    }
}
