"""Publishes, and asks for a second stream on the same connection: second.py URL FILE. Says what it is answered."""

import sys

import flv
from rtmp import Client, Refused, guarded, say


def main():
    client = Client(sys.argv[1])
    stream = client.connect()
    client.publish(stream)
    other = int(client.answer(client.command("createStream", None))[3])
    for name, *more in (("publish", "live"), ("play",)):
        client.command(name, None, "second", *more, stream=other)
        try:
            client.status()
        except Refused:
            pass
    for kind, when, body in flv.read(sys.argv[2]):
        client.send(6 + (kind == flv.VIDEO), kind, stream, when, body)
    say("sent")
    input()


guarded(main)
