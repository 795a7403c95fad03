import Bytes
import LoopKit
import RTMP
import RTMPTransport
import Reactor
import Registry
import Testing

@testable import Proxy

@Suite("OriginSearch", .timeLimit(.minutes(1)))
struct OriginSearchTests {
    /// Whoever searches, and what it is told.
    private final class Owner: OriginSearchOwner {
        var search: OriginSearch?
        let chunkSize = 128
        private(set) var found: OriginSearch.Found?
        private(set) var refusal: Status?
        private(set) var count = 0

        func begin(_ purpose: ClientSession.Purpose, _ aim: OriginSearch.Aim = .request, in rig: ProxyRig) {
            search = OriginSearch(rig.request(purpose), aim, for: self, rig.context, on: rig.server)
            search?.begin()
        }

        var isTold: Bool { count > 0 }

        func found(_ found: OriginSearch.Found, _ status: Status?, by search: OriginSearch) {
            self.found = found
            count += 1
        }
        func refused(_ status: Status, by search: OriginSearch) {
            refusal = status
            count += 1
        }
        func legAccepted(_ leg: OriginLeg, on stream: MessageStreamID, _ status: Status?) {
            search?.accepted(leg, on: stream, status)
        }
        func legFailed(_ leg: OriginLeg, _ failure: OriginFailure) { search?.failed(leg, failure) }
        func legReceived(_ bytes: RawSpan, from leg: OriginLeg) -> Int { bytes.byteCount }
        func legDrained(_ leg: OriginLeg) {}
        func legClosed(_ leg: OriginLeg, _ reason: TCPCloseReason) { search?.closed(leg, reason) }
        func claimGranted(_ claim: StreamClaim) { search?.claimGranted() }
        func claimDelayed() { search?.claimDelayed() }
        func claimRefused(_ error: ClaimError) { search?.claimRefused(error) }
        func claimLost(to holder: StreamClaim?) {}

        func end() {
            found?.claim?.release()
            found?.leg.end()
        }
    }

    enum Fault: CaseIterable, Sendable { case refuses, hangsUp, hangs, unreachable }

    private static func set(_ fault: Fault, on origin: ScriptedOrigin) {
        switch fault {
        case .refuses: origin.behaviour = .refuses(.playStreamNotFound)
        case .hangsUp: origin.behaviour = .hangsUp
        case .hangs: origin.behaviour = .hangs
        case .unreachable: origin.die()
        }
    }

    @Test(
        "an origin that takes no more is passed by for a moment, by publishers and players, and is not out",
        arguments: [ScriptedOrigin.Behaviour.rejects("There are too many connections."), .dropsAtOnce],
        [ProxyRig.play, ProxyRig.publish])
    fileprivate func full(behaviour: ScriptedOrigin.Behaviour, purpose: ClientSession.Purpose) async throws {
        try await withRig(["a", "b", "c"]) { actor, rig in
            let order = rig.order
            order[0].behaviour = behaviour
            for round in 0..<3 {
                let owner = Owner()
                owner.begin(purpose, in: rig)
                try await actor.wait(for: "an origin") { owner.isTold }
                #expect(owner.found != nil, "\(round)")
                owner.end()
            }
            #expect(order[0].asked == 1)
            let name = try #require(rig.origins.first { $0.value === order[0] }?.key)
            #expect(rig.context.routing.fullServices(of: OriginID(name), at: rig.loop.now) == [.rtmp])
            #expect(rig.context.routing.failingServices(of: OriginID(name)).isEmpty)
        }
    }

    @Test("where all are full each is asked, up to the bound, and the client hears why")
    func allFull() async throws {
        try await withRig(["a", "b", "c", "d", "e", "f", "g"]) { actor, rig in
            for origin in rig.order { origin.behaviour = .rejects("There are too many connections.") }
            let owner = Owner()
            owner.begin(ProxyRig.publish, in: rig)
            try await actor.wait(for: "a refusal") { owner.isTold }
            #expect(owner.refusal?.description?.repaired == "There are too many connections.")
            #expect(rig.order.map(\.asked).reduce(0, +) == 5)
        }
    }

