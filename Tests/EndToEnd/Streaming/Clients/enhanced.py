"""Writes an FLV file that ffmpeg 5 cannot: enhanced.py FORM FILE [HEVC].

FORM is hvc1 (Enhanced RTMP), hevc12 (what was used before it), av01, vp09, Opus or multitrack; HEVC a file of H.265 as
x265 writes it, whose access units begin with a delimiter. Pictures of the others are noise, behind true headers.
"""

import random
import re
import struct
import sys

import amf
import flv

SEQUENCE_START, CODED_FRAMES, CODED_FRAMES_X = 0, 1, 3
MULTITRACK = 6


def units(path):
    """The access units of a file, each as its NAL units."""
    with open(path, "rb") as file:
        nals = [nal for nal in re.split(b"\x00\x00\x00?\x01", file.read()) if nal]
    found = []
    for nal in nals:
        if nal[0] >> 1 & 63 == 35:
            found.append([])
        found[-1].append(nal)
    return found


def hevc_configuration(nals):
    """HEVCDecoderConfigurationRecord (ISO 14496-15) of the parameter sets among `nals`."""
    sets = {kind: [nal for nal in nals if nal[0] >> 1 & 63 == kind] for kind in (32, 33, 34)}
    profile = sets[33][0].replace(b"\x00\x00\x03", b"\x00\x00")[3:15]
    record = b"\x01" + profile + b"\xf0\x00\xfc\xfd\xf8\xf8\x00\x00\x0f" + bytes([len(sets)])
    for kind, members in sets.items():
        record += bytes([0x80 | kind]) + struct.pack(">H", len(members))
        record += b"".join(struct.pack(">H", len(nal)) + nal for nal in members)
    return record


def hevc(form):
    """Configuration and frames: key, bytes behind the head of the tag."""
    found = units(sys.argv[3])
    frames = []
    for nals in found:
        coded = [nal for nal in nals if nal[0] >> 1 & 63 < 32]
        is_key = any(16 <= nal[0] >> 1 & 63 <= 21 for nal in coded)
        frames.append((is_key, b"".join(struct.pack(">I", len(nal)) + nal for nal in coded)))
    return hevc_configuration(found[0]), frames


def noise(_):
    source = random.Random(1)
    configuration = {"av01": b"\x81\x05\x0c\x00", "vp09": bytes.fromhex("01000000000a82020202 0000")}
    frames = [(number % 25 == 0, source.randbytes(2000)) for number in range(100)]
    return configuration.get(sys.argv[1], b"\x81\x05\x0c\x00"), frames


def video_tag(form, packet, is_key, body):
    frame = 1 if is_key else 2
    if form == "hevc12":
        return bytes([frame << 4 | 12, min(packet, 1)]) + bytes(3) + body
    if form == "multitrack":
        # Two tracks of one codec: AvMultitrackType 1, each with its number and its size.
        head = bytes([0x80 | frame << 4 | MULTITRACK, 1 << 4 | packet]) + b"av01"
        return head + b"".join(bytes([track]) + len(body).to_bytes(3, "big") + body for track in (0, 1))
    composition = b"\x00\x00\x00" if form == "hvc1" and packet == CODED_FRAMES else b""
    return bytes([0x80 | frame << 4 | packet]) + form.encode() + composition + body


def tags(form):
    if form == "Opus":
        opus = b"OpusHead\x01\x02\x38\x01\x80\xbb\x00\x00\x00\x00\x00"
        yield flv.AUDIO, 0, b"\x90Opus" + opus
        for number in range(200):
            yield flv.AUDIO, number * 20, b"\x91Opus" + random.Random(number).randbytes(120)
        return
    configuration, frames = (hevc if form in ("hvc1", "hevc12") else noise)(form)
    yield flv.VIDEO, 0, video_tag(form, SEQUENCE_START, True, configuration)
    # What carries a composition time, and what leaves it out.
    for number, (is_key, body) in enumerate(frames):
        packet = CODED_FRAMES_X if form == "hvc1" and number % 2 else CODED_FRAMES
        yield flv.VIDEO, number * 40, video_tag(form, packet, is_key, body)


metadata = {"videocodecid" if sys.argv[1] != "Opus" else "audiocodecid": float(int.from_bytes(b"hvc1", "big"))}
with open(sys.argv[2], "wb") as output:
    output.write(flv.header())
    output.write(flv.tag(flv.DATA, 0, amf.encode("onMetaData", metadata)))
    for kind, time, body in tags(sys.argv[1]):
        output.write(flv.tag(kind, time, body))
