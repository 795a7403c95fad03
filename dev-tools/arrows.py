"""Which target may import which: the arrows of ARCHITECTURE.md, for lint to check."""

# Sans-IO: values in, values out. They see no system module at all and not each other.
CORES = {"Bytes", "Media", "HTTP", "RTMP", "SRTWire", "RTC", "Muxing", "Balancing"}

SHARED_LIBRARIES = {"CLinux", "COpenSSL", "CZlib", "CHiredis", "CCurl"}
ORIGIN_LIBRARIES = {"CSRT", "CSRTP", "CAV"}

TRANSPORTS = CORES | {"Telemetry", "Reactor", "HTTPTransport", "RTMPTransport", "Redis"}
SERVICES = TRANSPORTS | {"Registry", "Service"}

# Modules of the toolchain that are not targets of ours. Foundation itself is nobody's; Essentials is for control
# flow, far from any packet.
SYSTEM = {"Glibc", "Synchronization"}
ESSENTIALS = SYSTEM | {"FoundationEssentials"}

# Target of Sources/ to everything that it may import.
MAY_IMPORT = {
    "Bytes": set(),
    "Media": {"Bytes"},
    **{core: {"Bytes", "Media"} for core in CORES - {"Bytes", "Media"}},
    "Telemetry": {"Bytes", "CLinux"} | SYSTEM,
    "Reactor": {"Bytes", "Telemetry", "CLinux", "COpenSSL"} | SYSTEM,
    "HTTPTransport": {"Bytes", "HTTP", "Telemetry", "Reactor", "CLinux", "COpenSSL", "CZlib"} | SYSTEM,
    "Service": {"Bytes", "HTTP", "Telemetry", "Reactor", "HTTPTransport"} | SYSTEM,
    "Redis": {"Bytes", "Telemetry", "Reactor", "CHiredis"} | SYSTEM,
    "RTMPTransport": {"Bytes", "Media", "RTMP", "Telemetry", "Reactor"} | SYSTEM,
    "Registry": TRANSPORTS | {"CLinux"} | ESSENTIALS,
    "Proxy": SERVICES | SHARED_LIBRARIES | ESSENTIALS,
    "Origin": SERVICES | SHARED_LIBRARIES | ORIGIN_LIBRARIES | ESSENTIALS,
    "sluice-proxy": SERVICES | {"Proxy"} | ESSENTIALS,
    "sluice-origin": SERVICES | {"Origin"} | ESSENTIALS,
    # C targets: wrappers and shims that import no module.
    **{library: set() for library in SHARED_LIBRARIES | ORIGIN_LIBRARIES},
}
