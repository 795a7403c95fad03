"""A server of HTTP that agrees to everything and says what it was told: each form that is posted, as text."""

from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qsl

from rtmp import say


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        say("request", texts=dict(parse_qsl(body, keep_blank_values=True)))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Handler)
say("ready", text=str(server.server_port))
server.serve_forever()
