"""What the tests of the player share: one browser, one server, recordings that are made once."""

import atexit
import os
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
BROWSER = os.path.join(HERE, "..", "EndToEnd", "Browser")
sys.path.insert(0, BROWSER)

import flv  # noqa: E402
import play  # noqa: E402
from chromium import Chromium  # noqa: E402
from stream_server import StreamServer  # noqa: E402

H264_AAC = ("-c:v", "libx264", "-g", "25", "-bf", "2", "-c:a", "aac", "-ac", "2")
LARGER = "testsrc2=s=640x360:r=25"


class Shared:
    """Started when first asked for, and ended with the process."""

    def __init__(self):
        self.browser_in_use = None
        self.server_in_use = None
        self.folder = tempfile.TemporaryDirectory(prefix="sluice-player-")
        self.recordings = {}
        atexit.register(self.close)

    def close(self):
        if self.browser_in_use:
            self.browser_in_use.close()
        if self.server_in_use:
            self.server_in_use.close()
        self.folder.cleanup()

    @property
    def browser(self):
        self.browser_in_use = self.browser_in_use or Chromium()
        return self.browser_in_use

    @property
    def server(self):
        self.server_in_use = self.server_in_use or StreamServer()
        return self.server_in_use

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def recording(self, name, *output, **sources):
        """The path of a recording, made by ffmpeg the first time."""
        if name not in self.recordings:
            flv.record(self.path(name), *output, **sources)
            self.recordings[name] = self.path(name)
        return self.recordings[name]

    def tags(self, name, *output, **sources):
        """The tags of a recording in FLV."""
        with open(self.recording(name, *output, **sources), "rb") as file:
            return flv.read_tags(file.read())


shared = Shared()
