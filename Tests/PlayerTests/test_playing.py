"""The built-in page plays live streams in chromium: over both transports, through breaks and changes."""

import json
import subprocess
import sys
import unittest

import flv
from stream_server import LiveStream
from support import BROWSER, H264_AAC, LARGER, play, shared

AVC_ALONE = ("-c:v", "libx264", "-g", "25")


class PlayingTests(unittest.TestCase):
    def live(self, tags, **options):
        """Serves the tags as the stream live/<name of the test>."""
        name = self.id().rsplit(".", 1)[-1]
        stream = LiveStream(tags, **options)
        shared.server.streams[f"/live/{name}.flv"] = stream
        self.addCleanup(stream.interrupt)
        return stream, f"live/{name}"

    def open(self, stream, transport="http-flv", autoplay=True):
        page = shared.browser.open(play.player_address(shared.server.url, stream, transport, autoplay))
        self.addCleanup(self.close, page)
        return page

    def close(self, page):
        self.assertEqual(page.faults, [])
        page.close()

    def played(self, page, seconds=2, size=None):
        state = play.wait_until_played(page, seconds)
        self.assertEqual((state["state"], state["error"]), ("playing", ""))
        if size:
            self.assertEqual((state["width"], state["height"]), size)
        return state

    def both(self, seconds=20):
        return shared.tags(f"live-{seconds}.flv", *H264_AAC, seconds=seconds)

    # MARK: It plays

    def test_the_script_that_other_tests_run(self):
        _, stream = self.live(self.both())
        for transport in ("http-flv", "ws-flv"):
            run = subprocess.run(
                [sys.executable, f"{BROWSER}/play.py", shared.server.url, stream, "--transport", transport,
                 "--width", "320", "--height", "180", "--seconds", "3", "--frames", "60"],
                capture_output=True, text=True)
            self.assertEqual((run.returncode, run.stderr), (0, ""))
            state = json.loads(run.stdout)
            self.assertEqual(state["picture"], "H.264, 320 × 180")
            self.assertEqual(state["sound"], "AAC, 44.1 kHz, stereo")
            # A second of it has come at once.
            self.assertAlmostEqual(float(state["frameRate"].split()[0]), 25, delta=10)
        self.assertEqual(shared.server.streams[f"/{stream}.flv"].requests, ["http", "websocket"])

    def test_the_script_says_what_is_wrong(self):
        _, stream = self.live(shared.tags("live-video.flv", *AVC_ALONE, audio=None, seconds=20))
        run = [sys.executable, f"{BROWSER}/play.py", shared.server.url, stream, "--seconds", "1", "--frames", "10"]
        result = subprocess.run(run + ["--width", "640"], capture_output=True, text=True)
        self.assertEqual(result.returncode, 1)
        self.assertIn("the picture is 320 x 180", result.stderr)
        self.assertIn("no audio was decoded", result.stderr)
        result = subprocess.run([*run[:3], "live/none"], capture_output=True, text=True)
        self.assertEqual((result.returncode, "There is no such stream." in result.stderr), (1, True))

    def test_a_picture_without_sound(self):
        _, stream = self.live(shared.tags("live-video.flv", *AVC_ALONE, audio=None, seconds=20))
        state = self.played(self.open(stream), size=(320, 180))
        self.assertEqual((state["audioBytes"], state["sound"]), (0, "–"))

    def test_sound_without_a_picture(self):
        _, stream = self.live(shared.tags("live-audio.flv", "-c:a", "aac", video=None, seconds=20))
        state = self.played(self.open(stream))
        self.assertGreater(state["audioBytes"], 0)
        self.assertEqual(state["picture"], "–")

    def test_other_codecs(self):
        for codec, name, output, sources, words in (
            ("vp09", "live-vp9.mp4", ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8"),
             {"audio": None}, "VP9, 320 × 180"),
            ("Opus", "live-opus.mp4", ("-c:a", "libopus", "-ar", "48000"), {"video": None}, "Opus, 48 kHz, mono"),
        ):
            with self.subTest(codec):
                path = shared.recording(name, *output, seconds=10, **sources)
                _, stream = self.live(flv.from_mp4(path, codec))
                state = self.played(self.open(stream))
                self.assertIn(words, (state["picture"], state["sound"]))

    def test_times_that_are_high_or_wrap(self):
        for start in (4_000_000_000, 2**32 - 3000):
            with self.subTest(start):
                _, stream = self.live(flv.shifted(self.both(), start))
                self.played(self.open(stream), seconds=4, size=(320, 180))

    # MARK: It stays live

    def test_what_is_cached_is_left_behind(self):
        _, stream = self.live(self.both(), burst=10)
        page = self.open(stream)
        page.wait_for(f"{play.STATE}.ranges.length > 0 && {play.STATE}.ranges.at(-1)[1] - {play.STATE}.time < 2.5")
        state = self.played(page)
        self.assertLess(state["ranges"][-1][1] - state["time"], 2.5)
        self.assertLess(float(state["latency"].split()[0]), 3)

    def test_a_hole_is_jumped_over(self):
        # Sound is away for longer than silence is made for, and the picture goes on.
        tags = [tag for tag in self.both() if tag.type != flv.AUDIO or not 3000 <= tag.timestamp < 8500]
        _, stream = self.live(tags)
        page = self.open(stream)
        page.wait_for(f"{play.STATE}.time > 3")
        page.wait_for(f"{play.STATE}.time > 9.6")
        self.played(page)

    # MARK: It goes on

    def test_a_server_that_goes_and_comes_back(self):
        for transport in ("http-flv", "ws-flv"):
            with self.subTest(transport):
                live, stream = self.live(self.both())
                page = self.open(stream, transport)
                before = self.played(page)
                live.interrupt()
                page.wait_for(f"{play.STATE}.status.includes('Trying again in')")
                self.assertIn("lost", play.state_of(page)["status"])
                page.wait_for(f"{play.STATE}.status.includes('no such stream')")
                live.resume()
                page.wait_for(f"{play.STATE}.state === 'playing'")
                after = self.played(page, size=(320, 180))
                self.assertLess(float(after["latency"].split()[0]), 2.5)
                self.assertGreater(after["frames"], before["frames"])
                self.assertGreater(after["audioBytes"], before["audioBytes"])

    def test_another_publisher_on_the_same_connection(self):
        first = self.both(seconds=4)
        second = shared.tags("live-larger.flv", *H264_AAC, video=LARGER, audio="sine=440:r=48000", seconds=20)
        _, stream = self.live(first + second)
        page = self.open(stream)
        self.played(page, size=(320, 180), seconds=1)
        page.wait_for("document.getElementById('video').videoWidth === 640")
        state = self.played(page, size=(640, 360))
        self.assertEqual((state["picture"], state["sound"]), ("H.264, 640 × 360", "AAC, 48 kHz, stereo"))

    def test_another_publisher_without_sound_after_a_break(self):
        live, stream = self.live(self.both())
        page = self.open(stream)
        self.played(page)
        live.interrupt()
        live.resume(shared.tags("live-video.flv", *AVC_ALONE, audio=None, seconds=20))
        page.wait_for(f"{play.STATE}.state === 'playing' && {play.STATE}.sound === '–'")
        self.played(page)

    def test_another_codec_on_the_same_connection(self):
        path = shared.recording(
            "live-vp9.mp4", "-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", audio=None, seconds=10)
        first = shared.tags("live-video-4.flv", *AVC_ALONE, audio=None, seconds=4)
        _, stream = self.live(first + flv.from_mp4(path, "vp09"))
        page = self.open(stream)
        self.played(page, seconds=1)
        page.wait_for(f"{play.STATE}.picture.startsWith('VP9')")
        self.played(page, seconds=3)

    # MARK: It says what is wrong

    def failure(self, stream, transport="http-flv"):
        page = self.open(stream, transport)
        page.wait_for("document.body.dataset.state === 'failed'")
        return play.state_of(page)["error"]

    def test_errors_in_words(self):
        for transport in ("http-flv", "ws-flv"):
            self.assertEqual(self.failure("live/none", transport), "There is no such stream.")
        self.assertEqual(
            self.failure("rtmp://a/live/b"), "A browser cannot play rtmp:// addresses: use http:// or ws://.")
        shared.server.files["/live/html.flv"] = b"<!doctype html>"
        self.assertEqual(self.failure("live/html"), "What the server sends is no FLV stream.")

    def test_codecs_that_no_browser_has(self):
        path = shared.path("live-flv1.flv")
        flv.record(path, "-c:v", "flv1", "-c:a", "aac", seconds=10)
        with open(path, "rb") as file:
            tags = flv.read_tags(file.read())
        _, stream = self.live(tags)
        page = self.open(stream)
        self.played(page)
        self.assertEqual(
            play.state_of(page)["notice"], "This page cannot play Sorenson H.263: there is no picture.")
        _, stream = self.live([tag for tag in tags if tag.type != flv.AUDIO])
        self.assertEqual(self.failure(stream), "This page cannot play Sorenson H.263.")

    # MARK: It does what the viewer says

    def test_play_and_stop(self):
        live, stream = self.live(self.both())
        page = self.open(stream, autoplay=False)
        self.assertEqual((play.state_of(page)["time"], live.requests), (0, []))
        page.evaluate("document.querySelector('[value=ws-flv]').click(), document.getElementById('play').click()")
        page.wait_for(f"{play.STATE}.state === 'playing'")
        self.assertEqual(live.requests, ["websocket"])
        self.played(page)
        page.evaluate("document.getElementById('stop').click()")
        page.wait_for(f"{play.STATE}.state === 'idle' && !document.getElementById('video').src")
        page.evaluate("document.getElementById('play').click()")
        page.wait_for(f"{play.STATE}.state === 'playing'")
        self.played(page)

    def test_a_pause_ends_at_the_live_edge(self):
        _, stream = self.live(self.both())
        page = self.open(stream)
        self.played(page)
        page.evaluate("document.getElementById('video').pause()")
        paused = play.state_of(page)["time"]
        page.wait_for(f"{play.STATE}.ranges.at(-1)[1] - {play.STATE}.time > 7")
        self.assertAlmostEqual(play.state_of(page)["time"], paused, delta=0.2)
        page.evaluate("document.getElementById('video').play()")
        page.wait_for(f"{play.STATE}.ranges.at(-1)[1] - {play.STATE}.time < 2.5")
        self.played(page, seconds=1)


if __name__ == "__main__":
    unittest.main()
