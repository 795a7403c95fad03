#!/usr/bin/env python3
"""A registry of plain keys, as programs keep one without scripts: what `bench registry-scale` has beside ours.

usage: registry-peer.py PORT PROXIES ORIGINS INTERVAL CLAIMS CHANGES

Every beat is one SET with an expiry, and every proxy reads all origins with MGET once a second. A claim is a key with an
expiry: its holder sets it again every ten seconds, in parts of 256 that go out together; so many a second are given up
(DEL) and taken (SET NX). Nobody is told of them. Says `ready` when all is there; `go SECONDS` has it count for so long
and say `done`.
"""

import asyncio
import json
import random
import sys
import time

ALIVE, LEASE = 300, 30
PART, PAUSE = 256, 0.005


def command(*words: object) -> bytes:
    texts = [str(word).encode() for word in words]
    return b"*%d\r\n" % len(texts) + b"".join(b"$%d\r\n%s\r\n" % (len(text), text) for text in texts)


def origin(index: int) -> str:
    return f"registry:origin:vid-{1_000_000 + index}"


def claim(index: int) -> str:
    return f"registry:claim:__defaultVhost__/live/stream-of-somebody-{index}"


def value(index: int) -> str:
    """What the others have to know of an origin, as ours tells it."""
    return json.dumps({
        "device_id": f"origin-{index}", "ip": f"10.{index >> 16 & 255}.{index >> 8 & 255}.{index & 255}",
        "server": f"vid-{1_000_000 + index}", "service": "12345678", "pid": "1",
        "summaries": {"data": {"system": {"conn_srs": random.randrange(1_000), "cpu_percent": random.random()}}},
        "rtmp": ["1935"], "http": ["8080"], "api": ["1985"], "srt": ["udp://0.0.0.0:10080"],
        "rtc": ["udp://0.0.0.0:8000", "tcp://0.0.0.0:8000"], "update_at": time.time()}, separators=(",", ":"))


class Link:
    """One connection; commands that go out together are answered in their order."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.lock = asyncio.Lock()

    async def send(self, commands: list[bytes]) -> list[object]:
        async with self.lock:
            self.writer.write(b"".join(commands))
            return [await self._reply() for _ in commands]

    async def _reply(self) -> object:
        line = await self.reader.readuntil(b"\r\n")
        kind, text = line[:1], line[1:-2]
        if kind == b"-":
            raise SystemExit(f"failed: Redis says {text.decode()}")
        if kind == b"*":
            return [await self._reply() for _ in range(int(text))]
        if kind == b"$":
            return None if text == b"-1" else (await self.reader.readexactly(int(text) + 2))[:-2]
        return text


class Peer:
    def __init__(self, links: list[Link], origins: int, interval: float, claims: int, changes: float) -> None:
        self.links, self.origins, self.interval, self.changes = links, origins, interval, changes
        self.held = [list(range(number, claims, len(links))) for number in range(len(links))]
        self.next = claims
        self.clear()

    def clear(self) -> None:
        self.beats = self.reads = self.missing = self.renewals = 0

    async def beat(self, index: int) -> None:
        await random.choice(self.links).send([command("SET", origin(index), value(index), "EX", ALIVE)])
        self.beats += 1

    async def beats_of(self, index: int) -> None:
        due = time.monotonic() + random.uniform(0, self.interval)
        while True:
            await asyncio.sleep(max(0, due - time.monotonic()))
            due += self.interval
            await self.beat(index)

    async def reads_of(self, link: Link) -> None:
        await asyncio.sleep(random.random())
        everything = command("MGET", *(origin(index) for index in range(self.origins)))
        due = time.monotonic()
        while True:
            (values,) = await link.send([everything])
            self.reads += 1
            self.missing += sum(value is None for value in values)
            due += 1
            await asyncio.sleep(max(0, due - time.monotonic()))

    async def renew(self, link: Link, held: list[int]) -> None:
        for start in range(0, len(held), PART):
            part = held[start:start + PART]
            await link.send([
                command("SET", claim(index), f"{index} vid-{1_000_000 + index % self.origins}", "EX", LEASE)
                for index in part])
            self.renewals += len(part)
            await asyncio.sleep(PAUSE)

    async def renewals_of(self, link: Link, held: list[int]) -> None:
        due = time.monotonic() + random.uniform(0, LEASE / 3)
        while True:
            await asyncio.sleep(max(0, due - time.monotonic()))
            due += LEASE / 3
            await self.renew(link, list(held))

    async def change(self) -> None:
        while True:
            await asyncio.sleep(1 / self.changes)
            number = self.next % len(self.links)
            link, held = self.links[number], self.held[number]
            await link.send([
                command("DEL", claim(held.pop(0))),
                command("SET", claim(self.next), f"{self.next} somebody", "NX", "EX", LEASE)])
            held.append(self.next)
            self.next += 1

    async def run(self) -> None:
        for index in range(self.origins):
            await self.beat(index)
        for link, held in zip(self.links, self.held):
            await self.renew(link, held)
        work = [self.beats_of(index) for index in range(self.origins)]
        for link, held in zip(self.links, self.held):
            work += [self.reads_of(link), self.renewals_of(link, held)]
        tasks = [asyncio.create_task(each) for each in [*work, self.change()]]
        print("ready", flush=True)
        loop = asyncio.get_running_loop()
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            self.clear()
            cpu = time.process_time()
            await asyncio.sleep(float(line.split()[1]))
            print(f"done beats={self.beats} reads={self.reads} missing={self.missing} renewals={self.renewals} "
                  f"load_cpu={time.process_time() - cpu:.3f}", flush=True)
        for task in tasks:
            task.cancel()


async def start(port: int, proxies: int, *work: float) -> None:
    links = [Link(*await asyncio.open_connection("127.0.0.1", port, limit=1 << 22)) for _ in range(proxies)]
    origins, interval, claims, changes = work
    await Peer(links, int(origins), interval, int(claims), changes).run()


def main() -> None:
    if len(sys.argv) != 7:
        raise SystemExit(__doc__)
    port, proxies, *work = sys.argv[1:]
    asyncio.run(start(int(port), int(proxies), *map(float, work)))


if __name__ == "__main__":
    main()
