"""An origin that is none: broken.py closes|garbage|deaf. Says `ready` with its port, and `request` for who comes."""

import socket
import sys
import threading

from rtmp import say

listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen(64)
say("ready", text=str(listener.getsockname()[1]))


def serve(peer):
    if sys.argv[1] == "closes":
        peer.recv(64)
    elif sys.argv[1] == "garbage":
        peer.sendall(b"SSH-2.0-none\r\n" * 300)
        peer.recv(1 << 16)
    else:
        while peer.recv(1 << 16):
            pass
    peer.close()


while True:
    client, _ = listener.accept()
    say("request")
    threading.Thread(target=serve, args=(client,), daemon=True).start()
