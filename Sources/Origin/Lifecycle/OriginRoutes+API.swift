import Bytes
import HTTP
import HTTPTransport
import Registry
import Service

extension OriginRoutes {
    /// What operators ask of the origin.
    func addAPI(to router: inout Router, options: RouteOptions) {
        var options = options
        options.answersScripts = true
        addSummaries(to: &router, options: options)
        DirectoryRoutes(context.directory, context.hosts, on: streams.loop, context.program.identity).add(
            to: &router, options: options)
    }

    /// SRS's `summaries`: how the machine and the program are. What is a rate is one since this loop was asked last.
    private func addSummaries(to router: inout Router, options: RouteOptions) {
        let sampler = context.sampler(on: streams.loop)
        let envelope = context.program.identity.envelope
        router.add(.get, "/api/v1/summaries", "how the machine and the origin are", options: options) { _, exchange in
            sampler.sample { summaries in
                guard let summaries else { return exchange.fail(.serviceUnavailable, "too much is being asked") }
                exchange.respond(json: SharedBytes("{\(envelope),\"data\":\(summaries.jsonText)}"))
            }
        }
    }
}
