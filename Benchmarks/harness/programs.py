"""Our programs as a benchmark runs them: built for release, on one loop, without anything that it does not need."""

from dataclasses import dataclass

from harness import build
from harness.process import free_port, free_ports


@dataclass(frozen=True)
class Program:
    command: list[str]
    environment: dict[str, str]


def origin(rtmp: int, http: int, connections: int) -> Program:
    """`sluice-origin` that serves RTMP and HTTP-FLV; all else is as users have it, merged writes included."""
    return Program([str(build.swift_program("sluice-origin")), "-e"], {
        "SRS_LOOPS": "1",
        "SRS_LISTEN": str(rtmp),
        "SRS_MAX_CONNECTIONS": str(connections * 11 // 10 + 64),
        "SRS_HTTP_SERVER_ENABLED": "on",
        "SRS_HTTP_SERVER_LISTEN": str(http),
        "SRS_VHOST_HTTP_REMUX_ENABLED": "on",
    })


def proxy(rtmp: int, http: int, origin_rtmp: int, origin_http: int) -> Program:
    """`sluice-proxy` in front of one origin on this machine."""
    others = {name: str(free_port()) for name in (
        "PROXY_HTTP_API", "PROXY_WEBRTC_SERVER", "PROXY_SRT_SERVER", "PROXY_SYSTEM_API")}
    return Program([str(build.swift_program("sluice-proxy"))], {
        "PROXY_LOOPS": "1",
        "PROXY_RTMP_SERVER": str(rtmp),
        "PROXY_HTTP_SERVER": str(http),
        **others,
        "PROXY_DEFAULT_BACKEND_ENABLED": "on",
        "PROXY_DEFAULT_BACKEND_IP": "127.0.0.1",
        "PROXY_DEFAULT_BACKEND_RTMP": str(origin_rtmp),
        "PROXY_DEFAULT_BACKEND_HTTP": str(origin_http),
    })


def fleet(count: int, redis: int) -> list[tuple[int, Program]]:
    """So many `sluice-proxy` that share the registry in the Redis of that port, each with its System API's port."""
    names = ("PROXY_SYSTEM_API", "PROXY_RTMP_SERVER", "PROXY_HTTP_SERVER", "PROXY_HTTP_API", "PROXY_WEBRTC_SERVER",
             "PROXY_SRT_SERVER")
    program, ports = str(build.swift_program("sluice-proxy")), iter(free_ports(count * len(names)))
    proxies = []
    for _ in range(count):
        own = {name: next(ports) for name in names}
        proxies.append((own["PROXY_SYSTEM_API"], Program([program], {
            "PROXY_LOOPS": "1",
            **{name: str(port) for name, port in own.items()},
            "PROXY_LOAD_BALANCER_TYPE": "redis",
            "PROXY_REDIS_URL": f"redis://127.0.0.1:{redis}",
        })))
    return proxies
