"""Receives a stream as a WebSocket by python3-websockets, and prints its length, its hash and how it ended; with a
second argument it goes after so many bytes."""

import asyncio
import hashlib
import sys

import websockets


async def view(url, enough):
    digest, count = hashlib.sha256(), 0
    try:
        async with websockets.connect(url, max_size=None, ping_interval=None) as socket:
            async for message in socket:
                assert isinstance(message, bytes)
                digest.update(message)
                count += len(message)
                if enough and count >= enough:
                    break
            code = None if enough and count >= enough else socket.close_code
        print(count, digest.hexdigest(), code)
    except websockets.exceptions.ConnectionClosed as error:
        print(count, digest.hexdigest(), error.code)
    except websockets.exceptions.InvalidStatusCode as error:
        print("refused", error.status_code)


asyncio.run(view(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 0))
