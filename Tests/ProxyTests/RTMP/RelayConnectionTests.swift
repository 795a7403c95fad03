import Bytes
import LoopKit
import RTMP
import RTMPTransport
import Reactor
import Registry
import Service
import Testing

@testable import Proxy

@Suite("RelayConnection", .timeLimit(.minutes(1)))
struct RelayConnectionTests {
    private static let open = "sluice_rtmp_relays_open{purpose=\"play\"}"

    /// Chunks of one message of video, cut in the middle.
    private static func halves() -> ([UInt8], [UInt8]) {
        var writer = ChunkWriter(chunkSize: 60_000)
        var output = ByteWriter()
        writer.append(ScriptedOrigin.video(99, size: 2_000), to: &output)
        let bytes = Array(copying: output.bytes)
        return (Array(bytes[..<900]), Array(bytes[900...]))
    }

    @Test("a player that hears nothing follows its stream to the owner, once, and is told of nothing")
    func follows() async throws {
        try await withRig(["a", "b"]) { actor, rig in
            let order = rig.order
            let player = RigClient(ProxyRig.play, of: rig)
            try await actor.wait(for: "the wait") { order[0].running.count == 1 && player.accepted == 1 }
            #expect(rig.watch.count == 1)
            rig.claim(for: order[1])
            try await actor.wait(for: "the move") { order[1].running.count == 1 && order[0].open.isEmpty }
            let statuses = player.statuses
            for time in [0, 40, 80] as [UInt32] { order[1].send(timestamp: time) }
            try await actor.wait(for: "media") { player.times == [0, 40, 80] }
            #expect(player.accepted == 1 && player.statuses == statuses && !player.isClosed)
            #expect(rig.count(Self.open) == 1)
            #expect(rig.count("sluice_rtmp_relay_requests_total{purpose=\"play\",outcome=\"relayed\"}") == 1)
            player.socket?.close()
            try await actor.wait(for: "the end") { order[1].open.isEmpty && rig.watch.count == 0 }
            #expect(rig.count(Self.open) == 0)
        }
    }

    @Test("one that hears its stream stays, wherever the claim is")
    func stays() async throws {
        try await withRig(["a", "b"], lookingEvery: .milliseconds(300)) { actor, rig in
            let order = rig.order
            let player = RigClient(ProxyRig.play, of: rig)
            try await actor.wait(for: "the wait") { order[0].running.count == 1 }
            order[0].send(timestamp: 0)
            rig.claim(for: order[1])
            // Three looks and more.
            for time in 1...120 as ClosedRange<UInt32> {
                order[0].send(timestamp: time)
                await actor.pause(for: .milliseconds(8))
            }
            try await actor.wait(for: "all of it") { player.times.count == 121 }
            #expect(order[1].asked == 0)
        }
    }

    @Test(
        "in the middle of a message it waits for the rest, and where that does not come it is closed",
        arguments: [true, false])
    func middle(comes: Bool) async throws {
        try await withRig(["a", "b"], .with({ $0.maximumPatience = comes ? 1_000 : 5 })) { actor, rig in
            let order = rig.order
            let player = RigClient(ProxyRig.play, of: rig)
            try await actor.wait(for: "the wait") { order[0].running.count == 1 && player.accepted == 1 }
            let (first, rest) = Self.halves()
            order[0].running[0].send(first)
            rig.claim(for: order[1])
            try await actor.wait(for: "the owner's answer") { order[1].running.count == 1 || player.isClosed }
            if comes {
                await actor.pause(for: .milliseconds(100))
                #expect(order[0].running.count == 1)
                order[0].running[0].send(rest)
                try await actor.wait(for: "the move") { order[0].open.isEmpty }
                order[1].send(timestamp: 7)
                try await actor.wait(for: "media of both") { player.times == [99, 7] }
            } else {
                try await actor.wait(for: "the end") { player.isClosed }
                #expect(player.times.isEmpty)
                try await actor.wait(for: "closed legs") { order.allSatisfy(\.open.isEmpty) }
            }
        }
    }

    @Test("one whose origin dies goes on at the next, without an answer of its own")
    func outlives() async throws {
        try await withRig(["a", "b"]) { actor, rig in
            let order = rig.order
            let player = RigClient(ProxyRig.play, of: rig)
            try await actor.wait(for: "the wait") { order[0].running.count == 1 && player.accepted == 1 }
            order[0].send(timestamp: 1_000)
            try await actor.wait(for: "media") { player.times.count == 1 }
            order[0].die()
            try await actor.wait(for: "the next") { order[1].running.count == 1 }
            order[1].send(timestamp: 0)
            try await actor.wait(for: "its media") { player.times == [1_000, 0] }
            #expect(player.accepted == 1 && !player.isClosed && rig.count(Self.open) == 1)
        }
    }