    @Test("who is only asked for a password is not full: the client comes again, to the same origin")
    func authentication() async throws {
        try await withRig(["a", "b"]) { actor, rig in
            let order = rig.order
            order[0].behaviour = .rejects("[ AccessManager.Reject ] : [ code=403 need auth; authmod=adobe ] : ")
            for _ in 0..<2 {
                let owner = Owner()
                owner.begin(ProxyRig.play, in: rig)
                try await actor.wait(for: "an origin") { owner.isTold }
                owner.end()
            }
            #expect(order[0].asked == 2)
        }
    }

    @Test("passes over origins that fail, in their order, up to the one that accepts", arguments: Fault.allCases)
    func order(fault: Fault) async throws {
        // The last one has to answer in this time, on a busy machine too.
        let limits = RelayLimits.with { if fault == .hangs { $0.originTimeout = .seconds(2) } }
        try await withRig(["a", "b", "c"], limits) { actor, rig in
            let order = rig.order
            for origin in order.dropLast() { Self.set(fault, on: origin) }
            let owner = Owner()
            owner.begin(ProxyRig.play, in: rig)
            try await actor.wait(for: "an origin") { owner.isTold }
            let name = try #require(owner.found?.leg.routed.origin.id.text)
            #expect(rig.origins[name] === order[2] && owner.found?.claim == nil)
            #expect(order.dropLast().allSatisfy { $0.asked == (fault == .unreachable ? 0 : 1) })
            let isOut = fault == .hangs || fault == .unreachable
            let failing = rig.origins.keys.filter { !rig.context.routing.failingServices(of: OriginID($0)).isEmpty }
            #expect(failing.count == (isOut ? 2 : 0))
            #expect(rig.count("sluice_rtmp_relay_requests_total{purpose=\"play\",outcome=\"relayed\"}") == 1)
            #expect(rig.count("sluice_rtmp_relay_retries_total{purpose=\"play\"}") == 2)
            owner.end()
        }
    }

    @Test("tells what the last origin has said where none accepts, and a publisher at once that another has the stream")
    func refused() async throws {
        try await withRig(["a", "b"]) { actor, rig in
            for origin in rig.origins.values { origin.behaviour = .refuses(.publishBadName) }
            let player = Owner()
            player.begin(ProxyRig.play, in: rig)
            try await actor.wait(for: "the end") { player.isTold }
            #expect(player.refusal?.code == .publishBadName && player.refusal?.description == "As the script says.")
            #expect(rig.origins.values.allSatisfy { $0.asked == 1 })
            let publisher = Owner()
            publisher.begin(ProxyRig.publish, in: rig)
            try await actor.wait(for: "the end") { publisher.isTold }
            #expect(publisher.refusal?.code == .publishBadName)
            #expect(rig.origins.values.map(\.asked).reduce(0, +) == 3, "others would say the same")
        }
    }

    @Test("asks the next origin where one denies a publisher, and tells the last reason that was given")
    func denied() async throws {
        try await withRig(["a", "b", "c"]) { actor, rig in
            let order = rig.order
            order[0].behaviour = .refuses(.publishDenied)
            let publisher = Owner()
            publisher.begin(ProxyRig.publish, in: rig)
            try await actor.wait(for: "the next") { publisher.isTold }
            #expect(publisher.found != nil && order[1].asked == 1)
            publisher.end()
            try await actor.wait(for: "no claim") { rig.owner == nil }
            order[1].behaviour = .refuses(.streamFailed)
            order[2].die()
            let nobody = Owner()
            nobody.begin(ProxyRig.publish, in: rig)
            try await actor.wait(for: "the end") { nobody.isTold }
            #expect(nobody.refusal?.code == .streamFailed, "a reason says more than that nobody was there")
            #expect(order[0].asked == 2 && order[1].asked == 2)
        }
    }

