"""The least of a streaming server: takes RTMP publishers, and hands their messages to players by RTMP and HTTP-FLV.

It shares no code with the load, and spoils messages on the way as a test wants it.
"""

import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from tests.faults import Faulty

CONTROL, COMMAND, DATA, AUDIO, VIDEO = 2, 20, 18, 8, 9
CHUNK_SIZE = 1000


@dataclass(frozen=True)
class Message:
    kind: int
    timestamp: int
    body: bytes


Fault = Callable[[Message], list[Message] | None]


class TinyOrigin(Faulty):
    """`fault` turns each message of media into those that the players get; None closes their connections.

    Streams are told apart by name. FLV is sent in chunks of HTTP where `chunked` says so.
    """

    def __init__(self, rtmp: int, http: int, fault: Fault = lambda message: [message], chunked: bool = True) -> None:
        super().__init__()
        self.fault, self.chunked = fault, chunked
        self.players: dict[str, list[Callable[[list[Message] | None], None]]] = {}
        self.headers: dict[str, list[Message]] = {}
        self.lock = threading.Lock()
        for port, serve in ((rtmp, self._serve_rtmp), (http, self._serve_http)):
            self.start(self._accept, self.own(socket.create_server(("127.0.0.1", port), backlog=512)), serve)

    def _accept(self, listener: socket.socket, serve: Callable[[socket.socket], None]) -> None:
        while True:
            client = self.own(listener.accept()[0])
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.start(serve, client)

    # One stream

    def _published(self, name: str, message: Message) -> None:
        is_header = message.kind == DATA or message.body[1] == 0
        with self.lock:
            if is_header:
                self.headers.setdefault(name, []).append(message)
            for play in self.players.get(name, []):
                play(self.fault(message))

    def _joined(
            self, name: str, play: Callable[[list[Message] | None], None], answer: Callable[[], None]) -> None:
        """Who has heard the `answer` gets everything from there on."""
        with self.lock:
            answer()
            for message in self.headers.get(name, []):
                play(self.fault(message))
            self.players.setdefault(name, []).append(play)

    # HTTP

    def _serve_http(self, client: socket.socket) -> None:
        path = client.recv(65536).split(b" ")[1].decode()
        name = path.removeprefix("/live/").removesuffix(".flv")
        coding = b"Transfer-Encoding: chunked\r\n" if self.chunked else b""

        def send(data: bytes) -> None:
            client.sendall(b"%x\r\n%s\r\n" % (len(data), data) if self.chunked else data)

        def play(messages: list[Message] | None) -> None:
            if messages is None:
                client.shutdown(socket.SHUT_RDWR)
            for message in messages or []:
                send(_flv_tag(message))

        def answer() -> None:
            client.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: video/x-flv\r\n" + coding + b"\r\n")
            send(b"FLV\x01\x05\x00\x00\x00\x09\x00\x00\x00\x00")

        self._joined(name, _until_closed(play), answer)

    # RTMP

    def _serve_rtmp(self, client: socket.socket) -> None:
        stream = client.makefile("rb")
        hello = stream.read(1537)
        client.sendall(b"\x03" + bytes(1536) + hello[1:])
        stream.read(1536)
        name = ""
        client.sendall(_chunks(CONTROL, Message(1, 0, struct.pack(">I", CHUNK_SIZE)), 128))
        for message in _messages(stream):
            if message.kind == COMMAND:
                name = self._obey(client, message.body, name)
            elif message.kind in (AUDIO, VIDEO):
                self._published(name, message)
            elif message.kind == DATA:
                self._published(name, replace(message, body=message.body.removeprefix(_text("@setDataFrame"))))

    def _obey(self, client: socket.socket, body: bytes, name: str) -> str:
        """Answers a command, and returns the name of the stream."""
        length = struct.unpack_from(">H", body, 1)[0]
        command, number, rest = body[3:3 + length].decode(), body[3 + length:12 + length], body[12 + length:]
        if command in ("publish", "play"):
            name = rest[4:4 + struct.unpack_from(">H", rest, 2)[0]].decode()
            code = "NetStream.Publish.Start" if command == "publish" else "NetStream.Play.Start"
            fields = b"\x00\x05level" + _text("status") + b"\x00\x04code" + _text(code) + b"\x00\x00\x09"
            status = _chunks(3, Message(COMMAND, 0, _text("onStatus") + bytes(9) + b"\x05\x03" + fields))
            if command == "play":
                play = _until_closed(lambda messages: _play_rtmp(client, messages))
                self._joined(name, play, lambda: client.sendall(status))
            else:
                client.sendall(status)
        elif command in ("connect", "createStream"):
            answer = _text("_result") + number + b"\x05" + b"\x00" + struct.pack(">d", 1)
            client.sendall(_chunks(3, Message(COMMAND, 0, answer)))
        return name


