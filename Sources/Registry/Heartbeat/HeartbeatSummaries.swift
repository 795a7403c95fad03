package import Telemetry

/// How an origin is, under the names that SRS has for it. Parts of 1 are called percent there, and are.
package struct HeartbeatSummaries: Sendable, Equatable {
    /// The process.
    package struct Own: Sendable, Equatable {
        package var version = ""
        package var process: Int32 = 0
        package var parent = 0
        package var arguments = ""
        package var directory = ""
        package var memoryKiB = 0
        package var memoryShare = 0.0
        /// Of one processor.
        package var processorShare = 0.0
        package var uptimeSeconds: Int64 = 0

        package init() {}
    }

    /// The machine.
    package struct System: Sendable, Equatable {
        /// Of all processors.
        package var processorShare = 0.0
        package var memoryKiB: UInt64 = 0
        package var memoryShare = 0.0
        package var swapKiB: UInt64 = 0
        package var swapShare = 0.0
        package var processors = 0
        package var processorsOnline = 0
        package var uptimeSeconds = 0.0
        package var idleSeconds = 0.0
        package var load = LoadAverage(oneMinute: 0, fiveMinutes: 0, fifteenMinutes: 0)
        package var receivedBytes: UInt64 = 0
        package var sentBytes: UInt64 = 0
        package var tcpSockets = 0
        package var tcpEstablished = 0
        package var tcpWaiting = 0
        package var udpSockets = 0

        package init() {}
    }

    /// What the origin itself has moved and has open.
    package struct Service: Sendable, Equatable {
        package var receivedBytes: UInt64 = 0
        package var sentBytes: UInt64 = 0
        package var connections = 0

        package init() {}
    }

    package var time: WallTime
    package var own = Own()
    package var system = System()
    package var service = Service()

    package init(time: WallTime) { self.time = time }

    /// What `now` shows of the machine and the process, and what has changed since `earlier`.
    package init(_ now: HostSample, since earlier: HostSample?) {
        time = now.time
        if let earlier {
            own.processorShare = now.processShare(since: earlier)
            if let processors = now.processors, let before = earlier.processors {
                system.processorShare = processors.busyShare(since: before)
            }
        }
        own.parent = now.process?.parent ?? 0
        own.memoryKiB = now.residentBytes / 1_024
        system.processors = now.processorCount
        system.processorsOnline = now.processors?.online ?? now.processorCount
        if let memory = now.memory {
            own.memoryShare = Double(own.memoryKiB) / Double(memory.total)
            (system.memoryKiB, system.memoryShare) = (memory.total, memory.usedShare)
            (system.swapKiB, system.swapShare) = (memory.swapTotal, memory.swapUsedShare)
        }
        if let uptime = now.uptime {
            (system.uptimeSeconds, system.idleSeconds) = (uptime.seconds, uptime.idleSeconds)
        }
        if let load = now.load { system.load = load }
        if let traffic = now.traffic { (system.receivedBytes, system.sentBytes) = (traffic.received, traffic.sent) }
        if let sockets = now.sockets {
            (system.tcpSockets, system.udpSockets) = (sockets.tcp, sockets.udp)
            (system.tcpEstablished, system.tcpWaiting) = (sockets.established, sockets.tcpWaiting)
        }
    }
}