    @Test(
        "tells a client, and the log of an operator, an origin that hangs up from one that is not there",
        arguments: [
            (.hangsUp, "The origin has hung up without a reason: it may not allow it.", "refused"),
            (.unreachable, "No origin could be reached for it.", "no-origin"),
            (.hangs, "The origin has not answered in time.", "no-origin"),
        ] as [(Fault, AMFString, String)])
    func reasons(fault: Fault, text: AMFString, outcome: String) async throws {
        let limits = RelayLimits.with { if fault == .hangs { $0.originTimeout = .milliseconds(150) } }
        try await withRig(["a", "b"], limits) { actor, rig in
            // The second one is not there, whatever the first has done.
            Self.set(fault, on: rig.order[0])
            Self.set(fault == .hangs ? .hangs : .unreachable, on: rig.order[1])
            let owner = Owner()
            owner.begin(ProxyRig.publish, in: rig)
            try await actor.wait(for: "the end") { owner.isTold }
            #expect(owner.refusal?.code == .publishDenied && owner.refusal?.description == text)
            #expect(rig.count("sluice_rtmp_relay_requests_total{purpose=\"publish\",outcome=\"\(outcome)\"}") == 1)
        }
    }

    @Test("what it has seen of each origin is in the metrics, until the origin is forgotten")
    func records() async throws {
        try await withRig(["a", "b"]) { actor, rig in
            RegistrationMetrics(in: rig.metrics).declareRecords(of: rig.context.routing, in: rig.metrics)
            #expect(!rig.page.contains("sluice_origin_"))
            let order = rig.names
            rig.origins[order[0]]?.die()
            let owner = Owner()
            owner.begin(ProxyRig.play, in: rig)
            try await actor.wait(for: "the origin") { owner.isTold }
            let (dead, alive) = (
                "{origin=\"\(order[0])\",service=\"rtmp\"}", "{origin=\"\(order[1])\",service=\"rtmp\"}"
            )
            for (name, expected) in [("attempts_total", [1.0, 1]), ("failures_total", [1, 0]), ("failing", [1, 0])] {
                #expect([dead, alive].map { rig.count("sluice_origin_\(name)\($0)") } == expected, "\(name)")
            }
            #expect(rig.count("sluice_origin_answer_seconds\(alive)") > 0)
            #expect(!rig.page.contains("sluice_origin_answer_seconds\(dead)"))
            try rig.register(order[0], state: .gone)
            #expect(!rig.page.contains(dead) && rig.page.contains(alive))
            owner.end()
        }
    }

    @Test("goes on to the next endpoint of an origin where nobody is at the first")
    func endpoints() async throws {
        try await withRig(["a", "gone"]) { actor, rig in
            let port = try #require(rig.origins["gone"]?.port)
            rig.origins["gone"]?.die()
            try rig.register("gone", state: .gone)
            try rig.register("a", dead: [port, 1])
            let owner = Owner()
            owner.begin(ProxyRig.publish, in: rig)
            try await actor.wait(for: "the origin") { owner.isTold }
            #expect(owner.found != nil && rig.origins["a"]?.asked == 1)
            #expect(rig.context.routing.failingServices(of: OriginID("a")) == [])
            owner.end()
            rig.origins["a"]?.die()
            let nobody = Owner()
            nobody.begin(ProxyRig.publish, in: rig)
            try await actor.wait(for: "the end") { nobody.isTold }
            #expect(nobody.refusal != nil && rig.context.routing.failingServices(of: OriginID("a")) == [.rtmp])
        }
    }

