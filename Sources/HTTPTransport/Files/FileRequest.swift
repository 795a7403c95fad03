import HTTP

/// What of a request decides how a file is answered; kept while the file is looked for.
struct FileRequest: Sendable {
    let method: Method
    /// The conditions and the range.
    let fields: Fields
    /// Whether a compressed file would do: the route offers it, the client accepts it, and wants no range.
    let acceptsGzip: Bool
    let now: HTTPDate

    init(_ request: borrowing RequestHead, acceptsGzip: Bool) {
        method = request.method
        now = .now
        var kept = Fields()
        for position in 0..<request.fields.count {
            guard let name = request.fields.knownName(at: position) else { continue }
            switch name {
            case .range, .ifRange, .ifMatch, .ifNoneMatch, .ifModifiedSince, .ifUnmodifiedSince:
                // It came in a head, whose bounds are narrower; and a condition that is lost only costs a transfer.
                try? kept.append(name, request.fields.value(at: position))
            default: break  // The rest is no file's concern.
            }
        }
        fields = kept
        // A range is one of the file itself.
        self.acceptsGzip = acceptsGzip && !kept.contains(.range)
    }

    /// Whether the whole of `file` goes out compressed, if that makes it smaller.
    func mayCompress(_ file: StaticFile, _ options: StaticFiles.Options) -> Bool {
        acceptsGzip && file.mediaType.isCompressible && options.compressedSizes.contains(file.length)
    }
}

/// What of a file goes out.
enum FilePlan: Equatable {
    case whole
    case part(Range<Int>)
    case parts([Range<Int>])
    /// 416
    case unsatisfiable
    case notModified
    case preconditionFailed

    init(_ request: FileRequest, for file: StaticFile, maximumRanges: Int) {
        switch Conditional.evaluate(request.fields, request.method, file.validators, now: request.now) {
        case .notModified: self = .notModified
        case .preconditionFailed: self = .preconditionFailed
        case .proceed: self = .whole
        }
        // RFC 9110 §14.2: only GET knows ranges, and only where all conditions hold.
        guard self == .whole, request.method == .get, let range = request.fields[.range],
            Conditional.allowsRange(request.fields, file.validators, now: request.now)
        else { return }
        switch ByteRanges(range, length: file.length, maximumCount: maximumRanges) {
        case .whole: break
        case .single(let range): self = .part(range)
        case .multiple(let ranges): self = .parts(ranges)
        case .unsatisfiable: self = .unsatisfiable
        }
    }
}
