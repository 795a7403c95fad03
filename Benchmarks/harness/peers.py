"""The peers from Debian, configured as their own best for what is measured."""

from pathlib import Path

from harness import build
from harness.process import Failed

# 1 KB that needs no quoting anywhere.
BODY = ("sluice-" * 147)[:1024]

_HAPROXY = """\
global
    nbthread 1
    maxconn 4000

defaults
    mode tcp
    timeout connect 5s
    timeout client 1m
    timeout server 1m
{options}
listen relay
    bind 127.0.0.1:{port}
    server origin 127.0.0.1:{upstream}
"""

_NGINX = """\
daemon off;
worker_processes 1;
pid {directory}/nginx.pid;
error_log {directory}/nginx.log crit;

events {{
    use epoll;
    worker_connections {slots};
}}

http {{
    access_log off;
    keepalive_timeout 600s;
    keepalive_requests 1000000000;
    default_type text/plain;
    client_body_temp_path {directory}/body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        location / {{
            return 200 "{body}";
        }}
    }}
}}
"""

# Sends every frame at once, each chunk by a call of its own; `buffer` and `out_cork` hardly change that. A viewer begins
# with a key frame, as ours do.
_NGINX_RTMP = """\
load_module {module};
daemon off;
worker_processes 1;
pid {directory}/nginx.pid;
error_log {directory}/nginx.log crit;

events {{
    use epoll;
    worker_connections {slots};
}}

rtmp {{
    access_log off;
    server {{
        listen 127.0.0.1:{port};
        chunk_size 4096;
        application live {{
            live on;
            wait_key on;
        }}
    }}
}}
"""
_RTMP_MODULE = Path("/usr/lib/nginx/modules/ngx_rtmp_module.so")


def haproxy(directory: Path, port: int, upstream: int, splice: bool = False) -> list[str]:
    """A TCP relay on one thread. Without splice it needs less CPU time for bulk and as much for live streams."""
    configuration = directory / f"haproxy-{port}.cfg"
    options = "    option splice-auto\n" if splice else ""
    configuration.write_text(_HAPROXY.format(options=options, port=port, upstream=upstream))
    return [build.installed("haproxy", "haproxy"), "-db", "-f", str(configuration)]


def nginx(directory: Path, port: int, connections: int) -> list[str]:
    """An HTTP server with one worker that answers from memory, without a log or a file to open.

    Its table has no more slots than it needs: it closes idle connections when less than a sixteenth is free.
    """
    return _nginx(directory, port, _NGINX, slots=connections * 11 // 10 + 64, body=BODY)


def nginx_rtmp(directory: Path, port: int, connections: int) -> list[str]:
    """An RTMP server with one worker for the streams `live/…`."""
    if not _RTMP_MODULE.exists():
        raise Failed("nginx has no RTMP module (Debian package libnginx-mod-rtmp)")
    return _nginx(directory, port, _NGINX_RTMP, slots=connections * 11 // 10 + 64, module=_RTMP_MODULE)


def _nginx(directory: Path, port: int, text: str, **values: object) -> list[str]:
    own = directory / f"nginx-{port}"
    own.mkdir()
    # The worker runs as another user where the master is root.
    own.chmod(0o755)
    configuration = own / "nginx.conf"
    configuration.write_text(text.format(directory=own, port=port, **values))
    program = build.installed("nginx", "nginx-light")
    return [program, "-p", str(own), "-c", str(configuration), "-e", str(own / "nginx.log")]
