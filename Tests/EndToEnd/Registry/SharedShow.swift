import TestKit

/// A stream that goes on for a whole test, and is watched through the other two proxies.
struct SharedShow {
    let name: String
    let publisher: Client
    let viewers: [Client]
    private let groups: [Group]

    /// A key frame, and how many frames begin with the one before it.
    private struct Group: Equatable {
        let hash: String?
        let before: Int
    }

    init(_ name: String, through proxy: Int, of fleet: Fleet, _ media: Fixture.Media) async throws {
        self.name = name
        let pictures = try await Client.run("tags.py", [media.path]).all().frames("video")
        let keys = pictures.indices.filter { pictures[$0].key == true }
        // The file is sent again and again.
        groups = zip([(keys.last ?? 0) - pictures.count] + keys, keys).map { before, key in
            Group(hash: pictures[key].hash, before: key - before)
        }
        publisher = try await fleet.publish(name, through: proxy, media)
        try await fleet.waitForClaims("claim") { $0[name] != nil }
        viewers = try (1...2).map { try fleet.play(name, through: (proxy + $0) % 3, ["--digest"]) }
    }

    /// Waits until every viewer of all of them has had a key frame that is sent from now on, and one more.
    static func waitForMedia(of shows: [SharedShow]) async throws {
        let awaited = shows.flatMap(\.viewers).map { ($0, $0.events.media.count + 2) }
        for (viewer, count) in awaited { try await viewer.wait(for: "media", count: count) }
    }

    /// What hinders that every picture has come, in order and on one connection.
    var faults: [String] {
        viewers.flatMap { viewer -> [String] in
            let events = viewer.events
            var faults: [String] = []
            if events.contains(where: { $0.event == "closed" }) { faults.append("closed") }
            if events.count(where: { $0.code == "NetStream.Play.Start" }) != 1 { faults.append("begun again") }
            let keys = events.media
            for (key, next) in zip(keys, keys.dropFirst()) {
                let place = groups.firstIndex { $0.hash == key.hash }.map { ($0 + 1) % groups.count }
                let length = (next.count ?? 0) - (key.count ?? 0)
                if next.leap != false || place.map({ groups[$0] }) != Group(hash: next.hash, before: length) {
                    faults.append("\(next.count ?? 0) at \(next.time ?? 0) behind \(key.count ?? 0)")
                }
            }
            return faults
        }
    }
}
