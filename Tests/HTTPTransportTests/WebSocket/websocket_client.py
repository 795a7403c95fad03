"""A WebSocket client that knows nothing of ours: drives the echo at the URL in argv[1] and asserts what comes back.

argv[2], where given, is the file of the authority to trust.
"""

import asyncio
import ssl
import sys

import websockets
from websockets.exceptions import ConnectionClosed, ConnectionClosedError, ConnectionClosedOK


async def echoes(socket):
    for message in ("hello", "", "grüße 🎬", b"", b"\x00\xff", "x" * 125, "x" * 126, "x" * 65535, b"y" * 65536):
        await socket.send(message)
        assert await socket.recv() == message, message[:20]
    megabyte = bytes(range(256)) * 4096
    for _ in range(3):
        await socket.send(megabyte)
        assert await socket.recv() == megabyte


async def fragments(socket):
    await socket.send(["one ", "two ", "", "three"])
    assert await socket.recv() == "one two three"
    pieces = [bytes([number]) * 1000 for number in range(200)]
    await socket.send(pieces)
    assert await socket.recv() == b"".join(pieces)


async def pings(socket):
    for payload in (b"", b"payload", b"p" * 125):
        await asyncio.wait_for(await socket.ping(payload), 10)


async def stream(socket):
    await socket.send("stream 50")
    for _ in range(50):
        assert len(await socket.recv()) == 100_000


async def closes(connect):
    """Each side closes first, with and without a reason."""
    async with connect() as socket:
        await socket.close(4001, "bye")
        assert socket.close_code == 4001
    async with connect() as socket:
        await socket.close()
        assert socket.close_code == 1000
    async with connect() as socket:
        await socket.send("close 4321 enough")
        try:
            await socket.recv()
            raise AssertionError("a message after close")
        except ConnectionClosed as closed:
            assert (closed.rcvd.code, closed.rcvd.reason) == (4321, "enough"), closed
    async with connect() as socket:
        await socket.send("close 1000 fine")
        try:
            await socket.recv()
            raise AssertionError("a message after close")
        except ConnectionClosedOK:
            pass


async def too_large(connect):
    async with connect() as socket:
        try:
            await socket.send(b"z" * (1 << 21))
            await socket.recv()
            raise AssertionError("more than the bound was taken")
        except ConnectionClosedError as closed:
            assert closed.rcvd and closed.rcvd.code == 1009, closed


async def main(url, authority):
    context = ssl.create_default_context(cafile=authority) if authority else None

    def connect():
        return websockets.connect(
            url, ssl=context, subprotocols=["good", "best"], max_size=None, open_timeout=20, ping_interval=None
        )

    async with connect() as socket:
        assert socket.subprotocol == "best", socket.subprotocol
        for step in (echoes, fragments, pings, stream):
            await asyncio.wait_for(step(socket), 60)
    await asyncio.wait_for(closes(connect), 30)
    await asyncio.wait_for(too_large(connect), 30)
    print("all as it should be")


asyncio.run(main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None))
