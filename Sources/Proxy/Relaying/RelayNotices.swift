import Telemetry

/// Holds back the lines of a loop's relays that a client could write as often as it connects.
final class RelayNotices {
    var noOrigin = RepeatGate()
    var unclaimed = RepeatGate()
    var claimLost = RepeatGate()
}