    @Test("is over at its deadline, however many origins hang, and blames none that has had less than its time")
    func deadline() async throws {
        let limits = RelayLimits.with {
            ($0.originTimeout, $0.searchTimeout) = (.milliseconds(400), .milliseconds(600))
        }
        try await withRig(["a", "b", "c"], limits) { actor, rig in
            for origin in rig.origins.values { origin.behaviour = .hangs }
            let began = actor.loop.now
            let owner = Owner()
            owner.begin(ProxyRig.play, in: rig)
            try await actor.wait(for: "the end") { owner.isTold }
            #expect(actor.loop.now - began >= .milliseconds(600))
            #expect(owner.refusal?.code == .playStreamNotFound && owner.refusal?.description != nil)
            let order = ["a", "b", "c"].map { rig.context.routing.failingServices(of: OriginID($0)).count }
            #expect(order.reduce(0, +) == 1, "the first alone hung for as long as one may")
            #expect(rig.origins.values.map(\.asked).reduce(0, +) == 2)
            try await actor.wait(for: "closed legs") { rig.origins.values.allSatisfy(\.open.isEmpty) }
            #expect(rig.count("sluice_rtmp_relay_requests_total{purpose=\"play\",outcome=\"no-origin\"}") == 1)
        }
    }

    @Test("is told nothing more once it is abandoned; only a client's own request counts as abandoned")
    func abandoned() async throws {
        try await withRig(["a"]) { actor, rig in
            rig.origins["a"]?.behaviour = .hangs
            for (aim, count) in [(OriginSearch.Aim.again, 0.0), (.request, 1)] {
                let owner = Owner()
                owner.begin(ProxyRig.play, aim, in: rig)
                try await actor.wait(for: "the question") { rig.origins["a"]?.open.isEmpty == false }
                owner.search?.abandon()
                try await actor.wait(for: "its end") { rig.origins["a"]?.open.isEmpty == true }
                #expect(!owner.isTold)
                #expect(rig.count("sluice_rtmp_relay_requests_total{purpose=\"play\",outcome=\"abandoned\"}") == count)
            }
            #expect(actor.loop.armedTimers <= 1, "no deadline is left")
        }
    }

    @Test("claims the stream for the origin that has its publisher, or goes to the one that got it meanwhile")
    func claims() async throws {
        try await withRig(["a", "b"]) { actor, rig in
            let order = rig.order
            let owner = Owner()
            owner.begin(ProxyRig.publish, in: rig)
            try await actor.wait(for: "the claim") { owner.isTold }
            #expect(owner.found?.claim != nil && rig.owner === order[0])
            owner.end()
            try await actor.wait(for: "no claim") { rig.owner == nil }

            order[0].onRequest = { rig.claim(for: order[1]) }
            let second = Owner()
            second.begin(ProxyRig.publish, in: rig)
            try await actor.wait(for: "the other") { second.isTold }
            let name = try #require(second.found?.leg.routed.origin.id.text)
            #expect(rig.origins[name] === order[1] && rig.owner === order[1])
            #expect(rig.count("sluice_rtmp_relay_failures_total{reason=\"overtaken\"}") == 1)
            try await actor.wait(for: "the first without a publisher") { order[0].open.isEmpty }
            second.end()
        }
    }

    @Test("for a player that waits elsewhere it asks the stream's owner and nobody else")
    func ownerAlone() async throws {
        try await withRig(["a", "b"]) { actor, rig in
            let order = rig.order
            let nobody = Owner()
            nobody.begin(ProxyRig.play, .owner, in: rig)
            #expect(nobody.refusal != nil && order.allSatisfy { $0.asked == 0 })
            rig.claim(for: order[1])
            order[1].behaviour = .hangsUp
            let failing = Owner()
            failing.begin(ProxyRig.play, .owner, in: rig)
            try await actor.wait(for: "the end") { failing.isTold }
            #expect(failing.refusal != nil && order[0].asked == 0 && order[1].asked == 1)
            order[1].behaviour = .accepts
            let owner = Owner()
            owner.begin(ProxyRig.play, .owner, in: rig)
            try await actor.wait(for: "the owner") { owner.isTold }
            #expect(owner.found?.leg.routed.isOwner == true)
            for outcome in ["relayed", "refused", "no-origin", "abandoned"] {
                #expect(rig.count("sluice_rtmp_relay_requests_total{purpose=\"play\",outcome=\"\(outcome)\"}") == 0)
            }
            owner.end()
        }
    }
}
