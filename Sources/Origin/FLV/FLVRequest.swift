import Bytes
import HTTP
import Media

/// What a request for a stream by HTTP asks for.
struct FLVRequest {
    let key: StreamKey
    let selection: TrackSelection

    /// Nil where the path names no stream of FLV.
    init?(_ request: borrowing RequestHead) throws(StreamKeyError) {
        let query: Query
        do { query = try request.target.query() } catch { query = Query() }
        var host = ""
        if let authority = request.authority { host = String(copying: authority) }
        let segments = (0..<request.target.segmentCount).map { request.target.segmentText($0) }
        guard let path = try StreamPath(segments: segments, host: host, vhost: query["vhost"]), path.ending == .flv
        else {
            return nil
        }
        key = path.key
        selection = Self.selection(query)
    }

    /// `only-audio`, `only_audio` and `onlyAudio` alike, as players of several servers spell it; a value of 0 or false
    /// says no.
    private static func selection(_ query: Query) -> TrackSelection {
        if isSet(query["only-audio"] ?? query["only_audio"] ?? query["onlyAudio"]) { return .audioOnly }
        if isSet(query["only-video"] ?? query["only_video"] ?? query["onlyVideo"]) { return .videoOnly }
        return .all
    }

    private static func isSet(_ value: String?) -> Bool {
        guard let value else { return false }
        return value != "0" && value != "false" && value != "off"
    }
}
