import Bytes
import Dispatch
import Glibc
import Reactor

/// Takes signals on the second of two loops until SIGTERM, and says each.
enum SignalScene {
    static func play() throws {
        let signals: [Signal] = [.terminate, .interrupt, .hangup, .user1]
        try SignalSource.block(signals)
        Signal.ignoreBrokenPipe()
        let group = try LoopGroup(count: 2)
        let end = DispatchSemaphore(value: 0)
        group.handles[1].submit { loop in
            do {
                let source = try SignalSource(signals, on: loop) { delivery in
                    let place = loop.handle.isCurrent ? "loop \(loop.handle.index)" : "elsewhere"
                    let sender = delivery.sender == getppid() ? "the parent" : "process \(delivery.sender)"
                    say("\(delivery.signal) from \(sender) on \(place)")
                    if delivery.signal == .terminate { end.signal() }
                }
                // Kept by the loop; the test ends it by SIGTERM.
                _ = source
                say("ready")
            } catch {
                say("failed: \(error)")
            }
        }
        try sayMaskOfChild(group)
        sayBrokenPipe()
        end.wait()
        group.shutdown()
        say("end")
    }

    /// What a child of this program, which blocks and ignores signals, has inherited of that.
    private static func sayMaskOfChild(_ group: LoopGroup) throws {
        let pool = try BlockingPool(name: "spawn")
        let done = DispatchSemaphore(value: 0)
        _ = group.loops[0].run { actor in
            let command = ChildCommand("/bin/cat", ["/proc/self/status"])
            let output = try? await ChildProcess.run(command, pool: pool, on: actor)
            let text = output.map { String(copying: $0.standardOutput.bytes) } ?? "failed"
            for line in text.split(separator: "\n")
            where line.hasPrefix("SigBlk") || line.hasPrefix("SigIgn") {
                say("child \(line.replacing("\t", with: " "))")
            }
            done.signal()
        }
        done.wait()
        pool.shutdown()
    }

    private static func sayBrokenPipe() {
        var ends: [CInt] = [0, 0]
        guard pipe(&ends) == 0 else { return }
        close(ends[0])
        let result = write(ends[1], "x", 1)
        say(result < 0 && errno == EPIPE ? "broken pipe: error" : "broken pipe: \(result)")
        close(ends[1])
    }
}
