#!/usr/bin/env python3
"""Beats for many origins at the proxies of one registry, as SRS beats, and looks how soon other proxies know.

usage: registry-beats.py PORTS ORIGINS INTERVAL

PORTS are those of the proxies' System APIs, with commas between them. Every origin beats about every INTERVAL seconds,
each time at a proxy that is chosen by chance, over a connection of its own, with summaries. Says `ready` when every
proxy has all of them; `go SECONDS` has it count for so long and say `done` with what it has counted.
"""

import asyncio
import json
import random
import sys
import time

# How far from its turn a beat may be, in seconds.
JITTER = 0.5
# From one look at another proxy to the next, and from one origin that is followed to the next at least.
LOOK, FOLLOW = 0.005, 0.2
# After so long nobody knows it.
LOST = 5


def heartbeat(index: int, connections: int, state: str | None = None) -> bytes:
    """What SRS says of itself, with ports and summaries."""
    now = int(time.time() * 1000)
    body = {
        "device_id": f"origin-{index}", "ip": f"10.{index >> 16 & 255}.{index >> 8 & 255}.{index & 255}",
        "server": f"vid-{1_000_000 + index}", "service": "12345678", "pid": "1",
        "summaries": {"code": 0, "data": {
            "ok": True, "now_ms": now,
            "self": {
                "version": "5.0.213", "pid": 1, "ppid": 0, "argv": "./objs/srs -c conf/origin.conf",
                "cwd": "/usr/local/srs", "mem_kbyte": 31_284, "mem_percent": 0.01, "cpu_percent": random.random(),
                "srs_uptime": 86_400},
            "system": {
                "cpu_percent": random.random(), "disk_read_KBps": 0, "disk_write_KBps": 0, "disk_busy_percent": 0,
                "mem_ram_kbyte": 16_393_612, "mem_ram_percent": 0.31, "mem_swap_kbyte": 0, "mem_swap_percent": 0,
                "cpus": 8, "cpus_online": 8, "uptime": 1_204_011.02, "ilde_time": 9_107_712.52, "load_1m": 0.71,
                "load_5m": 0.62, "load_15m": 0.55, "net_sample_time": now, "net_recv_bytes": now * 7,
                "net_send_bytes": now * 11, "net_recvi_bytes": 0, "net_sendi_bytes": 0, "srs_sample_time": now,
                "srs_recv_bytes": now * 7, "srs_send_bytes": now * 11, "conn_sys": 211, "conn_sys_et": 97,
                "conn_sys_tw": 12, "conn_sys_udp": 4, "conn_srs": connections}}},
        "rtmp": ["1935"], "http": ["8080"], "api": ["1985"], "srt": ["udp://0.0.0.0:10080"],
        "rtc": ["udp://0.0.0.0:8000", "tcp://0.0.0.0:8000"]}
    if state:
        body["state"] = state
    return json.dumps(body, separators=(",", ":")).encode()


async def answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Status and body; of no answer, 0."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return int(head.split(b" ", 2)[1]), await reader.readexactly(length)


