import Bytes
import HTTP
import Reactor

/// Answers one request with what was found for it.
struct FileAnswer {
    let exchange: HTTPExchange
    let request: FileRequest
    let options: StaticFiles.Options

    func send(_ entry: StaticEntry, io: FileIO?, redirect: String) {
        switch entry {
        case .nothing: exchange.fail(.notFound, "no such file")
        case .directory: self.redirect(to: redirect)
        case .file(let file): send(file, io)
        }
    }

    private func redirect(to location: String) {
        var fields = Fields()
        do throws(FieldError) { try fields.append(.location, text: location) } catch {
            return exchange.fail(.notFound, "no such file")
        }
        // Without it a browser may never ask again, also when there is a file in the directory's place.
        if let cacheControl = options.cacheControl { fields.append(.cacheControl, cacheControl) }
        exchange.respond(.movedPermanently, fields)
    }

    private func send(_ file: StaticFile, _ io: FileIO?) {
        var fields = description(of: file)
        switch FilePlan(request, for: file, maximumRanges: options.maximumRanges) {
        case .notModified: exchange.respond(.notModified, fields)
        case .preconditionFailed: exchange.fail(.preconditionFailed, "the file has changed")
        case .unsatisfiable:
            exchange.add(contentRange: nil, of: file.length)
            exchange.fail(.rangeNotSatisfiable, "the file has no such range")
        case .whole:
            fields.append(.contentType, file.mediaType.text)
            if request.acceptsGzip, let compressed = file.compressed {
                fields.append(.contentEncoding, "gzip")
                return exchange.respond(.ok, fields, body: compressed)
            }
            send(.ok, fields, [.content(0..<file.length)], of: file, io)
        case .part(let range):
            fields.append(.contentType, file.mediaType.text)
            exchange.add(contentRange: range, of: file.length)
            send(.partialContent, fields, [.content(range)], of: file, io)
        case .parts(let ranges): send(ranges, of: file, fields, io)
        }
    }

    /// What every answer says about the file, 304 included (RFC 9110 §15.4.5).
    private func description(of file: StaticFile) -> Fields {
        var fields = Fields()
        do throws(FieldError) {
            // RFC 9110 §8.8.3.3: compressed it is another representation, and only weakly the same.
            if let tag = file.validators.tag {
                let isCompressed = request.mayCompress(file, options)
                try fields.append(.etag, text: (isCompressed ? tag.weakened : tag).description)
            }
            if let modified = file.validators.modified { try fields.append(.lastModified, text: modified.description) }
        } catch {
            // Neither has a character that a field cannot have.
            assertionFailure("\(error)")
        }
        fields.append(.acceptRanges, "bytes")
        if file.mediaType.isCompressible, exchange.offersGzip { fields.variesByEncoding() }
        if let cacheControl = options.cacheControl { fields.append(.cacheControl, cacheControl) }
        // A browser shall not take a file for something that it was not served as.
        fields.append(.xContentTypeOptions, "nosniff")
        return fields
    }

    /// Several ranges, as a body of parts.
    private func send(_ ranges: [Range<Int>], of file: StaticFile, _ fields: borrowing Fields, _ io: FileIO?) {
        let boundary = SecureRandom.bytes(12).map { String($0, radix: 16) }.joined()
        guard
            let parts = MultipartByteRanges(
                boundary: boundary, contentType: "\(file.mediaType.text)", length: file.length)
        else { return exchange.fail(.internalServerError, "no boundary") }
        var fields = copy fields
        do throws(FieldError) { try fields.append(.contentType, text: parts.responseContentType) } catch {
            return exchange.fail(.internalServerError, "no boundary")
        }
        var segments: [FileSender.Segment] = []
        for range in ranges {
            var header = ByteWriter(capacity: 160)
            parts.appendHeader(range, to: &header)
            segments += [.frame(header.finish()), .content(range)]
        }
        var end = ByteWriter(capacity: 48)
        parts.appendEnd(to: &end)
        segments.append(.frame(end.finish()))
        send(.partialContent, fields, segments, of: file, io)
    }

    private func send(
        _ status: Status, _ fields: borrowing Fields, _ segments: [FileSender.Segment], of file: StaticFile,
        _ io: FileIO?
    ) {
        // One piece of memory needs nobody to watch over it.
        if case .memory(let bytes) = file.content, segments.count == 1, case .content(let range) = segments[0] {
            return exchange.respond(status, fields, body: bytes[range])
        }
        let length = segments.reduce(0) { $0 + $1.count }
        guard exchange.begin(status, fields, .length(length)) else { return }
        guard exchange.sendsBody else { return exchange.end() }
        FileSender(exchange, file.content, segments, io: io, pieceBytes: options.pieceBytes).start()
    }
}

extension HTTPExchange {
    /// Adds `Content-Range` to the answer.
    fileprivate func add(contentRange range: Range<Int>?, of length: Int) {
        var value = ByteWriter(capacity: 64)
        ByteRanges.appendContentRange(range, of: length, to: &value)
        // Digits and a slash always fit.
        try? commonFields.append(.contentRange, value.bytes)
    }
}
