import Reactor
import TestKit

/// Starts and ends many loops, and says what is left of them.
enum LoopScene {
    static func play() throws {
        try startAndStop()
        let (threads, descriptors) = (ProcessSelf.threads, ProcessSelf.openDescriptors)
        for _ in 0..<20 { try startAndStop() }
        say(ProcessSelf.threads <= threads ? "no thread is left" : "\(ProcessSelf.threads - threads) threads are left")
        let left = ProcessSelf.openDescriptors - descriptors
        say(left <= 0 ? "no descriptor is left" : "\(left) descriptors are left")
    }

    private static func startAndStop() throws {
        let group = try LoopGroup(count: 3)
        group.shutdown()
        group.shutdown()
    }
}
