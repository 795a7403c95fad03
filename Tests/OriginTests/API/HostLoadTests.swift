import Bytes
import Media
import Service
import Testing

@testable import Origin

@Suite("What virtual hosts have to do")
struct HostLoadTests {
    @Test("streams and viewers count while they are there, their bytes for ever")
    func life() async throws {
        try await onStage { stage in
            let host = StreamKey.test().vhost
            #expect(stage.streams.loads(of: ["other", host]) == [HostLoad(), HostLoad()])
            stage.publish()
            let publication = try #require(stage.publication)
            stage.streams.list(
                PublishedStream(publication: publication, publisher: RosterID(loop: 0, number: 1), tcURL: ""))
            stage.group()
            let viewer = stage.view()
            let sent = UInt64(viewer.pieces.joined().count)
            let busy = stage.streams.loads(of: ["other", host])
            #expect(busy[0] == HostLoad() && busy[1].streams == 1 && busy[1].clients == 2)
            #expect(busy[1].totals == ByteRates.Totals(received: publication.receivedBytes, sent: sent))
            #expect(sent > 0 && publication.receivedBytes > 0)

            viewer.subscriber?.leave()
            stage.streams.unlist(publication.key)
            let idle = stage.streams.loads(of: [host])[0]
            #expect(idle.streams == 0 && idle.clients == 0 && idle.totals == busy[1].totals)
            stage.streams.unlist(publication.key)
            #expect(stage.streams.loads(of: [host])[0].totals == busy[1].totals, "counted once")
        }
    }

    @Test("hosts are those of the configuration, those that are off included, and no others")
    func configured() {
        let table = HostTable(
            [StreamKey.defaultVhost: HostSettings(), "b.example": HostSettings()], disabled: ["a.example"])
        #expect(
            table.summaries.map { "\($0.name) \($0.isServed)" }
                == ["__defaultVhost__ true", "a.example false", "b.example true"])
        #expect(table.summary(of: "a.example")?.isServed == false && table.summary(of: "nobody") == nil)
        #expect(
            DirectoryText.host(HostSummary(name: "a\"", isServed: false))
                == #"{"id":"a\"","name":"a\"","enabled":false,"clients":0,"streams":0,"send_bytes":0,"recv_bytes":0,"kbps":{"recv_30s":0,"send_30s":0},"hls":{"enabled":false}}"#
        )
    }
}
