package import Bytes

/// An origin's word that it takes no more, which is believed for a moment: sessions pass it by while there are others,
/// and then one after the other asks again. Pure.
///
/// It is not unwell: nothing grows here, nothing is probed, and the streams that it has stay its own.
package struct OriginFullness: Sendable, Equatable {
    /// How long it is believed.
    package static let pause = Duration.seconds(3)
    /// What the one session has that asks again, until another one does.
    package static let trial = Duration.seconds(1)
    /// After which an origin that nobody has asked again is like any other.
    private static let longest = Duration.seconds(30)

    private var until: Instant

    /// `draw` is any number: it moves the end by up to a quarter, so that proxies do not ask again together.
    package init(at now: Instant, draw: UInt64) {
        until = now + .nanoseconds(Self.pause.nanoseconds / 1_024 * (768 + Int64(draw % 513)))
    }

    package func isFull(at now: Instant) -> Bool { now < until }

    /// Somebody asks again: the others still pass it by.
    package mutating func ask(at now: Instant) {
        if now >= until { until = now + Self.trial }
    }

    package func isOver(at now: Instant) -> Bool { now >= until + Self.longest }
}
