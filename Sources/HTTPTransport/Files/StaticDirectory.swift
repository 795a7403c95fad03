import Bytes
import HTTP
import Reactor

/// Files of a directory, looked up, read and compressed on the pool.
struct StaticDirectory: Sendable {
    let root: String
    let io: FileIO
    let options: StaticFiles.Options
    let compressed = CompressedFiles()

    /// Opens what `path` leads to. What is small comes with its content where the request asks for all of it.
    func find(_ path: StaticPath, for request: FileRequest) -> FileOperation<StaticEntry> {
        var name = path.text
        if path.isDirectory { name += name.isEmpty ? options.indexName : "/" + options.indexName }
        let target = name
        return FileOperation(target) { () throws(FileError) in
            switch try FileOperation.find(target, below: root).now() {
            case .directory: path.isDirectory ? .nothing : .directory
            case .file(let file): .file(try served(file, for: request))
            }
        }
    }

    private func served(_ file: ReadableFile, for request: FileRequest) throws(FileError) -> StaticFile {
        let status = file.status
        let modified = HTTPDate(seconds: status.modified.seconds)
        // What changes now may change again without another time or size: only its age makes a tag strong.
        let isFresh = request.now.seconds - modified.seconds <= 1
        let tag = EntityTag(
            UInt64(bitPattern: status.modified.seconds &* 1_000_000_000 &+ Int64(status.modified.nanoseconds)),
            status.size, isWeak: isFresh)
        var served = StaticFile(
            mediaType: file.path.withRawSpan { MediaType(fileName: $0) }, length: Int(clamping: status.size),
            // RFC 9110 §8.8.2.1: never later than the answer itself.
            validators: Validators(tag: tag, modified: min(modified, request.now)), content: .file(file))
        guard case .whole = FilePlan(request, for: served, maximumRanges: options.maximumRanges) else { return served }
        if request.mayCompress(served, options) { served.compressed = compress(file, isFresh: isFresh) }
        // A file that has shrunk since it was opened takes the long way, which notices.
        guard served.compressed == nil, served.length <= options.maximumReadAhead,
            let bytes = try whole(file, of: served.length)
        else { return served }
        served.content = .memory(bytes)
        return served
    }

    private func whole(_ file: ReadableFile, of length: Int) throws(FileError) -> SharedBytes? {
        let bytes = try FileOperation.read(file, count: length).now()
        return bytes.count == length ? bytes : nil
    }

    /// Nil where it does not pay, cannot be read, or has to wait: it goes out as it is then.
    private func compress(_ file: ReadableFile, isFresh: Bool) -> SharedBytes? {
        let key = CompressedFiles.Key(file.status)
        switch compressed.find(key) {
        case .known(let bytes): return bytes
        case .busy: return nil
        case .yours:
            let text = try? whole(file, of: Int(clamping: file.status.size))
            let bytes = text.flatMap { GzipCompressor(.whenAsked).compress($0.bytes) }
            compressed.made(key, bytes, isKept: text != nil && !isFresh)
            return bytes
        }
    }
}
