"""How long loops of our programs have been held up, as their metrics say."""

import http.client
import threading
import time

from harness.process import Failed

# Programs show the longest round of each second for a second.
_PERIOD = 0.8


class LagWatch:
    """`with LagWatch(ports)` around the work; afterwards `longest` is the longest round of any loop, in seconds."""

    def __init__(self, ports: list[int]) -> None:
        self._ports = ports
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._failure: Exception | None = None
        self.longest = 0.0

    def __enter__(self) -> "LagWatch":
        self._thread.start()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self._over.set()
        self._thread.join()
        if kind is None and self._failure:
            raise Failed(f"a program does not show its metrics: {self._failure}")

    def _run(self) -> None:
        connections = [http.client.HTTPConnection("127.0.0.1", port, timeout=10) for port in self._ports]
        # What they show first is of before.
        began = time.monotonic()
        try:
            while not self._over.wait(_PERIOD):
                values = [metric(each, "sluice_loop_lag_seconds") for each in connections]
                if time.monotonic() - began > 2:
                    self.longest = max(self.longest, *values)
        except (OSError, http.client.HTTPException, Failed) as failure:
            self._failure = failure
        finally:
            for connection in connections:
                connection.close()


def metric(connection: http.client.HTTPConnection, name: str) -> float:
    connection.request("GET", "/metrics")
    text = connection.getresponse().read().decode()
    for line in text.splitlines():
        key, _, value = line.rpartition(" ")
        if key == name:
            return float(value)
    raise Failed(f"there is no {name}")
