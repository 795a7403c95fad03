import Bytes
import FuzzDriver
import Registry

// Nothing traps, and what is taken stays within its bounds.
fuzz { input in
    guard let heartbeat = try? Heartbeat(json: SharedBytes(input)) else { return }
    let limits = HeartbeatLimits()
    let endpoints = heartbeat.endpoints
    let lists = [endpoints.rtmp, endpoints.http, endpoints.api, endpoints.srt, endpoints.webRTC, endpoints.rtsp]
    let texts = [
        heartbeat.server.text, heartbeat.instance.service, heartbeat.instance.process, heartbeat.device ?? "-",
    ]
    guard !endpoints.rtmp.isEmpty, lists.allSatisfy({ $0.count <= limits.maximumEndpoints }),
        lists.joined().allSatisfy({ $0.port > 0 }),
        texts.allSatisfy({ (1...limits.maximumText).contains($0.utf8.count) })
    else { fatalError("\(heartbeat)") }
}
