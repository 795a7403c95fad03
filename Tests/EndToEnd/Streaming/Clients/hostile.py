"""What no client of RTMP does: hostile.py URL OFFENCE opening|publishing. Says `sent` with how many bytes, and `closed` when
the server has had enough."""

import os
import sys
import threading

import amf
from rtmp import Client, say
MEGABYTE = 1 << 20


def random(client):
    """No chunks at all."""
    while True:
        yield os.urandom(65536)


def oversized(client):
    """A message of 16 MiB, which nobody is to keep."""
    yield b"\x06" + bytes(3) + b"\xff\xff\xff" + b"\x09" + b"\x01\x00\x00\x00"
    while True:
        yield bytes(65536)


def unfinished(client):
    """Messages that begin, each on a chunk stream of its own, and never end."""
    client.set_chunk_size(4 * MEGABYTE)
    for number in range(6, 64):
        size = 4 * MEGABYTE + 1
        yield bytes([number]) + bytes(3) + size.to_bytes(3, "big") + b"\x09" + b"\x01\x00\x00\x00"
        for _ in range(64):
            yield bytes(65536)


def scattered(client):
    """As many chunk streams as there can be."""
    for number in range(65536):
        yield b"\x01" + number.to_bytes(2, "little") + bytes(3) + b"\x0f\xff\xff\x09\x01\x00\x00\x00" + bytes(128)


def nested(client):
    """A command whose argument has no end of objects in it."""
    client.set_chunk_size(65536)
    body = amf.encode("connect", 1) + b"\x03\x00\x01a" * 15000
    yield b"\x03" + bytes(3) + len(body).to_bytes(3, "big") + b"\x14" + bytes(4) + body


def idle(client):
    """Commands that lead to nothing."""
    for number in range(100_000):
        body = amf.encode("connect" if number == 0 else "call", number + 1, {"app": client.app})
        yield b"\x03" + bytes(3) + len(body).to_bytes(3, "big") + b"\x14" + bytes(4) + body


def main():
    client = Client(sys.argv[1])
    if sys.argv[3] == "publishing":
        client.publish(client.connect())
    else:
        client.handshake()
    # What the server answers is taken, so that it is not this that stops it.
    end = threading.Thread(target=drain, args=(client.socket,), daemon=True)
    end.start()
    total = 0
    try:
        for data in globals()[sys.argv[2]](client):
            # What comes behind the end of the connection is thrown away for a while.
            if not end.is_alive():
                break
            client.socket.sendall(data)
            total += len(data)
    except OSError:
        pass
    say("sent", count=total)
    end.join(20)
    if not end.is_alive():
        say("closed")


def drain(socket):
    try:
        while socket.recv(65536):
            pass
    except OSError:
        pass


main()
