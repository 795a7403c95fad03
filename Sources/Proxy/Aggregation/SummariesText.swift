import Registry

/// `data` of SRS's `summaries` as this proxy has it: its own, as an origin has them, and those of all origins beside
/// it.
enum SummariesText {
    /// `origins` are objects of JSON; `ok` says whether all have answered.
    static func data(_ own: HeartbeatSummaries, ok: Bool, origins: [String]) -> String {
        let json = JSONSlices(Array(own.jsonText.utf8))
        let members = json.flatMap { $0.members(of: $0.root) } ?? []
        // What says `ok` of this proxy alone is in no doubt: it answers.
        let parts = members.filter { $0.name != "ok" }.map { "\"\($0.name)\":\(json?.text($0.value) ?? "null")" }
        return "{\((["\"ok\":\(ok)"] + parts).joined(separator: ",")),\"origins\":[\(origins.joined(separator: ","))]}"
    }
}
