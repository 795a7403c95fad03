import Reactor
import Telemetry

/// What the log shows at the start: every address, and what the program is.
enum Banner {
    static func log(_ plan: ListenPlan, _ context: ProxyContext, openFiles: Int, to log: Logger) {
        for listening in plan.listenings {
            log.info(
                "listening",
                [
                    "service": listening.service.rawValue, "address": listening.address.description,
                    "url": listening.url, "variable": listening.variable,
                ])
        }
        log.info(
            "serving",
            [
                "version": Version.text, "pid": context.identity.process, "loops": context.registry.shardCount,
                "open_files": openFiles,
            ])
    }
}
