import Bytes
package import HTTP
package import Reactor

/// Files for a route that ends in a rest, `/pages/*path`: those of a directory, or ones that are compiled in.
///
///     router.add(.get, "/*path", "pages", handler: files.handle)
///
/// It answers GET and HEAD, conditions and ranges. A directory is its index, under a path that ends with a slash; one
/// without is sent there. Names that begin with a dot do not exist. One value serves all loops.
package struct StaticFiles: Sendable {
    package struct Options: Sendable {
        /// What a directory is answered with.
        package var indexName = "index.html"
        /// The value of `Cache-Control`; none where it is nil.
        package var cacheControl: StaticString?
        /// Ranges in one request; more are answered with the whole file.
        package var maximumRanges = 16
        /// What is read from a file at once. A connection has up to so much in memory besides its output.
        package var pieceBytes = 64 * 1_024
        /// Files up to this size are read in the same turn that opens them.
        package var maximumReadAhead = 64 * 1_024
        /// Texts of these sizes are compressed, where the route does that and the client accepts it: those of a
        /// directory by the pool, and kept for a while, those that are compiled in at the start.
        package var compressedSizes = 512...(1_024 * 1_024)

        package init() {}
    }

    private enum Source {
        case directory(StaticDirectory)
        case resources(StaticResources)
    }

    private let source: Source
    private let options: Options

    /// Files of the directory at `path`, wherever that leads when a file is asked for; it need not be there yet.
    package init(directory path: String, io: FileIO, options: Options = Options()) {
        source = .directory(StaticDirectory(root: path, io: io, options: options))
        self.options = options
    }

    /// Files from memory. What identifies and compresses them is computed here, once.
    package init(resources: [StaticResource], options: Options = Options()) {
        source = .resources(StaticResources(resources, options))
        self.options = options
    }

    /// The handler of the route.
    package func handle(_ request: borrowing RequestHead, _ exchange: HTTPExchange) {
        let position = exchange.match?.route.pattern.restPosition ?? 0
        guard let loop = exchange.loop, let path = StaticPath(request.target, from: position) else {
            return exchange.fail(.notFound, "no such file")
        }
        let wish = FileRequest(request, acceptsGzip: exchange.acceptsGzip)
        let answer = FileAnswer(exchange: exchange, request: wish, options: options)
        switch source {
        case .resources(let resources):
            let found = resources.find(path)
            answer.send(found, io: nil, redirect: found.isDirectory ? StaticPath.withSlash(request.target) : "")
        case .directory(let directory):
            // Made now, where it may be needed: the request is only lent.
            let redirect = path.isDirectory ? "" : StaticPath.withSlash(request.target)
            directory.io.run(directory.find(path, for: wish), on: loop) { result in
                switch result {
                case .success(let found): answer.send(found, io: directory.io, redirect: redirect)
                case .failure(let error): answer.fail(error)
                }
            }
        }
    }
}