    @Test("one whose only origin dies waits for it to come back, but not for ever", arguments: [true, false])
    func waits(comesBack: Bool) async throws {
        try await withRig(["a", "b"], .with({ $0.rejoinTimeout = comesBack ? .seconds(20) : .milliseconds(300) })) {
            actor, rig in
            let order = rig.order
            order[1].die()
            let player = RigClient(ProxyRig.play, of: rig)
            try await actor.wait(for: "the wait") { order[0].running.count == 1 && player.accepted == 1 }
            order[0].behaviour = .hangsUp
            for connection in order[0].running { connection.close() }
            try await actor.wait(for: "tries in vain") { order[0].asked >= 3 || player.isClosed }
            if comesBack {
                order[0].behaviour = .accepts
                try await actor.wait(for: "the return") { order[0].running.count == 1 }
                order[0].send(timestamp: 5)
                try await actor.wait(for: "media") { player.times == [5] }
            } else {
                try await actor.wait(for: "the end") { player.isClosed && rig.watch.count == 0 }
                #expect(rig.count(Self.open) == 0)
            }
        }
    }

    @Test(
        "one that origins send away is sent away: they say so, or close and are still there, or do it three times",
        arguments: [SendingAway.told, .closed, .closedByUnknown, .brokenOff])
    fileprivate func sentAway(how: SendingAway) async throws {
        try await withRig(["a"], .with({ $0.rejoinTimeout = .seconds(20) })) { actor, rig in
            let origin = try #require(rig.origins["a"])
            if how == .closedByUnknown { try rig.register("a", instance: .untold) }
            let player = RigClient(ProxyRig.play, of: rig)
            for _ in 0..<how.times {
                try await actor.wait(for: "the wait") { !origin.running.isEmpty }
                let connection = origin.running[0]
                // Behind the settling time: it is relayed, not searched for.
                try await actor.wait(for: "the relay") { rig.count(Self.open) == 1 }
                if how == .told { connection.notify(Status(.playStop, "The end.")) }
                if how == .brokenOff { connection.abort() } else { connection.close() }
                try await actor.wait(for: "its end") { origin.running.isEmpty || origin.running[0] !== connection }
            }
            try await actor.wait(for: "the end") { player.isClosed && origin.open.isEmpty && rig.watch.count == 0 }
            #expect(origin.asked == how.asked && rig.count(Self.open) == 0)
        }
    }

    @Test("one whose origin has been started again is not sent away, whenever that is known", arguments: [true, false])
    func startedAgain(isKnownFirst: Bool) async throws {
        let limits = RelayLimits.with {
            $0.rejoinTimeout = .seconds(20)
            $0.settlingTime = .milliseconds(200)
        }
        try await withRig(["a"], limits) { actor, rig in
            let origin = try #require(rig.origins["a"])
            let player = RigClient(ProxyRig.play, of: rig)
            try await actor.wait(for: "the wait") { origin.running.count == 1 && rig.count(Self.open) == 1 }
            let another = OriginInstance(service: "again", process: "2")
            if isKnownFirst { try rig.register("a", instance: another) }
            origin.running[0].close()
            try await actor.wait(for: "the return") { origin.asked == 2 && origin.running.count == 1 }
            if !isKnownFirst { try rig.register("a", instance: another) }
            origin.send(timestamp: 5)
            try await actor.wait(for: "media") { player.times == [5] }
        }
    }

    @Test("a publisher is closed with its origin, and with its claim")
    func publisher() async throws {
        try await withRig(["a", "b"]) { actor, rig in
            let order = rig.order
            let first = RigClient(ProxyRig.publish, of: rig)
            try await actor.wait(for: "publishing") { first.accepted == 1 && rig.owner === order[0] }
            for connection in order[0].running { connection.close() }
            try await actor.wait(for: "the end") { first.isClosed && rig.owner == nil }
            #expect(rig.watch.count == 0, "publishers are not watched")
            let second = RigClient(ProxyRig.publish, of: rig)
            try await actor.wait(for: "publishing") { second.accepted == 1 && rig.owner === order[0] }
            second.socket?.abort()
            try await actor.wait(for: "no claim") { rig.owner == nil && order[0].open.isEmpty }
        }
    }

