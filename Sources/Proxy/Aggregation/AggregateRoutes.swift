import Bytes
import HTTP
import HTTPTransport
import Reactor
import Registry
import Service

/// SRS's API of all origins together: lists are merged, one thing is asked of the origin that has it.
final class AggregateRoutes {
    /// As SRS has it where nothing is asked for.
    private static let usualCount = 10
    /// Questions that are under way on a loop; one more is answered with 503.
    private static let maximumInquiries = 8

    private let store: any RegistryStore
    private let client: HTTPClient
    private let identity: ServerIdentity
    private let passage: PassageGuard
    private let sampler: ProgramSampler
    private var inquiries = 0

    init(_ context: ProxyContext, _ passage: PassageGuard, on loop: EventLoop) {
        self.passage = passage
        sampler = context.sampler(on: loop)
        store = context.store
        identity = context.identity
        var options = HTTPClientOptions()
        options.maximumConnectionsPerOrigin = 8
        options.maximumIdlePerOrigin = 1
        options.maximumConnections = 256
        options.connectTimeout = .seconds(1)
        options.idleLifetime = .seconds(10)
        client = HTTPClient(on: loop, resolver: context.resolver, options: options)
    }

    func add(to router: inout Router) {
        let options = RouteOptions(compresses: true, answersScripts: true)
        for kind in ForeignKind.allCases { addList(of: kind, to: &router, options) }
        // Not for the pages of other sites that an operator happens to visit.
        router.add(
            .delete, "/api/v1/clients/:id", "ends a client of an origin",
            options: RouteOptions(cors: nil, answersScripts: true)
        ) { [self] request, exchange in one(.clients, .delete, request, exchange) }
        for end in ["", "/"] {
            router.add(.get, "/api/v1/summaries\(end)", "how this proxy and all origins are", options: options) {
                [self] request, exchange in
                if let fields = onward(request, exchange) { summaries(fields, exchange) }
            }
        }
    }

    private func addList(of kind: ForeignKind, to router: inout Router, _ options: RouteOptions) {
        // SRS and its consoles write lists with a slash at the end, people without.
        for end in ["", "/"] {
            router.add(.get, "/api/v1/\(kind.rawValue)\(end)", Self.summary(kind), options: options) {
                [self] request, exchange in
                guard let fields = onward(request, exchange) else { return }
                list(kind, ListingPage(request.target, usual: Self.usualCount), fields, exchange)
            }
        }
        router.add(.get, "/api/v1/\(kind.rawValue)/:id", "one of them", options: options) {
            [self] request, exchange in one(kind, .get, request, exchange)
        }
    }

    private static func summary(_ kind: ForeignKind) -> StaticString {
        switch kind {
        case .streams: "streams of all origins"
        case .clients: "clients of all origins"
        case .vhosts: "virtual hosts of all origins"
        }
    }

    /// What origins are asked with because of `request`; nil where they are not, and that is answered.
    private func onward(_ request: borrowing RequestHead, _ exchange: HTTPExchange) -> Fields? {
        do throws(PassageFault) {
            try passage.check(request.fields, .api, from: exchange.peerAddress)
        } catch {
            exchange.fail(.loopDetected, error.text)
            return nil
        }
        do throws(FieldError) {
            return try passage.mark.fields(behind: request.fields, request.version)
        } catch {
            exchange.fail(.headerFieldsTooLarge, "too many header fields to pass on")
            return nil
        }
    }

    // MARK: - Lists

    private func list(_ kind: ForeignKind, _ page: ListingPage, _ fields: Fields, _ exchange: HTTPExchange) {
        let merge = ListMerge(kind, page)
        inquire(merge.target(from: 0), fields, exchange, take: merge.take) { [self] missing in
            let entries = merge.entries.joined(separator: ",")
            respond("\"\(kind.rawValue)\":[\(entries)]", missing, exchange)
        }
    }

    /// Rates of this proxy's own are since this loop was asked last.
    private func summaries(_ fields: Fields, _ exchange: HTTPExchange) {
        sampler.sample { [self] own in
            guard let own else { return exchange.fail(.serviceUnavailable, "too much is being asked") }
            summaries(behind: own, fields, exchange)
        }
    }

