package import Bytes
import HTTP
import Reactor

/// A file in memory, usually compiled into the program (`.embedInCode` of SwiftPM).
package struct StaticResource: Sendable {
    /// Below the route: `index.html`, `assets/player.js`.
    package let path: String
    package let bytes: SharedBytes

    package init(_ path: String, _ bytes: [UInt8]) {
        self.path = path
        self.bytes = SharedBytes(bytes)
    }
}

/// Files in memory, with all that is said about them.
struct StaticResources: Sendable {
    private var files: [String: StaticFile] = [:]
    private var directories: Set<String> = []
    private let indexName: String

    init(_ resources: [StaticResource], _ options: StaticFiles.Options) {
        indexName = options.indexName
        let compressor = GzipCompressor(.beforehand)
        for resource in resources {
            precondition(files[resource.path] == nil, "two resources have the path \(resource.path)")
            files[resource.path] = Self.served(resource, compressor, options)
            var path = resource.path[...]
            while let slash = path.lastIndex(of: "/") {
                path = path[..<slash]
                directories.insert(String(path))
            }
        }
    }

    /// The content tells the versions apart, for nothing else of a compiled file does.
    private static func served(
        _ resource: StaticResource, _ compressor: GzipCompressor, _ options: StaticFiles.Options
    ) -> StaticFile {
        let digest = SHA1.digest(resource.bytes.bytes).prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let size = UInt64(resource.bytes.count)
        let type = resource.path.withRawSpan { MediaType(fileName: $0) }
        var file = StaticFile(
            mediaType: type, length: resource.bytes.count, validators: Validators(tag: EntityTag(digest, size)),
            content: .memory(resource.bytes))
        if type.isCompressible, options.compressedSizes.contains(file.length) {
            file.compressed = compressor.compress(resource.bytes.bytes)
        }
        return file
    }

    func find(_ path: StaticPath) -> StaticEntry {
        if path.isDirectory {
            let index = path.text.isEmpty ? indexName : "\(path.text)/\(indexName)"
            return files[index].map { .file($0) } ?? .nothing
        }
        if let file = files[path.text] { return .file(file) }
        return directories.contains(path.text) ? .directory : .nothing
    }
}
