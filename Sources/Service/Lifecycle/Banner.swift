import Reactor
package import Telemetry

/// What the log shows at the start: every address, and what the program is.
package enum Banner {
    package static func log(
        _ plan: ListenPlan, _ identity: ServerIdentity, loops: Int, openFiles: Int, to log: Logger
    ) {
        for listening in plan.listenings {
            log.info(
                "listening",
                [
                    "service": listening.service, "address": listening.address.description, "url": listening.url,
                    "setting": listening.setting,
                ])
        }
        log.info(
            "serving",
            ["version": Version.text, "pid": identity.process, "loops": loops, "open_files": openFiles])
    }
}
