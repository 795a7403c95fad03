"""Plays one stream after the other on one message stream: switch.py URL COUNT NAME..., each for COUNT messages of media."""

import sys

import amf
import flv
from rtmp import Client, guarded, say


def main():
    client = Client(sys.argv[1])
    stream = client.connect()
    for client.name in sys.argv[3:]:
        client.play(stream)
        # What comes before it is told to begin is the stream before.
        while True:
            kind, _, payload = client.receive()
            if kind == 20 and client.told(amf.decode(payload)).get("code") == "NetStream.Play.Start":
                break
        left = int(sys.argv[2])
        while left:
            kind, time, payload = client.receive()
            if kind in flv.KINDS:
                told = flv.describe(kind, time, payload)
                say(told.pop("event"), **told, text=client.name)
                left -= 1


guarded(main)
