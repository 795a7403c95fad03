import TestKit

/// nginx with its RTMP module, as Debian has it: an origin, or a player, with nothing of ours in it.
final class Nginx: Sendable {
    private let reserved: TakenPort
    private let program: RunningProgram
    private let directory: TemporaryDirectory

    var port: UInt16 { reserved.port }

    static let module = "/usr/lib/nginx/modules/ngx_rtmp_module.so"

    /// `application` is what stands in the block of `live`.
    init(_ application: String = "") async throws {
        directory = try TemporaryDirectory()
        let reserved = try TakenPort(.reserved)
        self.reserved = reserved
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
                    listen 127.0.0.1:\(reserved.port);
                    chunk_size 4096; max_streams 512;
                    application live { live on; \(application) }
                    application other { live on; }
                }
            }

            """, to: "nginx.conf")
        program = try RunningProgram(
            "/usr/sbin/nginx", ["-p", path, "-c", configuration, "-e", "\(path)/error.log"])
        try await eventually("nginx") { !Peer.isRefused(port: reserved.port) }
    }

    deinit {
        program.end()
        reserved.close()
    }
}
