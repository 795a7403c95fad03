// swift-tools-version: 6.2
import PackageDescription

/// Every target: Swift 6 mode, the upcoming features that make imports and isolation explicit, warnings as errors.
let house: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .enableExperimentalFeature("Lifetimes"),
    .treatAllWarnings(as: .error),
]

/// Sans-IO cores and what they stand on: every unsafe use is spelled out.
let core: [SwiftSetting] = house + [.strictMemorySafety()]

/// The pages that are compiled into the proxy; `BuiltInPages` serves the same ones.
let pages = [
    "index.html", "sluice.css", "sluice.js", "server-state.js", "favicon.svg",
]
let player = [
    "audio-codecs", "audio-track", "backoff", "bytes", "flv-demuxer", "lane", "live-edge", "media-output",
    "mp4-boxes", "parameter-sets", "player", "remuxer", "statistics", "stream-address", "stream-error",
    "tag-bodies", "timeline", "track-buffer", "transport", "video-codecs", "video-track",
]

let package = Package(
    name: "sluice",
    targets: [
        // The proxy
        .executableTarget(name: "sluice-proxy", dependencies: ["Proxy"], swiftSettings: house),
        .target(
            name: "Proxy",
            dependencies: [
                "Service", "Registry", "HTTPTransport", "RTMPTransport", "Redis", "Reactor", "Telemetry", "RTMP",
                "HTTP",
                "Media", "Bytes",
            ],
            resources: (pages + player.map { "player/\($0).js" }).map { .embedInCode("Pages/\($0)") },
            swiftSettings: house),

        // The origin
        .executableTarget(name: "sluice-origin", dependencies: ["Origin"], swiftSettings: house),
        .target(
            name: "Origin",
            dependencies: [
                "Service", "Registry", "HTTPTransport", "RTMPTransport", "Reactor", "Telemetry", "RTMP", "Muxing",
                "Media", "HTTP", "Bytes",
            ],
            swiftSettings: house),

        // Which origins there are, and how they are
        .target(
            name: "Registry",
            dependencies: [
                "HTTPTransport", "Redis", "Reactor", "Telemetry", "HTTP", "Media", "Balancing", "Bytes",
            ],
            swiftSettings: house),

        // What every program of ours needs
        .target(
            name: "Service", dependencies: ["HTTPTransport", "Reactor", "Telemetry", "HTTP", "Bytes"],
            swiftSettings: house),

        // Redis on the reactor
        .target(name: "Redis", dependencies: ["Reactor", "Telemetry", "Bytes", "CHiredis"], swiftSettings: house),

        // RTMP on the reactor
        .target(
            name: "RTMPTransport", dependencies: ["Reactor", "Telemetry", "RTMP", "Media", "Bytes"],
            swiftSettings: house),

        // HTTP on the reactor
        .target(
            name: "HTTPTransport", dependencies: ["Reactor", "Telemetry", "HTTP", "Bytes", "CLinux", "CZlib"],
            swiftSettings: house),

        // Loops, sockets and TLS
        .target(name: "Reactor", dependencies: ["Telemetry", "Bytes", "CLinux", "COpenSSL"], swiftSettings: house),

        // Logs and metrics
        .target(name: "Telemetry", dependencies: ["Bytes", "CLinux"], swiftSettings: house),

        // Values and bytes
        .target(name: "Bytes", swiftSettings: core),

        // C headers and inline shims
        .target(name: "CLinux"),
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CHiredis", pkgConfig: "hiredis", providers: [.apt(["libhiredis-dev"])]),

        // Protocol cores
        .target(name: "HTTP", dependencies: ["Bytes"], swiftSettings: core),
        .target(name: "Balancing", swiftSettings: core),
        .target(name: "Media", dependencies: ["Bytes"], swiftSettings: core),
        .target(name: "Muxing", dependencies: ["Media", "Bytes"], swiftSettings: core),
        .target(name: "RTMP", dependencies: ["Media", "Bytes"], swiftSettings: core),

        // Tests
        .target(name: "TestKit", dependencies: ["CLinux", "COpenSSL"], path: "Tests/TestKit", swiftSettings: house),
        .target(name: "LoopKit", dependencies: ["Reactor"], path: "Tests/LoopKit", swiftSettings: house),
        .target(name: "BytesModel", dependencies: ["Bytes"], path: "Tests/BytesModel", swiftSettings: house),
        .testTarget(name: "BytesTests", dependencies: ["Bytes", "BytesModel", "TestKit"], swiftSettings: house),
        .executableTarget(
            name: "ReactorProbe", dependencies: ["Reactor", "Bytes", "TestKit"], path: "Tests/ReactorProbe",
            swiftSettings: house),
        .testTarget(
            name: "ReactorTests", dependencies: ["Reactor", "Bytes", "TestKit", "ReactorProbe"], swiftSettings: house),
        .target(
            name: "HTTPModel", dependencies: ["HTTP", "Bytes", "TestKit"], path: "Tests/HTTPModel", swiftSettings: house
        ),
        .testTarget(
            name: "HTTPTests", dependencies: ["HTTP", "HTTPModel", "Bytes", "TestKit"],
            exclude: ["Differential/h11_reference.py"],
            swiftSettings: house),
        .testTarget(
            name: "HTTPTransportTests",
            dependencies: ["HTTPTransport", "HTTP", "Reactor", "Bytes", "TestKit", "LoopKit"],
            exclude: ["WebSocket/websocket_client.py", "WebSocket/websocket_server.py"], swiftSettings: house),
        .testTarget(name: "BalancingTests", dependencies: ["Balancing", "TestKit"], swiftSettings: house),
        .target(
            name: "MediaModel", dependencies: ["Media", "Muxing", "Bytes", "TestKit"], path: "Tests/MediaModel",
            swiftSettings: house),
        .testTarget(
            name: "MediaTests", dependencies: ["Media", "MediaModel", "Bytes", "TestKit"], swiftSettings: house),
        .testTarget(
            name: "MuxingTests", dependencies: ["Muxing", "Media", "MediaModel", "Bytes", "TestKit"],
            swiftSettings: house),
        .target(
            name: "RTMPModel", dependencies: ["RTMP", "Media", "Bytes", "TestKit"], path: "Tests/RTMPModel",
            swiftSettings: house
        ),
        .testTarget(
            name: "RTMPTests", dependencies: ["RTMP", "RTMPModel", "Media", "Bytes", "TestKit"],
            exclude: ["AMF/py3amf_reference.py"]
                + [
                    "ffmpeg-publishes", "nginx-accepts", "ffmpeg-plays", "librtmp-plays", "nginx-serves",
                ].map { "Sessions/\($0).hex" },
            swiftSettings: house),
        .target(
            name: "RedisModel", dependencies: ["Redis", "Reactor", "Telemetry", "Bytes", "TestKit"],
            path: "Tests/RedisModel", swiftSettings: house),
        .testTarget(
            name: "RedisTests",
            dependencies: ["Redis", "RedisModel", "Reactor", "Telemetry", "Bytes", "TestKit", "LoopKit"],
            swiftSettings: house),
        .testTarget(name: "TelemetryTests", dependencies: ["Telemetry", "Bytes", "TestKit"], swiftSettings: house),
        .target(
            name: "RegistryModel", dependencies: ["Registry", "Redis", "Telemetry", "Media", "Bytes", "TestKit"],
            path: "Tests/RegistryModel", swiftSettings: house),
        .testTarget(
            name: "RegistryTests",
            dependencies: [
                "Registry", "RegistryModel", "HTTPTransport", "HTTP", "Reactor", "Telemetry", "Media", "Balancing",
                "Bytes", "TestKit", "LoopKit",
            ], swiftSettings: house),
        .testTarget(
            name: "ServiceTests", dependencies: ["Service", "Reactor", "Bytes", "TestKit", "LoopKit"],
            swiftSettings: house),
        .target(
            name: "ProxyModel", dependencies: ["Proxy", "Registry", "TestKit"], path: "Tests/ProxyModel",
            swiftSettings: house),
        .testTarget(
            name: "ProxyTests",
            dependencies: [
                "Proxy", "ProxyModel", "Service", "Registry", "HTTPTransport", "RTMPTransport", "Reactor", "Telemetry",
                "HTTP",
                "RTMP", "Media", "Bytes", "TestKit", "LoopKit",
            ],
            swiftSettings: house),
        .target(
            name: "OriginModel", dependencies: ["Origin", "Bytes", "TestKit"], path: "Tests/OriginModel",
            swiftSettings: house),
        .testTarget(
            name: "OriginTests",
            dependencies: [
                "Origin", "OriginModel", "Service", "Registry", "HTTPTransport", "RTMPTransport", "HTTP", "Reactor",
                "Telemetry", "RTMP", "Muxing", "Media", "MediaModel", "Bytes", "TestKit", "LoopKit",
            ],
            swiftSettings: house),
        .testTarget(
            name: "EndToEnd", dependencies: ["TestKit"], path: "Tests/EndToEnd",
            exclude: [
                "Browser/chromium.py", "Browser/play.py", "Streaming/Clients", "HTTPStreams/scripted_origin.py",
                "HTTPStreams/websocket_viewer.py", "Aggregation/srs_api.py", "openapi_answer.py",
            ],
            swiftSettings: house),

        // Benchmarks
        .executableTarget(
            name: "bench-relay-tcp", dependencies: ["Reactor", "Bytes"], path: "Benchmarks/relay-tcp",
            swiftSettings: house),
        .executableTarget(
            name: "bench-http", dependencies: ["HTTPTransport", "HTTP", "Reactor", "Bytes"], path: "Benchmarks/http",
            swiftSettings: house),
        .executableTarget(
            name: "bench-tls", dependencies: ["Bytes", "Reactor", "TestKit"], path: "Benchmarks/tls",
            swiftSettings: house),
        .executableTarget(
            name: "bench-udp", dependencies: ["Reactor", "Bytes"], path: "Benchmarks/udp", swiftSettings: house),
        .executableTarget(
            name: "bench-timers", dependencies: ["Reactor", "Bytes", "TestKit"], path: "Benchmarks/timers",
            swiftSettings: house),
        .executableTarget(
            name: "bench-route", dependencies: ["Registry", "Reactor", "Media", "Bytes", "TestKit"],
            path: "Benchmarks/route",
            swiftSettings: house),
        .executableTarget(
            name: "bench-claims", dependencies: ["Registry", "Redis", "Reactor", "Telemetry", "Media", "Bytes"],
            path: "Benchmarks/claims", swiftSettings: house),
    ],
    swiftLanguageModes: [.v6]
)

