"""FLV for tests: recordings by ffmpeg, tags by hand, and codecs that Debian's ffmpeg does not write."""

import json
import struct
import subprocess
from dataclasses import dataclass, replace

AUDIO, VIDEO, SCRIPT = 8, 9, 18
HEADER = b"FLV\x01\x05\x00\x00\x00\x09\x00\x00\x00\x00"


@dataclass(frozen=True)
class Tag:
    type: int
    timestamp: int
    body: bytes

    @property
    def bytes(self):
        stamp = self.timestamp % 2**32
        header = struct.pack(">I", self.type << 24 | len(self.body))
        header += struct.pack(">I", stamp % 2**24 << 8 | stamp >> 24) + bytes(3)
        return header + self.body + struct.pack(">I", len(header) + len(self.body))

    @property
    def is_configuration(self):
        """Script data too: what comes at the start and has no time of its own."""
        if self.type == SCRIPT:
            return True
        if self.type == VIDEO and self.body[0] & 0x80 or self.type == AUDIO and self.body[0] >> 4 == 9:
            return self.body[0] & 15 == 0
        has_record = self.body[0] & 15 in (7, 12) if self.type == VIDEO else self.body[0] >> 4 == 10
        return has_record and self.body[1] == 0


def ffmpeg(*arguments):
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", *map(str, arguments)], check=True)


def record(path, *output, video="testsrc2=s=320x180:r=25", audio="sine=440:r=44100", seconds=4):
    """A recording of test sources; `video` or `audio` may be None. The file's name says its format."""
    inputs = [source for source in (video, audio) if source is not None]
    arguments = [word for source in inputs for word in ("-f", "lavfi", "-t", seconds, "-i", source)]
    ffmpeg(*arguments, "-pix_fmt", "yuv420p", *output, path)


def read_tags(data):
    """The tags of a whole FLV file."""
    offset = 9 + 4
    tags = []
    while offset + 11 <= len(data):
        size = int.from_bytes(data[offset + 1 : offset + 4], "big")
        stamp = int.from_bytes(data[offset + 4 : offset + 7], "big") | data[offset + 7] << 24
        tags.append(Tag(data[offset] & 31, stamp, data[offset + 11 : offset + 11 + size]))
        offset += 11 + size + 4
    return tags


def write_tags(tags):
    return HEADER + b"".join(tag.bytes for tag in tags)


def shifted(tags, milliseconds):
    """The same, later: only what has a time of its own moves."""
    return [tag if tag.is_configuration else replace(tag, timestamp=tag.timestamp + milliseconds) for tag in tags]


# MARK: Codecs beyond ffmpeg's FLV


def box_content(data, name):
    """The content of the first box of a type, wherever it is."""
    at = data.index(name)
    size = int.from_bytes(data[at - 4 : at], "big")
    return data[at + 4 : at - 4 + size]


def opus_head(dops):
    """`OpusHead`, little-endian, from the box `dOps`, big-endian."""
    channels, skip, rate, gain = struct.unpack(">xBHIh", dops[:10])
    return b"OpusHead" + struct.pack("<BBHIh", 1, channels, skip, rate, gain) + dops[10:]


def from_mp4(path, codec, legacy=None, boxed=False):
    """Tags of the first track of an MP4: by Enhanced RTMP with FourCC `codec`, or with the codec id `legacy`."""
    with open(path, "rb") as file:
        data = file.read()
    listing = subprocess.run(
        ["ffprobe", "-v", "error", "-show_entries", "packet=pts_time,dts_time,pos,size,flags", "-of", "json", path],
        check=True, capture_output=True)
    box = {"avc1": b"avcC", "hvc1": b"hvcC", "av01": b"av1C", "vp09": b"vpcC", "Opus": b"dOps"}.get(codec)
    configuration = box_content(data, box) if box else None
    if codec == "Opus":
        configuration = opus_head(configuration)
    if codec == "vp09" and not boxed:
        configuration = configuration[4:]
    is_audio = codec in ("Opus", ".mp3")
    tags = []
    if configuration is not None:
        tags.append(enhanced_tag(codec, 0, 0, True, configuration, is_audio, legacy))
    for packet in json.loads(listing.stdout)["packets"]:
        start, size = int(packet["pos"]), int(packet["size"])
        time = round(1000 * float(packet["dts_time"]))
        composition = round(1000 * float(packet["pts_time"])) - time
        payload = data[start : start + size]
        if codec in ("avc1", "hvc1"):
            payload = (composition % 2**24).to_bytes(3, "big") + payload
        tags.append(enhanced_tag(codec, time + 100, 1, "K" in packet["flags"], payload, is_audio, legacy))
    return tags


def enhanced_tag(codec, time, packet_type, is_key, payload, is_audio, legacy):
    if is_audio:
        return Tag(AUDIO, time, bytes([0x90 | packet_type]) + codec.encode() + payload)
    frame_type = 1 if is_key else 2
    if legacy is not None:
        composition = bytes(3) if packet_type == 0 else b""
        return Tag(VIDEO, time, bytes([frame_type << 4 | legacy, packet_type]) + composition + payload)
    return Tag(VIDEO, time, bytes([0x80 | frame_type << 4 | packet_type]) + codec.encode() + payload)


def with_multitrack(tags):
    """The same, each video tag as the first of two tracks, behind a nanosecond offset."""
    return [replace(tag, body=two_tracks(tag.body)) if tag.type == VIDEO else tag for tag in tags]


def two_tracks(body):
    modifier = bytes([2]) + (500_000).to_bytes(3, "big") + bytes([0x00 | 6])
    many_tracks = 1 << 4 | body[0] & 15
    track = len(body[5:]).to_bytes(3, "big") + body[5:]
    other = b"\x01" + (3).to_bytes(3, "big") + b"abc"
    return bytes([body[0] & 0xF0 | 7]) + modifier + bytes([many_tracks]) + body[1:5] + b"\x00" + track + other
