package import Bytes
import Reactor

extension Heartbeat {
    /// The body that says this, as SRS writes it: every value of the object itself is a text. `load` is told by the
    /// summaries; where there are none, nothing is told of it.
    package func json(_ summaries: HeartbeatSummaries?) -> SharedBytes {
        SharedBytes(object(summaries?.json).text)
    }

    /// The same without summaries: as long as nothing about the origin changes, it is the same text.
    var sharedJSON: String { object(nil).text }

    private func object(_ summaries: JSONObject?) -> JSONObject {
        var object = JSONObject()
        if let device { object.set("device_id", device) }
        object.set("ip", host.description)
        object.set("server", server.text)
        object.set("service", instance.service)
        object.set("pid", instance.process)
        // What SRS never says is left out where it goes without saying.
        if state != .serving { object.set("state", state.rawValue) }
        if weight != .usual { object.set("weight", "\(weight.value)") }
        if let zone { object.set("zone", zone.text) }
        if !labels.isEmpty {
            var texts = JSONObject()
            for (name, text) in labels.sorted(by: { $0.key < $1.key }) { texts.set(name, text) }
            object.set("labels", texts)
        }
        if let summaries {
            var all = JSONObject()
            all.set("data", summaries)
            object.set("summaries", all)
        }
        for service in OriginService.allCases where !endpoints[service].isEmpty {
            object.set(service.rawValue, endpoints[service].map(\.text))
        }
        return object
    }
}