    /// Each origin's own, for machines have no sum.
    private func summaries(behind own: HeartbeatSummaries, _ fields: Fields, _ exchange: HTTPExchange) {
        var found: [OriginID: String] = [:]
        inquire("/api/v1/summaries", fields, exchange) { origin, answer in
            guard let data = answer.json.member("data", of: answer.json.root),
                let text = ForeignEntry.text(answer.json, data, of: origin)
            else { return .failed(answer.complaint) }
            found[origin] = text
            return .done
        } then: { [self] missing in
            let ordered = found.sorted { $0.key.text < $1.key.text }.map(\.value)
            let data = SummariesText.data(own, ok: missing.isEmpty, origins: ordered)
            respond("\"data\":\(data)", missing, exchange)
        }
    }

    /// Asks every origin that may answer; of a silent one that is known already.
    private func inquire(
        _ target: String, _ fields: Fields, _ exchange: HTTPExchange,
        take: @escaping (OriginID, OriginFetch.Answer) -> OriginInquiry.Step,
        then: @escaping ([OriginInquiry.Missing]) -> Void
    ) {
        guard inquiries < Self.maximumInquiries else {
            return exchange.fail(.serviceUnavailable, "too much is being asked")
        }
        inquiries += 1
        let origins = store.origins.all.sorted { $0.id.text < $1.id.text }
        let silent = origins.filter { $0.liveness == .silent }.map {
            OriginInquiry.Missing(origin: $0.id, reason: "it is silent")
        }
        OriginInquiry(
            target, fields, of: origins.filter { $0.liveness != .silent }, through: client, take: take
        ) { missing in
            self.inquiries -= 1
            then(silent + missing)
        }.begin()
    }

    private func respond(_ members: String, _ missing: [OriginInquiry.Missing], _ exchange: HTTPExchange) {
        var text = "{\(identity.envelope),\(members)"
        if !missing.isEmpty {
            let entries = missing.map {
                "{\(ListingText.member("server", $0.origin.text)),\(ListingText.member("reason", $0.reason))}"
            }
            text += ",\"partial\":true,\"missing\":[\(entries.joined(separator: ","))]"
        }
        exchange.respond(json: SharedBytes("\(text)}"))
    }

    // MARK: - One

    private func one(
        _ kind: ForeignKind, _ method: Method, _ request: borrowing RequestHead, _ exchange: HTTPExchange
    ) {
        guard let id = ForeignID(exchange.match?.value("id", in: request) ?? ""), let origin = store.origins[id.origin]
        else { return refuse(kind.unknown, exchange) }
        guard let fields = onward(request, exchange) else { return }
        let target = "/api/v1/\(kind.rawValue)/\(id.own)"
        let deadline = client.loop.now + OriginInquiry.Limits().time
        OriginFetch(method, target, fields, of: origin, through: client, until: deadline) { [self] result in
            switch result {
            case .failure(.late):
                exchange.fail(.gatewayTimeout, "\(id.origin.text): \(OriginFetch.Failure.late.reason)")
            case .failure(let failure): exchange.fail(.badGateway, "\(id.origin.text): \(failure.reason)")
            case .success(let answer): pass(answer, kind, of: origin.id, exchange)
            }
        }.begin()
    }

    private func pass(_ answer: OriginFetch.Answer, _ kind: ForeignKind, of origin: OriginID, _ exchange: HTTPExchange)
    {
        guard let code = answer.code, answer.status.isSuccess else {
            return exchange.fail(.badGateway, "\(origin.text): \(answer.complaint)")
        }
        guard code == 0 else { return refuse(code, exchange) }
        guard let entry = answer.json.member(kind.entry, of: answer.json.root),
            let text = ForeignEntry.text(answer.json, entry, of: origin)
        else { return exchange.respond(json: SharedBytes("{\(identity.envelope)}")) }
        exchange.respond(json: SharedBytes("{\(identity.envelope),\"\(kind.entry)\":\(text)}"))
    }

    private func refuse(_ code: Int, _ exchange: HTTPExchange) {
        exchange.respond(json: SharedBytes("{\(identity.envelope(code: code))}"))
    }
}

extension OriginFetch.Answer {
    /// SRS's: 0 where all is well.
    var code: Int? { json.member("code", of: json.root).flatMap { Int(json.text($0)) } }

    /// Why there is not in it what was asked for.
    var complaint: String {
        if !status.isSuccess { return "it has answered \(status.code)" }
        guard let code, code != 0 else { return OriginFetch.Failure.malformed.reason }
        return "it has answered with code \(code)"
    }
}
