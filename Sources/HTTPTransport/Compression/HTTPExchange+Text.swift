package import Bytes
package import HTTP

extension HTTPExchange {
    /// Answers with a text that is ready, compressed where the route offers that, the client accepts it, and it pays.
    ///
    /// `fields` have its type, and nothing of how it is coded.
    package func respond(text: SharedBytes, _ status: Status = .ok, _ fields: borrowing Fields) {
        guard offersGzip else { return respond(status, fields, body: text) }
        var fields = copy fields
        fields.variesByEncoding()
        guard acceptsGzip, let server = connection?.server,
            server.options.compressedSizes.contains(text.count), let compressed = server.gzip.compress(text.bytes)
        else { return respond(status, fields, body: text) }
        fields.append(.contentEncoding, "gzip")
        respond(status, fields, body: compressed)
    }

    /// Whether the route compresses texts for clients that accept it.
    var offersGzip: Bool { match?.route.options.compresses ?? false }
}

extension Fields {
    /// To be said also of a text that goes out as it is: a cache must not give either form to everybody.
    mutating func variesByEncoding() { append(.vary, "Accept-Encoding") }
}