    @Test(
        "a publisher that is sent away gives its stream back at once, though it does not go", arguments: [true, false])
    func dismissed(isKicked: Bool) async throws {
        try await withRig(["a"]) { actor, rig in
            let origin = try #require(rig.origins["a"])
            let client = RigClient(ProxyRig.publish, of: rig)
            try await actor.wait(for: "publishing") { client.accepted == 1 && rig.owner === origin }
            // It sees no end, so that its connection lingers.
            client.socket?.pauseReading()
            if isKicked {
                let id = try #require(rig.sessions.page(ListingPage(start: nil, count: nil)).first?.id)
                #expect(rig.sessions.kick(id) != nil)
            } else {
                for connection in origin.running { connection.close() }
            }
            try await actor.wait(for: "what it had") { rig.owner == nil && origin.open.isEmpty }
            #expect(rig.count("sluice_rtmp_relays_open{purpose=\"publish\"}") == 0)
            #expect(rig.server.connectionCount == 1 && rig.sessions.count == 0 && !client.isClosed)
            let next = RigClient(ProxyRig.publish, of: rig)
            try await actor.wait(for: "the next") { next.accepted == 1 && rig.owner === origin }
        }
    }

    @Test(
        "the origin is told the client's chunk size from the start, and nothing of it when the relay begins",
        arguments: [128, 4_096, 60_000, 1 << 20])
    func chunkSize(size: Int) async throws {
        try await withRig(["a"]) { actor, rig in
            let origin = try #require(rig.origins["a"])
            let publisher = RigClient(ProxyRig.publish, chunkSize: size, of: rig)
            try await actor.wait(for: "publishing") { publisher.accepted == 1 && !origin.running.isEmpty }
            #expect(origin.chunkSizes == [size])
            for time in [0, 40, 80] as [UInt32] { publisher.send(timestamp: time) }
            try await actor.wait(for: "media") { origin.running.first?.times == [0, 40, 80] }
            #expect(origin.running.first?.chunkSize == size)
        }
    }

    @Test("another name on the same message stream is searched for anew", arguments: [RelayPurpose.publish, .play])
    fileprivate func anotherName(purpose: RelayPurpose) async throws {
        try await withRig(["a", "b"]) { actor, rig in
            let order = rig.order
            let isPublish = purpose == .publish
            let client = RigClient(isPublish ? ProxyRig.publish : ProxyRig.play, chunkSize: 128, of: rig)
            try await actor.wait(for: "the first") { client.accepted == 1 && order[0].running.count == 1 }
            if isPublish {
                #expect(rig.owner === order[0])
                try rig.register(rig.names[0], state: .leaving)
            } else {
                rig.claim(ProxyRig.otherKey, for: order[1])
            }
            try client.say(
                Command("closeStream", transaction: 0),
                Command(isPublish ? "publish" : "play", transaction: 0, [.string("t")]))
            try await actor.wait(for: "the second") { order[1].running.count == 1 && order[0].open.isEmpty }
            try await actor.wait(for: "its claim") { rig.owner(of: ProxyRig.otherKey) === order[1] }
            #expect(rig.owner == nil && !client.isClosed)
        }
    }

    @Test("a player that asks for another stream in the middle of a message gets that behind the rest")
    func inTheMiddle() async throws {
        try await withRig(["a", "b"]) { actor, rig in
            let order = rig.order
            let player = RigClient(ProxyRig.play, chunkSize: 128, of: rig)
            try await actor.wait(for: "the first") { player.accepted == 1 && order[0].running.count == 1 }
            rig.claim(ProxyRig.otherKey, for: order[1])
            let leg = order[0].running[0]
            let (first, rest) = Self.halves()
            leg.send(first)
            await actor.pause(for: .milliseconds(50))
            try player.say(Command("play", transaction: 0, [.string("t")]))
            await actor.pause(for: .milliseconds(50))
            #expect(order[1].open.isEmpty)
            leg.send(rest)
            try await actor.wait(for: "the second") { order[1].running.count == 1 }
            order[1].send(timestamp: 7)
            try await actor.wait(for: "media of both") { player.times == [99, 7] }
        }
    }

    @Test("a client that nobody takes is told why, and the connection stays")
    func refused() async throws {
        try await withRig([]) { actor, rig in
            let player = RigClient(ProxyRig.play, of: rig)
            try await actor.wait(for: "the answer") { player.refusal != nil }
            #expect(player.refusal?.code == .playStreamNotFound && !player.isClosed)
        }
    }
}

/// How an origin ends a player that it has taken.
private enum SendingAway {
    case told, closed, closedByUnknown, brokenOff

    /// How often it does so, until the player is closed.
    var times: Int {
        switch self {
        case .told, .closed: 1
        case .closedByUnknown, .brokenOff: 4
        }
    }

    /// How often it is asked by then.
    var asked: Int { self == .closed ? 2 : times }
}
