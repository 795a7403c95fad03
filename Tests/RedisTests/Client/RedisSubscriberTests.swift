import Bytes
import LoopKit
import Reactor
import Redis
import Telemetry
import TestKit
import Testing

@Suite("A subscriber", .ownThread)
struct RedisSubscriberTests {
    static func withSubscriber(
        _ channels: [String], _ settings: RedisSettings,
        _ body: @escaping @Sendable (RedisSubscriber, Listener, isolated LoopActor) async throws -> Void
    ) async throws {
        try await withLoop { around, actor in
            let subscriber = RedisSubscriber(
                channels, settings, on: actor.loop, resolver: around.resolver, log: .silent, meter: around.meter)
            let listener = Listener()
            subscriber.observer = listener
            subscriber.start()
            defer { subscriber.stop() }
            try await body(subscriber, listener, actor)
        }
    }

    @Test("hears what is published on its channels, again after a restart, and knows when it may have missed something")
    func messages() async throws {
        let server = try RedisServer()
        let settings = RedisSettings.local(server.port) { $0.limits.pingInterval = .milliseconds(20) }
        try await Self.withSubscriber(["one", "two"], settings) { subscriber, listener, actor in
            for round in 1...2 {
                try await actor.wait(for: "subscriptions") { subscriber.isSubscribed }
                for (channel, text) in [("one", "a"), ("three", "b"), ("two", "\(round)")] {
                    _ = try await offLoop { try server.ask("PUBLISH \(channel) \(text)") }
                }
                try await actor.wait(for: "a message") { listener.heard.last == .message("two", "\(round)") }
                guard round == 1 else { break }
                try await offLoop { server.kill() }
                try await actor.wait(for: "the end") { !subscriber.isSubscribed }
                try await offLoop { try server.restart() }
            }
            let heard = listener.heard.filter { if case .lost = $0 { false } else { true } }
            #expect(
                heard == [
                    .subscribed, .message("one", "a"), .message("two", "1"),
                    .subscribed, .message("one", "a"), .message("two", "2"),
                ])
            #expect(
                listener.heard.dropFirst(3).prefix { $0 != .subscribed }.contains {
                    if case .lost = $0 { true } else { false }
                })
        }
    }

    @Test("that may not listen is told so")
    func refused() async throws {
        let server = try RedisServer(["user alice on >s3cret resetchannels &allowed +@all", "user default off"])
        let settings = RedisSettings.local(server.port) { session in
            session.credentials = RedisCredentials(user: "alice", password: Secret("s3cret"))
        }
        try await Self.withSubscriber(["allowed", "other"], settings) { subscriber, listener, actor in
            try await actor.wait(for: "a refusal") { !listener.heard.isEmpty }
            guard case .lost(.refused(let error)) = listener.heard.first else {
                Issue.record("\(listener.heard)")
                return
            }
            #expect(error.code == "NOPERM" && !subscriber.isSubscribed)
        }
    }
}