/// What `./dev fuzz` runs: the folder of each target under Fuzz/, and what it fuzzes.
let fuzzed: KeyValuePairs<String, [Target.Dependency]> = [
    "amf": ["RTMPModel"],
    "bytes": ["BytesModel"],
    "env": ["Proxy", "Bytes"],
    "flv": ["MediaModel"],
    "heartbeat": ["RegistryModel"],
    "http": ["HTTPModel"],
    "json-slices": ["ProxyModel"],
    "path": ["HTTPTransport", "HTTP", "Bytes"],
    "redis-reply": ["RedisModel"],
    "redis-topology": ["RedisModel"],
    "redis-url": ["RedisModel"],
    "rtmp-chunks": ["RTMPModel"],
    "rtmp-handshake": ["RTMPModel"],
    "rtmp-session": ["RTMPModel"],
    "shared-registry": ["RegistryModel"],
    "srs-conf": ["OriginModel"],
]

/// Leaves the targets that are called `names`, and what they stand on: building the rest takes minutes.
@MainActor
func leave(_ names: some Sequence<String>) {
    var kept: Set<String> = []
    var left = Array(names)
    while let name = left.popLast() {
        guard kept.insert(name).inserted, let target = package.targets.first(where: { $0.name == name }) else {
            continue
        }
        for case .byNameItem(let dependency, _) in target.dependencies { left.append(dependency) }
    }
    package.targets.removeAll { !kept.contains($0.name) }
}

