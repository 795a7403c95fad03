import TestKit

/// nginx with its RTMP module, as Debian has it: an origin, or a player, with nothing of ours in it.
final class Nginx: Sendable {
    let port: UInt16
    private let program: RunningProgram
    private let directory: TemporaryDirectory

    static let module = "/usr/lib/nginx/modules/ngx_rtmp_module.so"

    /// `application` is what stands in the block of `live`.
    init(_ application: String = "") async throws {
        directory = try TemporaryDirectory()
        let taken = try TakenPort()
        port = taken.port
        taken.close()
        let path = directory.path
        let configuration = try directory.write(
            """
            load_module \(Self.module);
            daemon off;
            master_process off;
            pid \(path)/pid;
            error_log \(path)/error.log info;
            events { worker_connections 512; }
            rtmp {
                server {
                    listen 127.0.0.1:\(port);
                    chunk_size 4096; max_streams 512;
                    application live { live on; \(application) }
                    application other { live on; }
                }
            }

            """, to: "nginx.conf")
        program = try RunningProgram(
            "/usr/sbin/nginx", ["-p", path, "-c", configuration, "-e", "\(path)/error.log"])
        let port = port
        try await eventually("nginx") { !Peer.isRefused(port: port) }
    }

    deinit { program.end() }
}
