"""Publishes the tags of an FLV file: publish.py URL FILE [options]. Says each answer, `sent` and `closed`."""

import argparse
import select
import time

import flv
from rtmp import Client, guarded, say

parser = argparse.ArgumentParser()
parser.add_argument("url")
parser.add_argument("file")
parser.add_argument("--speed", type=float, default=0, help="times real time; 0 as fast as it goes")
parser.add_argument("--offset", type=int, default=0, help="of all times, in milliseconds")
parser.add_argument("--chunk-size", type=int, default=4096)
parser.add_argument("--chunk-stream", type=int, default=6)
parser.add_argument("--tags", type=int, help="so many and no more")
parser.add_argument("--rounds", type=int, default=1, help="times that the file is sent, on one time line")
parser.add_argument("--tc-url")
parser.add_argument("--argument", action="append", default=[], help="NAME=TEXT of connect")
parser.add_argument("--fourcc", help="codecs that connect announces, with commas between")
parser.add_argument("--again", type=int, default=0, help="times that it publishes once more, each when a line comes in")
parser.add_argument("--wait", action="store_true", help="says `ready`, and connects when a line comes in")
parser.add_argument("--end", choices=["unpublish", "close", "silent"], default="unpublish")


def main():
    options = parser.parse_args()
    if options.wait:
        say("ready")
        input()
    client = Client(options.url, chunk_size=options.chunk_size)
    if options.tc_url:
        client.tc_url = options.tc_url
    more = dict(argument.split("=", 1) for argument in options.argument)
    if options.fourcc:
        more["fourCcList"] = options.fourcc.split(",")
        more["videoFourCcInfoMap"] = {"*": 1.0}
    stream = client.connect(**more)
    for _ in range(options.again):
        send(client, stream, options)
        unpublish(client, stream)
        say("stopped")
        input()
        stream = int(client.answer(client.command("createStream", None))[3])
    send(client, stream, options)
    if options.end == "unpublish":
        unpublish(client, stream)
    if options.end == "silent":
        while True:
            client.receive()
    client.socket.close()


def unpublish(client, stream):
    client.command("FCUnpublish", None, client.name)
    client.command("deleteStream", None, stream)


def send(client, stream, options):
    client.publish(stream)
    tags = flv.read(options.file)[: options.tags]
    length = max(tag[1] for tag in tags) + 40 if tags else 0
    began = time.monotonic()
    for number in range(options.rounds):
        for kind, when, body in tags:
            when += number * length
            if options.speed:
                wait(client, began + when / 1000 / options.speed)
            if kind == flv.DATA:
                body = b"\x02\x00\x0d@setDataFrame" + body
            place = options.chunk_stream + (kind == flv.VIDEO)
            client.send(place, kind, stream, when + options.offset & 0xFFFFFFFF, body)
    say("sent", count=len(tags) * options.rounds)


def wait(client, until):
    """Sleeps, and sees a server that ends the connection."""
    left = until - time.monotonic()
    if left > 0 and select.select([client.socket], [], [], left)[0]:
        client._input += client.socket.recv(65536) or closed()
        wait(client, until)


def closed():
    raise ConnectionResetError


guarded(main)
