/// The codes of answers and notices that players and encoders act on.
package enum StatusCode: String, Sendable, Hashable, CaseIterable {
    case connectSuccess = "NetConnection.Connect.Success"
    case connectRejected = "NetConnection.Connect.Rejected"
    case connectFailed = "NetConnection.Connect.Failed"
    case connectInvalidApp = "NetConnection.Connect.InvalidApp"
    case connectAppShutdown = "NetConnection.Connect.AppShutdown"
    case connectClosed = "NetConnection.Connect.Closed"
    /// Enhanced RTMP: come again, perhaps to another address.
    case connectReconnectRequest = "NetConnection.Connect.ReconnectRequest"
    case callFailed = "NetConnection.Call.Failed"

    case publishStart = "NetStream.Publish.Start"
    case publishBadName = "NetStream.Publish.BadName"
    case publishDenied = "NetStream.Publish.Denied"
    case publishIdle = "NetStream.Publish.Idle"
    case unpublishSuccess = "NetStream.Unpublish.Success"
    case recordStart = "NetStream.Record.Start"
    case recordStop = "NetStream.Record.Stop"
    case recordNoAccess = "NetStream.Record.NoAccess"
    case recordFailed = "NetStream.Record.Failed"

    case playReset = "NetStream.Play.Reset"
    case playStart = "NetStream.Play.Start"
    case playStop = "NetStream.Play.Stop"
    case playComplete = "NetStream.Play.Complete"
    case playStreamNotFound = "NetStream.Play.StreamNotFound"
    case playFailed = "NetStream.Play.Failed"
    case playInsufficientBandwidth = "NetStream.Play.InsufficientBW"
    case playPublishNotify = "NetStream.Play.PublishNotify"
    case playUnpublishNotify = "NetStream.Play.UnpublishNotify"
    case playTransition = "NetStream.Play.Transition"
    case pauseNotify = "NetStream.Pause.Notify"
    case unpauseNotify = "NetStream.Unpause.Notify"
    case seekNotify = "NetStream.Seek.Notify"
    case seekFailed = "NetStream.Seek.Failed"
    case seekInvalidTime = "NetStream.Seek.InvalidTime"
    case dataStart = "NetStream.Data.Start"
    case streamFailed = "NetStream.Failed"

    /// The level that goes with the code.
    package var level: StatusLevel {
        switch self {
        case .connectSuccess, .connectClosed, .connectReconnectRequest, .publishStart, .publishIdle,
            .unpublishSuccess, .recordStart, .recordStop, .playReset, .playStart, .playStop, .playComplete,
            .playPublishNotify, .playUnpublishNotify, .playTransition, .pauseNotify, .unpauseNotify, .seekNotify,
            .dataStart:
            .status
        case .playInsufficientBandwidth: .warning
        case .connectRejected, .connectFailed, .connectInvalidApp, .connectAppShutdown, .callFailed, .publishBadName,
            .publishDenied, .recordNoAccess, .recordFailed, .playStreamNotFound, .playFailed, .seekFailed,
            .seekInvalidTime, .streamFailed:
            .error
        }
    }
}

package enum StatusLevel: String, Sendable, Hashable {
    case status
    case warning
    case error
}