if Context.environment["SLUICE_FUZZ"] != nil {
    // They link libFuzzer, which no other build wants.
    package.targets.append(.target(name: "FuzzDriver", path: "Fuzz/FuzzDriver", swiftSettings: house))
    for (name, dependencies) in fuzzed {
        package.targets.append(
            .executableTarget(
                name: "fuzz-\(name)",
                dependencies: dependencies + ["FuzzDriver"],
                path: "Fuzz/\(name)",
                exclude: ["seeds"],
                swiftSettings: house
            )
        )
    }
    leave(fuzzed.map { "fuzz-\($0.key)" })
} else if Context.environment["SLUICE_SANITIZED"] != nil {
    // The sanitizers are for what has memory and threads that the compiler does not check.
    leave(["ReactorTests", "HTTPTransportTests", "RedisTests", "RegistryTests", "ProxyTests", "OriginTests"])
} else if Context.environment["SLUICE_OPTIMIZED"] != nil {
    // The optimizer can break what works without it; here it is tried on what needs no sockets and little time. Tests
    // themselves are not optimized, which would take longer than all else.
    leave(["BytesTests", "BalancingTests", "HTTPTests", "MediaTests", "MuxingTests", "RTMPTests"])
    for target in package.targets where target.type == .test || target.path?.hasPrefix("Tests/") == true {
        target.swiftSettings?.append(.unsafeFlags(["-Onone"]))
    }
}
