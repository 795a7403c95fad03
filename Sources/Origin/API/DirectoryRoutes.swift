import Bytes
import HTTP
import HTTPTransport
import Reactor
import Service

/// SRS's lists of streams, clients and virtual hosts, of all loops, on one.
struct DirectoryRoutes {
    /// As SRS has it where nothing is asked for.
    private static let usualCount = 10
    /// SRS's codes for what is not there.
    private static let noStream = 2_048
    private static let noClient = 2_049
    private static let noHost = 2_014

    private let reader: DirectoryReader
    private let hosts: HostTable
    private let identity: ServerIdentity

    init(_ directory: LoopDirectory, _ hosts: HostTable, on loop: EventLoop, _ identity: ServerIdentity) {
        self.hosts = hosts
        reader = DirectoryReader(directory, on: loop)
        self.identity = identity
    }

    func add(to router: inout Router, options: RouteOptions) {
        var options = options
        options.compresses = true
        // SRS and its consoles write lists with a slash at the end, people without.
        for end in ["", "/"] {
            router.add(.get, "/api/v1/streams\(end)", "streams that are published", options: options) {
                [self] request, exchange in
                reader.streams(page(request)) { list("streams", $0?.map(DirectoryText.stream), exchange) }
            }
            router.add(.get, "/api/v1/clients\(end)", "who publishes and plays", options: options) {
                [self] request, exchange in
                reader.clients(page(request)) { list("clients", $0?.map(DirectoryText.client), exchange) }
            }
        }
        router.add(.get, "/api/v1/streams/:id", "one stream", options: options) { [self] request, exchange in
            guard let id = id(request, exchange) else { return refuse(Self.noStream, exchange) }
            reader.stream(id) { one("stream", $0?.map(DirectoryText.stream), Self.noStream, exchange) }
        }
        router.add(.get, "/api/v1/clients/:id", "one client", options: options) { [self] request, exchange in
            guard let id = id(request, exchange) else { return refuse(Self.noClient, exchange) }
            reader.client(id) { one("client", $0?.map(DirectoryText.client), Self.noClient, exchange) }
        }
        addHosts(to: &router, options: options)
        // Not for the pages of other sites that an operator happens to visit.
        router.add(
            .delete, "/api/v1/clients/:id", "ends a client", options: RouteOptions(cors: nil, answersScripts: true)
        ) {
            [self] request, exchange in
            guard let id = id(request, exchange) else { return refuse(Self.noClient, exchange) }
            reader.kick(id) { isDone in
                guard let isDone else { return Self.fail(exchange) }
                if isDone { exchange.respond(json: SharedBytes("{\(identity.envelope)}")) }
                if !isDone { refuse(Self.noClient, exchange) }
            }
        }
    }

    private func addHosts(to router: inout Router, options: RouteOptions) {
        for end in ["", "/"] {
            router.add(.get, "/api/v1/vhosts\(end)", "virtual hosts that are configured", options: options) {
                [self] request, exchange in
                let page = page(request)
                let asked = hosts.summaries.dropFirst(page.start).prefix(page.count)
                reader.hosts(Array(asked)) { list("vhosts", $0?.map(DirectoryText.host), exchange) }
            }
        }
        router.add(.get, "/api/v1/vhosts/:id", "one virtual host", options: options) { [self] request, exchange in
            let name = exchange.match?.value("id", in: request) ?? ""
            guard let host = hosts.summary(of: name) else { return refuse(Self.noHost, exchange) }
            reader.hosts([host]) {
                one("vhost", $0?.map(DirectoryText.host), Self.noHost, exchange)
            }
        }
    }

    // MARK: - What is asked

    private func page(_ request: borrowing RequestHead) -> ListingPage {
        ListingPage(request.target, usual: Self.usualCount)
    }

    private func id(_ request: borrowing RequestHead, _ exchange: HTTPExchange) -> RosterID? {
        RosterID(exchange.match?.value("id", in: request) ?? "")
    }

    // MARK: - What is answered

    private func list(_ name: String, _ entries: [String]?, _ exchange: HTTPExchange) {
        guard let entries else { return Self.fail(exchange) }
        exchange.respond(
            json: SharedBytes("{\(identity.envelope),\"\(name)\":[\(entries.joined(separator: ","))]}"))
    }

    private func one(_ name: String, _ entries: [String]?, _ code: Int, _ exchange: HTTPExchange) {
        guard let entries else { return Self.fail(exchange) }
        guard let entry = entries.first else { return refuse(code, exchange) }
        exchange.respond(json: SharedBytes("{\(identity.envelope),\"\(name)\":\(entry)}"))
    }

    private func refuse(_ code: Int, _ exchange: HTTPExchange) {
        exchange.respond(json: SharedBytes("{\(identity.envelope(code: code))}"))
    }

    private static func fail(_ exchange: HTTPExchange) {
        exchange.fail(.serviceUnavailable, "too much is being asked")
    }
}
