import Bytes
import FuzzDriver
import HTTP
import HTTPTransport

/// Calls `body` with the target of a request for `target`, if that can be read.
func withTarget(_ target: [UInt8], _ body: (borrowing Target) -> Void) {
    var parser = RequestParser()
    var head = RequestHead()
    let request = Array("GET ".utf8) + target + Array(" HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
    guard let parsed = try? parser.parse(request.rawSpan, into: &head), parsed > 0 else { return }
    body(head.target)
}

/// The names of a path.
func names(of path: StaticPath) -> [Substring.UTF8View] {
    path.text.isEmpty ? [] : path.text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
}

// Whatever a client asks for, the path of a file that is made of it stays below the root by itself, before the kernel
// is asked to see to that; and who is sent to a directory's slash comes to the same place.
fuzz { input in
    withTarget(input) { target in
        for position in 0...2 {
            guard let path = StaticPath(target, from: position) else { continue }
            for name in names(of: path) {
                let isServed = name.first.map { $0 != UInt8(ascii: ".") } ?? false
                guard isServed, !name.contains(where: { $0 < 0x20 }) else { fatalError("\(input) is \(path)") }
            }
            guard !path.isDirectory else { continue }
            let sent = StaticPath.withSlash(target)
            var arrived: StaticPath?
            withTarget(Array(sent.utf8)) { arrived = StaticPath($0, from: position) }
            guard let arrived, arrived.isDirectory, arrived.text == path.text else {
                fatalError("\(input), which is \(path), is sent to \(sent)")
            }
        }
    }
}
