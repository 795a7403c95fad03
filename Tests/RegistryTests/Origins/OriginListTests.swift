import Bytes
import Reactor
import TestKit
import Testing

@testable import Registry

@Suite("OriginList")
struct OriginListTests {
    private typealias S = Samples

    @Test("has what a dictionary has, whatever comes, changes and goes, and the offers of just these origins")
    func model() {
        var random = SplitMix(seed: 1)
        var list = OriginList()
        var model: [OriginID: Origin] = [:]
        for round in 0..<2_000 {
            let id = OriginID("o\(random.next() % 20)")
            var origin = Origin(S.heartbeat(id.text), .alive, at: S.at(0))
            switch random.next() % 4 {
            case 0:
                list[id] = nil
                model[id] = nil
            case 1:
                list[id]?.isDrained = round.isMultiple(of: 2)
                model[id]?.isDrained = round.isMultiple(of: 2)
            default:
                origin.load.connections = round
                list[id] = origin
                model[id] = origin
            }
            #expect(list[id] == model[id])
            #expect(list.all.count == model.count && list.all.allSatisfy { model[$0.id] == $0 })
            #expect(list.offers == list.all.map(OriginOffer.init))
        }
    }

    @Test("an offer says what an origin has")
    func offer() throws {
        var heartbeat = S.heartbeat("o1", load: OriginLoad(connections: 7, processorPercent: 95))
        heartbeat.zone = OriginZone("a")
        var origin = Origin(heartbeat, .alive, at: S.at(3))
        let offer = OriginOffer(origin)
        #expect(offer.name == origin.id.nameHash && offer.zone != nil && offer.weight == 100)
        #expect(offer.connections == 7 && offer.processorPercent == 95 && offer.presentSince == S.at(3))
        #expect(OriginService.allCases.filter(offer.has) == [.rtmp, .http])
        #expect(OriginService.allCases.allSatisfy { offer.has($0) == origin.has($0) })
        #expect(offer.takesStreams)
        origin.liveness = .silent
        #expect(!OriginOffer(origin).takesStreams)
    }
}
