"""What the remuxer makes of a recording is what was recorded: ffmpeg decodes both to the same frames and times."""

import base64
import json
import re
import subprocess
import unittest

import flv
from support import H264_AAC, LARGER, shared

AVC = 'video/mp4; codecs="avc1.'
AAC = 'audio/mp4; codecs="mp4a.40.2"'


def frames(path, *selection):
    """(milliseconds, hash) of each decoded frame. Times of a recording in FLV are whole milliseconds."""
    output = subprocess.run(
        ["ffmpeg", "-v", "error", "-nostdin", "-copyts", "-i", path, *selection, "-fps_mode", "passthrough",
         "-enc_time_base", "1:1000", "-f", "framemd5", "-"],
        check=True, capture_output=True, text=True).stdout
    bases = dict(re.findall(r"#tb (\d+): (\d+/\d+)", output))
    numerator, denominator = map(int, bases["0"].split("/"))
    rows = [line.split(",") for line in output.splitlines() if line and not line.startswith("#")]
    return [(1000 * int(row[2]) * numerator / denominator, row[5].strip()) for row in rows]


class RemuxingTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.page = shared.browser.open(shared.server.url + "test/index.html")

    def remux(self, data, seed, largest):
        shared.server.files["/file.flv"] = data
        return self.page.evaluate(
            f"import('/test/remuxing.js').then(({{ remuxed }}) => remuxed('/file.flv', {seed}, {largest}))")

    def check(self, name, data, source, mimes, size=(320, 180), pieces=((1, 100_000), (2, 3000), (3, 7))):
        """`source` is a file with the same tracks that ffmpeg can read; `mimes` are how each kind's codec begins."""
        path = shared.path(name)
        for seed, largest in pieces:
            with self.subTest(name, largest=largest):
                result = self.remux(data, seed, largest)
                self.assertEqual({track["kind"] for track in result["tracks"]}, set(mimes))
                shifts = []
                for track in result["tracks"]:
                    kind = track["kind"]
                    self.assertTrue(track["mime"].startswith(mimes[kind]), track["mime"])
                    with open(f"{path}.{kind}.mp4", "wb") as file:
                        file.write(base64.b64decode(result["kinds"][kind]))
                    shifts.append(self.compare(f"{path}.{kind}.mp4", source, kind))
                    if kind == "video":
                        self.assertEqual((track["width"], track["height"]), size)
                        self.assert_sizes(f"{path}.{kind}.mp4", size)
                # Sound stays with its picture.
                self.assertLessEqual(max(shifts) - min(shifts), 1.5)

    def compare(self, made, source, kind):
        """By how many milliseconds frames were moved, all alike."""
        wanted = frames(source, "-map", f"0:{kind[0]}")
        found = frames(made)
        self.assertGreater(len(wanted), 50)
        self.assertEqual([digest for _, digest in found], [digest for _, digest in wanted])
        # Placed on the player's own line, and sound by its samples rather than by milliseconds.
        shift = found[0][0] - wanted[0][0]
        steps = [round(abs(ours - theirs - shift), 3) for (ours, _), (theirs, _) in zip(found, wanted)]
        self.assertLessEqual(max(steps), 0 if kind == "video" else 1.5)
        return shift

    def assert_sizes(self, path, size):
        """The container says the size too, not the pictures alone."""
        listing = subprocess.run(
            ["ffprobe", "-v", "error", "-show_entries", "stream=width,height", "-of", "json", path],
            check=True, capture_output=True)
        stream = json.loads(listing.stdout)["streams"][0]
        self.assertEqual((stream["width"], stream["height"]), size)

    def check_recording(self, name, mimes, *output, **sources):
        path = shared.recording(name, *output, **sources)
        with open(path, "rb") as file:
            self.check(name, file.read(), path, mimes)

    # MARK: What ffmpeg writes

    def test_h264_and_aac(self):
        self.check_recording("both.flv", {"video": AVC, "audio": AAC}, *H264_AAC)

    def test_without_b_frames(self):
        self.check_recording(
            "plain.flv", {"video": AVC, "audio": AAC}, "-c:v", "libx264", "-bf", "0", "-c:a", "aac", "-ac", "1")

    def test_many_b_frames_as_a_pyramid(self):
        self.check_recording(
            "pyramid.flv", {"video": AVC}, "-c:v", "libx264", "-bf", "5", "-x264-params", "b-pyramid=normal",
            audio=None)

    def test_video_alone(self):
        self.check_recording("video.flv", {"video": AVC}, "-c:v", "libx264", audio=None)

    def test_interlaced_and_cropped(self):
        path = shared.recording(
            "fields.flv", "-c:v", "libx264", "-flags", "+ildct+ilme", video="testsrc2=s=322x180:r=25", audio=None)
        with open(path, "rb") as file:
            self.check("fields.flv", file.read(), path, {"video": AVC}, size=(322, 180), pieces=[(1, 5000)])

    def test_audio_alone(self):
        for rate in (22050, 44100, 48000):
            self.check_recording(
                f"audio-{rate}.flv", {"audio": AAC}, "-c:a", "aac", "-ar", str(rate), video=None)

    def test_mp3(self):
        for rate in (22050, 44100):
            self.check_recording(
                f"mp3-{rate}.flv", {"audio": "audio/mp4; codecs="}, "-c:a", "libmp3lame", "-ar", str(rate), video=None)

    # MARK: What it does not

    def check_made(self, name, codec, mime, *output, forms=("enhanced",), **sources):
        """A recording in MP4 put into tags by hand."""
        path = shared.recording(name + ".mp4", *output, **sources)
        kind = "audio" if codec in ("Opus", ".mp3") else "video"
        for form in forms:
            tags = flv.from_mp4(path, codec, legacy=12 if form == "legacy" else None, boxed=form == "boxed")
            if form == "multitrack":
                tags = flv.with_multitrack(tags)
            self.check(f"{name}-{form}", flv.write_tags(tags), path, {kind: mime}, pieces=[(1, 4000)])

    def test_h265(self):
        self.check_made(
            "h265", "hvc1", 'video/mp4; codecs="hvc1.1.6.L', "-c:v", "libx265", "-x265-params", "log-level=none",
            "-tag:v", "hvc1", forms=("enhanced", "legacy", "multitrack"), audio=None)

    def test_h264_enhanced(self):
        self.check_made("h264", "avc1", AVC, "-c:v", "libx264", audio=None, forms=("enhanced", "multitrack"))

    def test_av1(self):
        self.check_made(
            "av1", "av01", 'video/mp4; codecs="av01.0.', "-c:v", "libsvtav1", "-preset", "12", "-svtav1-params",
            "film-grain=0", audio=None)

    def test_vp9(self):
        self.check_made(
            "vp9", "vp09", 'video/mp4; codecs="vp09.00.', "-c:v", "libvpx-vp9", "-deadline", "realtime",
            "-cpu-used", "8", audio=None, forms=("enhanced", "boxed"))

    def test_opus(self):
        self.check_made("opus", "Opus", 'audio/mp4; codecs="opus"', "-c:a", "libopus", "-ar", "48000", video=None)

    # MARK: Times

    def test_times_that_are_high_or_wrap(self):
        source = shared.recording("both.flv", *H264_AAC)
        for start in (4_000_000_000, 2**32 - 2000):
            data = flv.write_tags(flv.shifted(shared.tags("both.flv", *H264_AAC), start))
            self.check(f"start-{start}.flv", data, source, {"video": AVC, "audio": AAC}, pieces=[(1, 5000)])

    def test_a_gap_in_sound_becomes_silence(self):
        tags = shared.tags("both.flv", *H264_AAC)
        kept = [tag for tag in tags if tag.type != flv.AUDIO or not 1000 <= tag.timestamp < 2500]
        result = self.remux(flv.write_tags(kept), 1, 5000)
        with open(shared.path("gap.mp4"), "wb") as file:
            file.write(base64.b64decode(result["kinds"]["audio"]))
        # Decoders carry a little of each frame into the next.
        found = frames(shared.path("gap.mp4"), "-c:a", "pcm_s16le")
        silent = {digest for time, digest in found if 1100 <= time - found[0][0] <= 2400}
        self.assertEqual(len(silent), 1)
        steps = [after - before for (before, _), (after, _) in zip(found, found[1:])]
        self.assertLess(max(steps), 30)

    def test_another_configuration_in_the_middle(self):
        first = shared.tags("both.flv", *H264_AAC)
        second = shared.tags("larger.flv", *H264_AAC, video=LARGER, audio="sine=440:r=48000")
        result = self.remux(flv.write_tags(first + second), 1, 5000)
        self.assertEqual(
            [(track["kind"], track["width"], track["rate"]) for track in result["tracks"]],
            [("video", 320, None), ("audio", None, 44100), ("video", 640, None), ("audio", None, 48000)])

    # MARK: Damage

    def test_damage_is_an_error_in_words_at_most(self):
        recordings = [("both.flv", H264_AAC, {}), ("mp3-44100.flv", ("-c:a", "libmp3lame"), {"video": None})]
        for name, output, sources in recordings:
            shared.server.files["/file.flv"] = flv.write_tags(shared.tags(name, *output, **sources))
            self.check_damaged(name)
        h265 = ("-c:v", "libx265", "-x265-params", "log-level=none", "-tag:v", "hvc1")
        for codec, name, output, sources in (
            ("hvc1", "h265.mp4", h265, {"audio": None}),
            ("Opus", "opus.mp4", ("-c:a", "libopus", "-ar", "48000"), {"video": None}),
        ):
            path = shared.recording(name, *output, **sources)
            shared.server.files["/file.flv"] = flv.write_tags(flv.from_mp4(path, codec))
            self.check_damaged(name)

    def check_damaged(self, name):
        with self.subTest(name):
            faults = self.page.evaluate(
                "import('/test/remuxing.js').then(({ faultsOfDamaged }) => faultsOfDamaged('/file.flv', 1, 150))")
            self.assertEqual(faults, [])


if __name__ == "__main__":
    unittest.main()
