import Telemetry

extension HeartbeatSummaries {
    /// The object as text.
    package var jsonText: String { json.text }

    /// The object that heartbeats and SRS's `/api/v1/summaries` call `data`, with the names that SRS has.
    var json: JSONObject {
        var data = JSONObject()
        data.set("ok", true)
        data.set("now_ms", time.milliseconds)
        data.set("self", ownJSON)
        data.set("system", systemJSON)
        return data
    }

    private var ownJSON: JSONObject {
        var object = JSONObject()
        object.set("version", own.version)
        object.set("pid", own.process)
        object.set("ppid", own.parent)
        object.set("argv", own.arguments)
        object.set("cwd", own.directory)
        object.set("mem_kbyte", own.memoryKiB)
        object.set("mem_percent", own.memoryShare)
        object.set("cpu_percent", own.processorShare)
        object.set("srs_uptime", own.uptimeSeconds)
        return object
    }

    private var systemJSON: JSONObject {
        var object = JSONObject()
        object.set("cpu_percent", system.processorShare)
        // SRS as well says 0 of disks that nobody has named.
        object.set("disk_read_KBps", 0)
        object.set("disk_write_KBps", 0)
        object.set("disk_busy_percent", 0)
        object.set("mem_ram_kbyte", system.memoryKiB)
        object.set("mem_ram_percent", system.memoryShare)
        object.set("mem_swap_kbyte", system.swapKiB)
        object.set("mem_swap_percent", system.swapShare)
        object.set("cpus", system.processors)
        object.set("cpus_online", system.processorsOnline)
        object.set("uptime", system.uptimeSeconds)
        // Its name in SRS.
        object.set("ilde_time", system.idleSeconds)
        object.set("load_1m", system.load.oneMinute)
        object.set("load_5m", system.load.fiveMinutes)
        object.set("load_15m", system.load.fifteenMinutes)
        object.set("net_sample_time", time.milliseconds)
        object.set("net_recv_bytes", system.receivedBytes)
        object.set("net_send_bytes", system.sentBytes)
        // Networks inside are not told from those outside.
        object.set("net_recvi_bytes", 0)
        object.set("net_sendi_bytes", 0)
        object.set("srs_sample_time", time.milliseconds)
        object.set("srs_recv_bytes", service.receivedBytes)
        object.set("srs_send_bytes", service.sentBytes)
        object.set("conn_sys", system.tcpSockets)
        object.set("conn_sys_et", system.tcpEstablished)
        object.set("conn_sys_tw", system.tcpWaiting)
        object.set("conn_sys_udp", system.udpSockets)
        object.set("conn_srs", service.connections)
        return object
    }
}
