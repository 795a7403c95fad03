"""Drives a headless chromium by the DevTools protocol, over a pipe: no port, and it ends with whoever started it.

    with Chromium() as browser:
        page = browser.open("http://127.0.0.1:18080/")
        page.wait_for("document.title !== ''")
"""

import json
import os
import select
import signal
import subprocess
import tempfile
import time

PROGRAM = "/usr/bin/chromium"
FLAGS = [
    "--headless=new",
    "--remote-debugging-pipe",
    "--no-first-run",
    "--no-default-browser-check",
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-crash-reporter",
    "--disable-breakpad",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-gpu",
    "--disable-sync",
    "--mute-audio",
    "--autoplay-policy=user-gesture-required",
    "--window-size=1000,1000",
]


class BrowserError(Exception):
    """The browser, or a script in it, did not do as it should."""


class Chromium:
    """One browser with a profile of its own, which goes with it."""

    def __init__(self):
        self.profile = tempfile.TemporaryDirectory(prefix="sluice-chromium-", ignore_cleanup_errors=True)
        self.replies = {}
        self.listeners = {}
        self.pending = b""
        self.last_id = 0
        flags = list(FLAGS)
        if os.geteuid() == 0:
            # The sandbox of chromium refuses to be root. Tests alone do this, and only with pages of their own.
            flags.append("--no-sandbox")
        read_commands, self.commands = os.pipe()
        self.answers, write_answers = os.pipe()
        # Chromium talks on the descriptors 3 and 4. Its own group, so that all its processes can be ended.
        self.process = subprocess.Popen(
            ["bash", "-c", f'exec "$@" 3<&{read_commands} 4>&{write_answers}', "bash", PROGRAM]
            + flags
            + [f"--user-data-dir={self.profile.name}", "about:blank"],
            pass_fds=(read_commands, write_answers),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env={**os.environ, "HOME": self.profile.name, "TMPDIR": self.profile.name},
        )
        os.close(read_commands)
        os.close(write_answers)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        try:
            self.send("Browser.close", within=5)
            self.process.wait(5)
        except (BrowserError, OSError, subprocess.TimeoutExpired):
            pass
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        os.close(self.commands)
        os.close(self.answers)
        self.profile.cleanup()

    def send(self, method, session=None, within=30, **parameters):
        """What the browser answers to a command."""
        self.last_id += 1
        number = self.last_id
        message = {"id": number, "method": method, "params": parameters}
        if session is not None:
            message["sessionId"] = session
        os.write(self.commands, json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + within
        while number not in self.replies:
            self.read(deadline, method)
        reply = self.replies.pop(number)
        if "error" in reply:
            raise BrowserError(f"{method}: {reply['error']['message']}")
        return reply["result"]

    def read(self, deadline, reason):
        """Takes in what the browser says next."""
        if not select.select([self.answers], [], [], max(0, deadline - time.monotonic()))[0]:
            raise BrowserError(f"the browser does not answer in time: {reason}")
        data = os.read(self.answers, 1 << 20)
        if not data:
            raise BrowserError(f"the browser has ended: {reason}")
        *messages, self.pending = (self.pending + data).split(b"\0")
        for text in messages:
            message = json.loads(text)
            if "id" in message:
                self.replies[message["id"]] = message
            elif listener := self.listeners.get(message.get("sessionId")):
                listener(message["method"], message["params"])

    def open(self, url):
        """A page of its own, loaded."""
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = Page(self, target, session)
        page.load(url)
        return page


class Page:
    def __init__(self, browser, target, session):
        self.browser = browser
        self.target = target
        self.session = session
        # Exceptions that nothing caught, errors of the console, and what a content policy refused.
        self.faults = []
        browser.listeners[session] = self.note
        for domain in ("Runtime", "Log", "Page"):
            self.send(f"{domain}.enable")

    def send(self, method, **parameters):
        return self.browser.send(method, session=self.session, **parameters)

    def note(self, method, parameters):
        if method == "Runtime.exceptionThrown":
            details = parameters["exceptionDetails"]
            self.faults.append(details.get("exception", {}).get("description") or details["text"])
        elif method == "Runtime.consoleAPICalled" and parameters["type"] == "error":
            self.faults.append(" ".join(str(argument.get("value")) for argument in parameters["args"]))
        elif method == "Log.entryAdded" and parameters["entry"]["level"] == "error":
            entry = parameters["entry"]
            # The network's own errors are what some tests are about; the page says them in its own words.
            if entry["source"] != "network":
                self.faults.append(entry["text"])

    def load(self, url):
        result = self.send("Page.navigate", url=url)
        if "errorText" in result:
            raise BrowserError(f"{url}: {result['errorText']}")
        self.wait_for("document.readyState === 'complete'")

    def evaluate(self, expression, within=60):
        """The value of a JavaScript expression; a promise is awaited."""
        result = self.send(
            "Runtime.evaluate", within=within, expression=expression, awaitPromise=True, returnByValue=True,
            userGesture=True)
        if details := result.get("exceptionDetails"):
            words = details.get("exception", {}).get("description") or details["text"]
            raise BrowserError(f"{expression[:120]}: {words}")
        return result["result"].get("value")

    def wait_for(self, condition, within=30, every=0.1):
        """Waits until a JavaScript expression is true, and returns its value."""
        deadline = time.monotonic() + within
        while not (value := self.evaluate(condition)):
            if time.monotonic() > deadline:
                raise BrowserError(f"never true within {within} s: {condition}")
            # What happens meanwhile is taken in; nothing may.
            select.select([self.browser.answers], [], [], every)
        return value

    def close(self):
        self.browser.send("Target.closeTarget", targetId=self.target)
        del self.browser.listeners[self.session]
