"""Relays and servers that do their work wrongly, each in one way, for the loads to notice."""

import socket
import threading
from collections.abc import Callable


class Faulty:
    """Runs on threads of its own until the end of the `with` block, which closes its sockets."""

    def __init__(self) -> None:
        self._sockets: list[socket.socket] = []

    def __enter__(self) -> "Faulty":
        return self

    def __exit__(self, *_: object) -> None:
        for each in self._sockets:
            try:
                # Wakes the thread that waits for it; a close alone would not.
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            each.close()

    def own(self, opened: socket.socket) -> socket.socket:
        self._sockets.append(opened)
        return opened

    def start(self, body: Callable[..., None], *arguments: object) -> None:
        def until_closed() -> None:
            try:
                body(*arguments)
            except OSError:
                return
        threading.Thread(target=until_closed, daemon=True).start()


class FaultyTCPRelay(Faulty):
    """`fault` turns each piece from the origin into what the client gets; None closes the connection."""

    def __init__(self, port: int, origin: int, fault: Callable[[bytes], bytes | None]) -> None:
        super().__init__()
        self.origin, self.fault = origin, fault
        self.listener = self.own(socket.create_server(("127.0.0.1", port)))
        self.start(self._accept)

    def _accept(self) -> None:
        while True:
            client = self.own(self.listener.accept()[0])
            upstream = self.own(socket.create_connection(("127.0.0.1", self.origin)))
            self.start(self._pump, client, upstream, lambda data: data)
            self.start(self._pump, upstream, client, self.fault)

    def _pump(self, source: socket.socket, sink: socket.socket, change: Callable[[bytes], bytes | None]) -> None:
        while data := source.recv(65536):
            changed = change(data)
            if changed is None:
                sink.shutdown(socket.SHUT_RDWR)
                return
            sink.sendall(changed)


class FaultyUDPRelay(Faulty):
    """One flow only. `fault` turns a datagram from the origin into those that the client gets."""

    def __init__(self, port: int, origin: int, fault: Callable[[bytes], list[bytes]]) -> None:
        super().__init__()
        self.fault = fault
        self.downstream = self.own(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        self.downstream.bind(("127.0.0.1", port))
        self.upstream = self.own(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        self.upstream.connect(("127.0.0.1", origin))
        self.start(self._relay)

    def _relay(self) -> None:
        greeting, client = self.downstream.recvfrom(65536)
        self.upstream.send(greeting)
        while data := self.upstream.recv(65536):
            for changed in self.fault(data) if len(data) > 4 else [data]:
                self.downstream.sendto(changed, client)


class FaultyHTTPServer(Faulty):
    """Answers every connection with `answer`, and closes it afterwards where `closes`."""

    def __init__(self, port: int, answer: bytes, closes: bool) -> None:
        super().__init__()
        self.answer, self.closes = answer, closes
        self.listener = self.own(socket.create_server(("127.0.0.1", port)))
        self.start(self._accept)

    def _accept(self) -> None:
        while True:
            client = self.own(self.listener.accept()[0])
            client.recv(65536)
            client.sendall(self.answer)
            if self.closes:
                client.close()
