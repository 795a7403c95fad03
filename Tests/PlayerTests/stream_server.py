"""A server of the built-in page and of live FLV, by chunked HTTP and by WebSocket, as an origin has them."""

import base64
import hashlib
import http.server
import os
import struct
import sys
import threading
import time
import urllib.parse

import flv

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
PAGES = os.path.join(ROOT, "Sources", "Proxy", "Pages")
MODULES = os.path.join(ROOT, "Tests", "PlayerTests", "modules")
TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
WEBSOCKET_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class LiveStream:
    """Tags that every viewer gets from the first one on, at the pace of their times.

    `interrupt` ends all connections; until `resume`, the stream is not there.
    """

    def __init__(self, tags, burst=1.0):
        self.tags = tags
        self.burst = burst
        self.is_missing = False
        self.interruptions = 0
        self.requests = []
        self.changed = threading.Condition()

    def interrupt(self):
        with self.changed:
            self.is_missing = True
            self.interruptions += 1
            self.changed.notify_all()

    def resume(self, tags=None):
        with self.changed:
            self.tags = tags if tags is not None else self.tags
            self.is_missing = False

    def pieces(self):
        """The bytes for one viewer, each piece when it is due; ends with the tags, or when interrupted."""
        begin, interruptions = time.monotonic(), self.interruptions
        elapsed, last = 0, None
        yield flv.HEADER
        for tag in self.tags:
            if not tag.is_configuration:
                # By steps: what a restarted clock says is a step of nothing.
                step = (tag.timestamp - last + 2**31) % 2**32 - 2**31 if last is not None else 0
                elapsed += step / 1000 if 0 <= step < 5000 else 0
                last = tag.timestamp
            due = begin + elapsed - self.burst
            with self.changed:
                if self.changed.wait_for(lambda: self.interruptions != interruptions, max(0, due - time.monotonic())):
                    return
            yield tag.bytes


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        path = urllib.parse.urlsplit(self.path).path
        if stream := self.server.streams.get(path):
            stream.requests.append(self.headers.get("Upgrade", "http").lower())
            # What a WebSocket client says at its end is no request.
            self.close_connection = True
        try:
            if path in self.server.files:
                self.answer(200, "application/octet-stream", self.server.files[path])
            elif stream is None or stream.is_missing:
                self.page(path)
            elif "Upgrade" in self.headers:
                self.websocket(stream)
            else:
                self.chunked(stream)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def answer(self, status, kind, body):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def page(self, path):
        known = {"/readyz": b'{"code":0,"status":"ready"}', "/api/v1/versions": b'{"data":{"version":"1.2.3"}}'}
        if path in known:
            return self.answer(200, "application/json", known[path])
        folder, name = (MODULES, path[6:]) if path.startswith("/test/") else (PAGES, path[1:] or "index.html")
        file = os.path.join(folder, name)
        if ".." in path or not os.path.isfile(file):
            return self.answer(404, "application/json", b'{"code":404}')
        with open(file, "rb") as opened:
            self.answer(200, TYPES[os.path.splitext(file)[1]], opened.read())

    def chunked(self, stream):
        self.send_response(200)
        self.send_header("Content-Type", "video/x-flv")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in stream.pieces():
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        # An origin that is interrupted breaks off, and one that ends says so.
        if not stream.is_missing:
            self.wfile.write(b"0\r\n\r\n")

    def websocket(self, stream):
        key = self.headers["Sec-WebSocket-Key"].encode()
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header(
            "Sec-WebSocket-Accept", base64.b64encode(hashlib.sha1(key + WEBSOCKET_GUID).digest()).decode())
        self.end_headers()
        for piece in stream.pieces():
            self.wfile.write(websocket_frame(0x82, piece))
        if not stream.is_missing:
            self.wfile.write(websocket_frame(0x88, struct.pack(">H", 1000)))


def websocket_frame(first, payload):
    size = len(payload)
    if size < 126:
        return bytes([first, size]) + payload
    if size < 65536:
        return struct.pack(">BBH", first, 126, size) + payload
    return struct.pack(">BBQ", first, 127, size) + payload


class StreamServer(http.server.ThreadingHTTPServer):
    """On a free port of this machine; `streams` and `files` are by path."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.streams = {}
        self.files = {}
        self.thread = threading.Thread(target=self.serve_forever, daemon=True)
        self.thread.start()

    def handle_error(self, request, client_address):
        # Browsers reset connections that they no longer want.
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/"

    def close(self):
        for stream in self.streams.values():
            stream.interrupt()
        self.shutdown()
        self.server_close()
        self.thread.join()
