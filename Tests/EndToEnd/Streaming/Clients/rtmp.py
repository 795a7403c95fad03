"""A client of RTMP that knows nothing of ours: one connection, blocking, in the order that a test wants."""

import os
import socket
import ssl
import struct
import sys
import json
import time
from urllib.parse import urlsplit

import amf

BEGAN = time.monotonic()


def say(event, **fields):
    """A line for the test."""
    line = {"event": event, "ms": int((time.monotonic() - BEGAN) * 1000), **fields}
    print(json.dumps(line), flush=True)


class Closed(Exception):
    """The server has ended the connection."""


class Refused(Exception):
    """The server has answered with an error."""


class Client:
    def __init__(self, url, chunk_size=4096, receive_buffer=None, timeout=20):
        parts = urlsplit(url)
        path, _, self.name = url.split("://", 1)[1].partition("/")[2].rpartition("/")
        self.app = path
        self.tc_url = url[: len(url) - len(self.name) - 1]
        self.chunk_size = chunk_size
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(timeout)
        self.socket.connect((parts.hostname, parts.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if parts.scheme == "rtmps":
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            self.socket = context.wrap_socket(self.socket)
        self._input = bytearray()
        self._inbound = {}
        self._inbound_chunk = 128
        self._outbound = {}
        self._outbound_chunk = 128
        self._transaction = 0

    # Bytes

    def _read(self, count):
        while len(self._input) < count:
            data = self.socket.recv(65536)
            if not data:
                raise Closed()
            self._input += data
        taken = bytes(self._input[:count])
        del self._input[:count]
        return taken

    def handshake(self):
        first = bytes(8) + os.urandom(1528)
        self.socket.sendall(b"\x03" + first)
        assert self._read(1) == b"\x03"
        second = self._read(1536)
        self._read(1536)
        self.socket.sendall(second)

    # Messages

    def send(self, chunk_stream, kind, stream, when, payload):
        """A message in chunks; its header as small as it can be."""
        before = self._outbound.get(chunk_stream)
        if before and before[0] == stream and when >= before[1]:
            form, field = 1, when - before[1]
        else:
            form, field = 0, when
        self._outbound[chunk_stream] = (stream, when)
        extended = struct.pack(">I", field) if field >= 0xFFFFFF else b""
        head = min(field, 0xFFFFFF).to_bytes(3, "big") + len(payload).to_bytes(3, "big") + bytes([kind])
        if form == 0:
            head += struct.pack("<I", stream)
        size = self._outbound_chunk
        output = self._basic(form, chunk_stream) + head + extended + payload[:size]
        for place in range(size, len(payload), size):
            output += self._basic(3, chunk_stream) + extended + payload[place : place + size]
        self.socket.sendall(output)

    @staticmethod
    def _basic(form, chunk_stream):
        if chunk_stream < 64:
            return bytes([form << 6 | chunk_stream])
        if chunk_stream < 320:
            return bytes([form << 6, chunk_stream - 64])
        return bytes([form << 6 | 1, chunk_stream - 64 & 0xFF, chunk_stream - 64 >> 8])

    def set_chunk_size(self, size):
        self.send(2, 1, 0, 0, struct.pack(">I", size))
        self._outbound_chunk = size

    def receive(self):
        """The next message that is not about chunks: kind, time and payload."""
        while True:
            message = self._chunk()
            if message is None:
                continue
            kind, when, payload = message
            if kind == 1:
                (self._inbound_chunk,) = struct.unpack(">I", payload)
            elif kind == 4 and payload[:2] == b"\x00\x06":
                self.send(2, 4, 0, 0, b"\x00\x07" + payload[2:])
            elif kind not in (3, 5, 6):
                return message

    def _chunk(self):
        """Reads a chunk; the message that it completes."""
        first = self._read(1)[0]
        form, number = first >> 6, first & 63
        if number == 0:
            number = 64 + self._read(1)[0]
        elif number == 1:
            number = 64 + int.from_bytes(self._read(2), "little")
        state = self._inbound.setdefault(number, {"time": 0, "parts": b"", "extended": False})
        if form < 3:
            head = self._read((11, 7, 3)[form])
            field = int.from_bytes(head[:3], "big")
            if form < 2:
                state["size"], state["kind"] = int.from_bytes(head[3:6], "big"), head[6]
            state["extended"] = field == 0xFFFFFF
            if state["extended"]:
                field = int.from_bytes(self._read(4), "big")
            state["field"], state["absolute"] = field, form == 0
        elif state["extended"]:
            self._read(4)
        if not state["parts"]:
            base = 0 if state["absolute"] and form == 0 else state["time"]
            state["time"] = base + state["field"] & 0xFFFFFFFF
        wanted = min(self._inbound_chunk, state["size"] - len(state["parts"]))
        state["parts"] += self._read(wanted)
        if len(state["parts"]) < state["size"]:
            return None
        payload, state["parts"] = state["parts"], b""
        return state["kind"], state["time"], payload

    # Commands

    def command(self, name, *arguments, stream=0):
        self._transaction += 1
        self.send(3, 20, stream, 0, amf.encode(name, self._transaction, *arguments))
        return self._transaction

    def answer(self, transaction):
        """Waits for the answer; what else comes meanwhile is dropped."""
        while True:
            kind, _, payload = self.receive()
            if kind != 20:
                continue
            values = amf.decode(payload)
            if values[0] in ("_result", "_error") and values[1] == transaction:
                if values[0] == "_error":
                    self.told(values)
                    raise Refused(values[3])
                return values

    @staticmethod
    def told(values):
        information = values[3] if len(values) > 3 and isinstance(values[3], dict) else {}
        say("status", code=information.get("code", ""), text=information.get("description", ""))
        return information

    def connect(self, **more):
        """Up to a message stream, whose number it returns."""
        self.handshake()
        arguments = {"app": self.app, "type": "nonprivate", "flashVer": "FMLE/3.0", "tcUrl": self.tc_url, **more}
        self.answer(self.command("connect", arguments))
        self.set_chunk_size(self.chunk_size)
        return int(self.answer(self.command("createStream", None))[3])

    def status(self):
        """Waits for `onStatus`."""
        while True:
            kind, _, payload = self.receive()
            if kind == 20:
                values = amf.decode(payload)
                if values[0] == "onStatus":
                    information = self.told(values)
                    if information.get("level") == "error":
                        raise Refused(information)
                    return information

    def publish(self, stream):
        self.command("releaseStream", None, self.name)
        self.command("FCPublish", None, self.name)
        self.command("publish", None, self.name, "live", stream=stream)
        return self.status()

    def play(self, stream):
        self.command("play", None, self.name, -2000, stream=stream)


def guarded(main):
    """Runs a script; the ends that a test looks for are said, and are no failures."""
    try:
        main()
    except Refused:
        sys.exit(3)
    except (Closed, ConnectionError, ssl.SSLError) as ending:
        say("closed", how=type(ending).__name__)