class Proxy:
    """The System API of one."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.kept: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self.lock = asyncio.Lock()

    async def beat(self, body: bytes) -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(b"POST /api/v1/srs/register HTTP/1.1\r\nHost: proxy\r\nConnection: Keep-Alive\r\n"
                     b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        status, _ = await answer(reader)
        writer.close()
        return status

    async def get(self, path: str) -> dict | None:
        """Over a connection that is kept; None where there is no such thing."""
        async with self.lock:
            if self.kept is None:
                self.kept = await asyncio.open_connection("127.0.0.1", self.port)
            reader, writer = self.kept
            writer.write(f"GET {path} HTTP/1.1\r\nHost: proxy\r\n\r\n".encode())
            status, body = await answer(reader)
        return json.loads(body)["data"] if status == 200 else None


class Counts:
    def __init__(self) -> None:
        self.beats = self.failed = self.lost = 0
        self.longest = 0.0
        # In seconds: until another proxy knew of a new origin, and of a further beat.
        self.new: list[float] = []
        self.known: list[float] = []
        self.cpu = time.process_time()


class Load:
    def __init__(self, ports: list[int], origins: int, interval: float) -> None:
        self.proxies = [Proxy(port) for port in ports]
        self.origins, self.interval = origins, interval
        self.counts = Counts()
        self.follow: asyncio.Future | None = None
        self.newcomers = origins

    async def beat(self, proxy: Proxy, body: bytes) -> None:
        began = time.monotonic()
        try:
            status = await proxy.beat(body)
        except (OSError, EOFError):
            status = 0
        self.counts.longest = max(self.counts.longest, time.monotonic() - began)
        self.counts.beats += 1
        self.counts.failed += status != 200

    async def origin(self, index: int) -> None:
        due = time.monotonic() + random.uniform(0, self.interval)
        while True:
            await asyncio.sleep(max(0, due + random.uniform(-JITTER, JITTER) - time.monotonic()))
            due += self.interval
            connections = random.randrange(1_000_000_000)
            proxy = random.choice(self.proxies)
            began = time.monotonic()
            await self.beat(proxy, heartbeat(index, connections))
            if self.follow and not self.follow.done():
                self.follow.set_result((index, connections, proxy, began))

    async def seen(self, index: int, connections: int, proxy: Proxy, began: float) -> float:
        """How long it took until a proxy, not the one that was told, had it."""
        other = random.choice([each for each in self.proxies if each is not proxy])
        while time.monotonic() - began < LOST:
            found = await other.get(f"/api/v1/origins/vid-{1_000_000 + index}")
            if found and found["origin"].get("connections") == connections:
                return time.monotonic() - began
            await asyncio.sleep(LOOK)
        self.counts.lost += 1
        return LOST

    async def newcomer(self) -> None:
        """One that nobody knew; it says farewell when another proxy has it."""
        index, proxy, began = self.newcomers, random.choice(self.proxies), time.monotonic()
        self.newcomers += 1
        await self.beat(proxy, heartbeat(index, 1))
        self.counts.new.append(await self.seen(index, 1, proxy, began))
        await self.beat(proxy, heartbeat(index, 1, "gone"))

    async def measure(self, seconds: float) -> Counts:
        self.counts = Counts()
        end = time.monotonic() + seconds
        while time.monotonic() < end - 2:
            await self.newcomer()
            # What a new origin has others read is no measure for the beats after it.
            await asyncio.sleep(random.uniform(FOLLOW, FOLLOW + 1))
            self.follow = asyncio.get_running_loop().create_future()
            self.counts.known.append(await self.seen(*await self.follow))
        await asyncio.sleep(max(0, end - time.monotonic()))
        self.counts.cpu = time.process_time() - self.counts.cpu
        return self.counts

    async def run(self) -> None:
        tasks = [asyncio.create_task(self.origin(index)) for index in range(self.origins)]
        for proxy in self.proxies:
            while (await proxy.get("/api/v1/origins?count=1"))["total"] < self.origins:
                await asyncio.sleep(0.1)
        print("ready", flush=True)
        loop = asyncio.get_running_loop()
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            seconds = float(line.split()[1])
            counts = await self.measure(seconds)
            new, known = sorted(counts.new), sorted(counts.known)
            print(f"done beats={counts.beats} failed={counts.failed} lost={counts.lost} "
                  f"longest_ms={counts.longest * 1e3:.3f} "
                  f"new_ms={new[len(new) // 2] * 1e3:.3f} new_max_ms={new[-1] * 1e3:.3f} "
                  f"known_ms={known[len(known) // 2] * 1e3:.3f} known_max_ms={known[-1] * 1e3:.3f} "
                  f"load_cpu={counts.cpu:.3f}", flush=True)
        for task in tasks:
            task.cancel()


def main() -> None:
    if len(sys.argv) != 4:
        raise SystemExit(__doc__)
    ports, origins, interval = sys.argv[1:]
    asyncio.run(Load([int(port) for port in ports.split(",")], int(origins), float(interval)).run())


if __name__ == "__main__":
    main()