def _until_closed(play: Callable[[list[Message] | None], None]) -> Callable[[list[Message] | None], None]:
    def quiet(messages: list[Message] | None) -> None:
        try:
            play(messages)
        except OSError:
            return
    return quiet


def _play_rtmp(client: socket.socket, messages: list[Message] | None) -> None:
    if messages is None:
        client.shutdown(socket.SHUT_RDWR)
    for message in messages or []:
        # Chunk streams with two and three bytes for their numbers.
        client.sendall(_chunks({AUDIO: 70, VIDEO: 700}.get(message.kind, 5), message))


def _text(text: str) -> bytes:
    return b"\x02" + struct.pack(">H", len(text)) + text.encode()


def _flv_tag(message: Message) -> bytes:
    size, time = len(message.body).to_bytes(3, "big"), message.timestamp.to_bytes(4, "big")
    tag = bytes([message.kind]) + size + time[1:] + time[:1] + bytes(3) + message.body
    return tag + struct.pack(">I", len(tag))


def _chunks(chunk_stream: int, message: Message, size: int = CHUNK_SIZE) -> bytes:
    """One message, every time with a whole header; timestamps that need it are extended."""
    if chunk_stream < 64:
        basic = bytes([chunk_stream])
    elif chunk_stream < 320:
        basic = bytes([0, chunk_stream - 64])
    else:
        basic = bytes([1]) + (chunk_stream - 64).to_bytes(2, "little")
    extended = message.timestamp.to_bytes(4, "big") if message.timestamp >= 0xFFFFFF else b""
    time = b"\xff\xff\xff" if extended else message.timestamp.to_bytes(3, "big")
    out = basic + time + len(message.body).to_bytes(3, "big") + bytes([message.kind, 1, 0, 0, 0]) + extended
    out += message.body[:size]
    for at in range(size, len(message.body), size):
        out += bytes([basic[0] | 0xC0]) + basic[1:] + extended + message.body[at:at + size]
    return out


def _messages(stream):
    """The messages of a publisher like the load: one byte for chunk streams, no extended timestamps."""
    size, states, parts = 128, {}, {}
    while first := stream.read(1):
        kind, chunk_stream = first[0] >> 6, first[0] & 63
        fields = stream.read((11, 7, 3, 0)[kind])
        if kind < 2:
            delta, length = int.from_bytes(fields[:3], "big"), int.from_bytes(fields[3:6], "big")
            time = delta if kind == 0 else states[chunk_stream].timestamp + delta
            states[chunk_stream], parts[chunk_stream] = Message(fields[6], time, b""), length
        message, left = states[chunk_stream], parts[chunk_stream]
        piece = stream.read(min(size, left))
        states[chunk_stream], parts[chunk_stream] = replace(message, body=message.body + piece), left - len(piece)
        if parts[chunk_stream]:
            continue
        if states[chunk_stream].kind == 1:
            size = struct.unpack(">I", states[chunk_stream].body)[0]
        yield states[chunk_stream]
        states[chunk_stream] = replace(message, body=b"")
