"""An echo that knows nothing of ours: prints its port, serves one connection after the other until its input ends."""

import asyncio
import sys

import websockets


async def echo(socket):
    while (message := await socket.recv()) != "close":
        await socket.send(message)
    await socket.close(4002, "as you wish")


async def main():
    async with websockets.serve(echo, "127.0.0.1", 0, max_size=None, ping_interval=None) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


asyncio.run(main())
