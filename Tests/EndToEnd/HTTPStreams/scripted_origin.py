"""An origin of streams over HTTP with nothing of ours in it, which does what the name of the stream says, or, with an
argument, always the same. It tells on standard output what happens to it, and ends with its standard input."""

import hashlib
import random
import select
import socket
import sys
import threading

ALWAYS = sys.argv[1] if len(sys.argv) > 1 else None
SIZE = 3_000_000


def tell(*words):
    sys.stdout.write(" ".join(str(word) for word in words) + "\n")
    sys.stdout.flush()


def body(size=SIZE):
    return random.Random(7).randbytes(size)


def chunks(data, seed=3):
    draw = random.Random(seed)
    while data:
        size = draw.choice([1, 7, 188, 1400, 9000, 40_000])
        part, data = data[:size], data[size:]
        yield b"%x\r\n%s\r\n" % (len(part), part)
    yield b"0\r\n\r\n"


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: video/x-flv\r\nX-Origin: scripted\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n"


def status(code, text, fields=""):
    return (f"HTTP/1.1 {code} X\r\nContent-Type: text/plain\r\nContent-Length: {len(text)}\r\n{fields}\r\n{text}").encode()


def serve(peer, name, head):
    if name == "chunked":
        peer.sendall(HEAD + b"Transfer-Encoding: chunked\r\nConnection: X-Hop\r\nX-Hop: 1\r\n\r\n")
        peer.sendall(b"".join(chunks(body())))
    elif name == "length":
        peer.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % SIZE + body())
    elif name == "close":
        peer.sendall(b"HTTP/1.0 200 OK\r\nContent-Type: video/x-flv\r\n\r\n" + body())
    elif name == "echo":
        peer.sendall(b"HTTP/1.1 206 Y\r\nContent-Type: text/plain\r\nContent-Range: bytes 0-3/9\r\n"
                     b"Content-Length: %d\r\n\r\n" % len(head) + head)
    elif name == "trickle":
        for byte in HEAD + b"Content-Length: 5\r\n\r\nhello":
            peer.sendall(bytes([byte]))
            if select.select([peer], [], [], 0.002)[0]:
                return
    elif name in ("404", "500", "503", "401"):
        peer.sendall(status(int(name), f"says {name}"))
    elif name == "302":
        peer.sendall(status(302, "over there", "Location: http://elsewhere.test/live/x.flv\r\n"))
    elif name == "nonsense":
        peer.sendall(b"RTSP/1.0 200 OK\r\n\r\n")
    elif name == "silent":
        peer.recv(1)
        tell("gone", name)
    elif name == "closes":
        return
    elif name == "cut":
        peer.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n10000\r\n" + body(1000))
    elif name == "reset":
        peer.sendall(HEAD + b"Content-Length: 1000000\r\n\r\n" + body(1000))
        # With bytes unread, a close is a reset.
        select.select([peer], [], [], 0.2)
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    elif name == "endless":
        peer.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n4\r\nFLV\1\r\n")
        peer.recv(1)
        tell("gone", name)
    elif name == "flood":
        flood(peer)
    return


def flood(peer):
    """Sends without an end; tells how much went out when nothing has been taken for a second."""
    peer.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    peer.setblocking(False)
    piece, sent = b"10000\r\n" + bytes(0x10000) + b"\r\n", 0
    rest = b""
    while True:
        rest = rest or piece
        if not select.select([], [peer], [], 1)[1]:
            tell("blocked", sent)
            select.select([], [peer], [])
        try:
            count = peer.send(rest)
        except OSError:
            return tell("gone", "flood")
        rest, sent = rest[count:], sent + count


def answer(peer):
    with peer:
        data = b""
        while b"\r\n\r\n" not in data:
            more = peer.recv(65536)
            if not more:
                return
            data += more
        line = data.split(b"\r\n", 1)[0].decode()
        name = line.split(" ")[1].split("?")[0].rsplit("/", 1)[-1].split(".")[0].split("-")[0]
        tell("asked", line.split(" ")[1])
        try:
            serve(peer, ALWAYS or name, data)
        except OSError:
            tell("gone", name)


listener = socket.create_server(("127.0.0.1", 0), backlog=64)
tell("port", listener.getsockname()[1])
tell("sha256", hashlib.sha256(body()).hexdigest())


def accept():
    while True:
        peer, _ = listener.accept()
        threading.Thread(target=answer, args=(peer,), daemon=True).start()


threading.Thread(target=accept, daemon=True).start()
sys.stdin.read()
