"""Publishes and plays short streams, a round for each line that comes in: rounds.py FILE URL...

In a round as many streams begin as the line says, each through another of the URLs and watched through the next one, and end when their last
tag has arrived. Says `round` behind each.
"""

import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import flv
from rtmp import Client, say

TAGS = 60


def main():
    tags = flv.read(sys.argv[1])[:TAGS]
    urls = sys.argv[2:]
    for number, line in enumerate(sys.stdin):
        streams = []
        with ThreadPoolExecutor(2 * int(line)) as pool:
            for index in range(int(line)):
                name, asked = f"/live/round-{number}-{index}", threading.Event()
                viewer = pool.submit(watch, urls[(index + 1) % len(urls)] + name, tags[-1], asked)
                streams.append(pool.submit(publish, urls[index % len(urls)] + name, tags, asked, viewer))
        for stream in streams:
            stream.result()
        say("round")


def watch(url, last, asked):
    client = Client(url)
    client.play(client.connect())
    asked.set()
    kind, _, body = last
    while True:
        message = client.receive()
        if message[0] == kind and message[2] == body:
            break
    client.socket.close()


def publish(url, tags, asked, viewer):
    client = Client(url)
    stream = client.connect()
    assert asked.wait(20)
    client.publish(stream)
    for kind, when, body in tags:
        client.send(6 + (kind == flv.VIDEO), kind, stream, when, body)
    viewer.result()
    client.command("deleteStream", None, stream)
    client.socket.close()


main()
