"""The HTTP API of an origin that answers as SRS does, with nothing of ours in it. It has 120 clients and two streams, tells
its port and then every request on standard output, and ends with its standard input."""

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

CLIENTS = {f"c{i:07d}": {"id": f"c{i:07d}", "vhost": "vid-0000001", "stream": "vid-s000001", "ip": "10.1.2.3",
                         "type": "rtmp-play", "publish": False, "alive": 1.25, "extension": {"a": [1, "\u00e9"]}}
           for i in range(120)}
STREAMS = {f"vid-s00000{i}": {"id": f"vid-s00000{i}", "name": f"srs{i}", "vhost": "vid-0000001", "app": "live",
                              "publish": {"active": True, "cid": "c0000000"}, "future": 18446744073709551615}
           for i in (1, 2)}
VHOSTS = {"vid-0000001": {"id": "vid-0000001", "name": "__defaultVhost__", "enabled": True}}
LISTS = {"clients": (CLIENTS, "client", 2049), "streams": (STREAMS, "stream", 2048), "vhosts": (VHOSTS, "vhost", 2014)}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def say(self, members):
        body = json.dumps({"code": 0, "server": "vid-srs", "service": "x", "pid": "1"} | members).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def answer(self):
        print("asked", self.command, self.path, flush=True)
        url = urlsplit(self.path)
        parts = url.path.split("/")[3:]
        if parts[0] == "summaries":
            return self.say({"data": {"ok": True, "now_ms": 5, "self": {"pid": 1}}})
        entries, name, unknown = LISTS[parts[0]]
        if len(parts) > 1 and parts[1]:
            entry = entries.get(parts[1])
            if entry is None:
                return self.say({"code": unknown})
            if self.command == "DELETE":
                del entries[parts[1]]
                return self.say({})
            return self.say({name: entry})
        query = parse_qs(url.query)
        start, count = int(query.get("start", ["0"])[0]), int(query.get("count", ["10"])[0])
        self.say({parts[0]: list(entries.values())[start:start + count]})

    do_GET = answer
    do_DELETE = answer

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print("port", server.server_port, flush=True)
sys.stdin.read()
