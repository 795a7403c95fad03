"""Plays: play.py URL [options]. RTMP, HTTP-FLV or FLV by WebSocket; says each status and each message of media."""

import argparse
import asyncio
import http.client
from urllib.parse import urlsplit

import amf
import flv
import rtmp
from rtmp import Client, guarded, say

parser = argparse.ArgumentParser()
parser.add_argument("url")
parser.add_argument("--tc-url")
parser.add_argument("--host", help="that HTTP says")
parser.add_argument("--chunk-size", type=int, default=128)
parser.add_argument("--stall", type=int, help="reads nothing more behind so many messages, until a line comes in")
parser.add_argument("--digest", action="store_true", help="says key frames and leaps of more than 200 ms alone")


class Digest:
    """What has come of pictures."""

    count = 0
    time = None


def main():
    options = parser.parse_args()
    scheme = urlsplit(options.url).scheme
    if scheme.startswith("rtmp"):
        play(options)
    elif scheme == "ws":
        asyncio.run(web_socket(options))
    else:
        view(options)


def stall(options, count):
    if options.stall == count:
        say("stalled")
        input()


def play(options):
    client = Client(options.url, options.chunk_size, receive_buffer=8192 if options.stall else None)
    if options.tc_url:
        client.tc_url = options.tc_url
    stream = client.connect()
    client.play(stream)
    client.socket.settimeout(None)
    say("asked")
    count = 0
    while True:
        kind, time, payload = client.receive()
        if kind == 20:
            values = amf.decode(payload)
            if values[0] == "onStatus" and client.told(values).get("level") == "error":
                raise rtmp.Refused(values)
        elif kind in flv.KINDS:
            tell(kind, time, payload, options.digest)
            count += 1
            stall(options, count)


def tell(kind, time, body, is_digest):
    told = flv.describe(kind, time, body)
    if is_digest:
        if kind != flv.VIDEO or told["config"]:
            return
        leap = Digest.time is not None and time - Digest.time > 200
        told.update(count=Digest.count, leap=leap)
        Digest.count += 1
        Digest.time = time
        if not leap and not told["key"]:
            return
    say(told.pop("event"), **told)


def feed(reader, data, is_digest):
    is_new = reader.flags is None
    tags = list(reader.feed(data))
    if is_new and reader.flags is not None:
        say("header", flags=reader.flags)
    for kind, time, body in tags:
        tell(kind, time, body, is_digest)


def view(options):
    parts = urlsplit(options.url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port)
    target = parts.path + ("?" + parts.query if parts.query else "")
    say("asked")
    connection.request("GET", target, headers={"Host": options.host} if options.host else {})
    answer = connection.getresponse()
    fields = {name.lower(): value for name, value in answer.getheaders()}
    say("answer", status=answer.status, fields=fields)
    reader = flv.Reader()
    if answer.status != 200:
        return
    pieces = 0
    while data := answer.read1(65536):
        feed(reader, data, options.digest)
        pieces += 1
        stall(options, pieces)
    say("closed", how="end")


async def web_socket(options):
    import websockets

    say("asked")
    reader = flv.Reader()
    try:
        async with websockets.connect(options.url, max_size=None, ping_interval=None) as socket:
            async for data in socket:
                feed(reader, data, options.digest)
    except websockets.exceptions.ConnectionClosedError:
        pass
    say("closed", how="end", code=str(socket.close_code))


guarded(main)
