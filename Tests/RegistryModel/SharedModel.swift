import Bytes
import Media
import Redis
import Registry
package import TestKit

/// What must always hold of what Redis may give a proxy of what proxies share: it is read or refused, and what is read
/// is the same once it is written and read again.
package func checkShared(_ input: [UInt8]) throws(BrokenInvariant) {
    try checkChanges(input)
    guard let text = String(validating: input, as: UTF8.self) else { return }
    try checkNotice(text)
    try checkSharedOrigin(text)
    try checkSharedClaim(text)
    try checkSharedRoute(text)
}

/// A notice has all bytes of its member and its value.
private func checkNotice(_ text: String) throws(BrokenInvariant) {
    guard let notice = SharedNotice(text) else { return }
    let bytes = Array(text.utf8)
    try require(
        bytes.suffix(notice.member.utf8.count + (notice.value?.utf8.count ?? 0))
            .elementsEqual(Array(notice.member.utf8) + Array((notice.value ?? "").utf8)),
        "\(notice) is not the end of \(text)")
    let sign = notice.value == nil ? "-" : "+"
    let written =
        "\(notice.table.name) \(notice.before) \(notice.version) \(sign)\(notice.member.utf8.count) "
        + notice.member + (notice.value ?? "")
    try require(SharedNotice(written) == notice, "\(notice) is another one after \(written)")
}

private func checkSharedOrigin(_ text: String) throws(BrokenInvariant) {
    guard let origin = SharedOrigin(text) else { return }
    let written = "\(origin.beaten) \(origin.instance.shared)\n\(SharedOrigin.text(origin.heartbeat, origin.past))"
    let again = SharedOrigin(written)
    try require(again == origin, "written \(origin), read \(String(describing: again)) of \(written)")
    try checkNames(of: origin.heartbeat)
}

/// Whatever an origin calls itself, its claims and what is told of it are read.
private func checkNames(of heartbeat: Heartbeat) throws(BrokenInvariant) {
    guard let key = try? StreamKey(vhost: StreamKey.defaultVhost, segments: ["live", "s"]) else { return }
    let claim = StreamClaim(key: key, origin: heartbeat.server, instance: heartbeat.instance, epoch: 7)
    try require(
        StreamClaim(key, shared: "7 \(claim.sharedOwner)") == claim, "the claim of \(heartbeat.server) is not read")
    let name = heartbeat.server.text
    let notice = SharedNotice("origins 1 2 +\(name.utf8.count) \(name)value")
    try require(
        notice?.member.utf8.elementsEqual(name.utf8) ?? false && notice?.value == "value",
        "a notice of \(heartbeat.server) is not read")
}

private func checkSharedClaim(_ text: String) throws(BrokenInvariant) {
    guard let key = try? StreamKey(vhost: StreamKey.defaultVhost, segments: ["live", "s"]),
        let claim = StreamClaim(key, shared: text)
    else { return }
    let written = "\(claim.epoch) \(claim.sharedOwner)"
    try require(StreamClaim(key, shared: written) == claim, "\(claim) is another one after \(written)")
}

private func checkSharedRoute(_ text: String) throws(BrokenInvariant) {
    // The key as far as the first space, the rest is where it leads.
    let parts = text.utf8.split(separator: UInt8(ascii: " "), maxSplits: 1, omittingEmptySubsequences: false)
        .map { String(Substring($0)) }
    guard let key = RouteKey(.webRTC, parts[0]) else { return }
    try require(
        key.text == parts[0] && (1...RouteKey.maximumBytes).contains(key.text.utf8.count), "\(parts[0]) is no key")
    guard parts.count == 2, let route = Route(key, shared: parts[1]) else { return }
    try require(
        Route(key, shared: route.sharedOwner) == route, "\(route) is another one after \(route.sharedOwner)")
    let notice = SharedNotice(
        "\(SharedTable(routeOf: key).name) 1 2 +\(key.text.utf8.count) \(key.text)\(route.sharedOwner)")
    try require(
        notice?.table == SharedTable(routeOf: key) && notice?.member == key.text && notice?.value == route.sharedOwner,
        "a notice of \(route) is not read")
}

/// Of every reply that `input` is made of.
private func checkChanges(_ input: [UInt8]) throws(BrokenInvariant) {
    var replies: [RedisReply] = []
    try? RedisReader().read(input.rawSpan) { reply in
        replies.append(reply)
        return true
    }
    for reply in replies {
        guard let changes = SharedChanges(reply) else { continue }
        let texts = { (texts: [String]) in RedisReply.list(texts.map { .bytes(SharedBytes($0)) }) }
        let written = RedisReply.list([
            .bytes(SharedBytes("\(changes.time)")), .bytes(SharedBytes("\(changes.version)")),
            .bytes(SharedBytes("\(changes.born)")), .integer(changes.isComplete ? 1 : 0),
            texts(changes.changed.flatMap { [$0.member, $0.value] }),
            texts(changes.gone),
        ])
        try require(SharedChanges(written) == changes, "\(changes) is another one after \(written)")
    }
}
