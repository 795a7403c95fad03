"""FLV: what stands in tags, for files, HTTP and RTMP alike."""

import hashlib
import struct

import amf

AUDIO, VIDEO, DATA = 8, 9, 18
KINDS = {AUDIO: "audio", VIDEO: "video", DATA: "data"}


def tag(kind, time, body):
    """A tag with the size behind it."""
    head = struct.pack(">B", kind) + len(body).to_bytes(3, "big")
    head += (time & 0xFFFFFF).to_bytes(3, "big") + bytes([time >> 24 & 0xFF]) + bytes(3)
    return head + body + struct.pack(">I", 11 + len(body))


def header(has_audio=True, has_video=True):
    return b"FLV\x01" + bytes([4 * has_audio | has_video]) + struct.pack(">II", 9, 0)


class Reader:
    """Tags from bytes that come in pieces."""

    def __init__(self):
        self.flags = None
        self._rest = b""

    def feed(self, data):
        self._rest += data
        if self.flags is None:
            if len(self._rest) < 13:
                return
            assert self._rest[:4] == b"FLV\x01", self._rest[:16]
            assert self._rest[5:13] == struct.pack(">II", 9, 0), self._rest[:16]
            self.flags = self._rest[4]
            self._rest = self._rest[13:]
        place = 0
        while len(self._rest) - place >= 11:
            size = int.from_bytes(self._rest[place + 1 : place + 4], "big")
            if len(self._rest) - place < size + 15:
                break
            kind = self._rest[place]
            time = int.from_bytes(self._rest[place + 4 : place + 7], "big") | self._rest[place + 7] << 24
            body = self._rest[place + 11 : place + 11 + size]
            (trailer,) = struct.unpack_from(">I", self._rest, place + 11 + size)
            assert trailer == size + 11, (trailer, size)
            place += size + 15
            yield kind, time, body
        self._rest = self._rest[place:]


def read(path):
    """The tags of a file."""
    with open(path, "rb") as file:
        return list(Reader().feed(file.read()))


def is_configuration(kind, body):
    if kind == VIDEO and body and body[0] & 0x80:
        # Of several tracks the second byte says what is in them.
        return (body[1] if body[0] & 0x0F == 6 else body[0]) & 0x0F == 0
    if kind == VIDEO:
        return len(body) > 1 and body[0] & 0x0F in (7, 12) and body[1] == 0
    if kind == AUDIO and body and body[0] >> 4 == 9:
        return body[0] & 0x0F == 0
    return kind == AUDIO and len(body) > 1 and body[0] >> 4 == 10 and body[1] == 0


def is_key(kind, body):
    return kind == VIDEO and len(body) > 0 and body[0] >> 4 & 7 == 1 and not is_configuration(kind, body)


def describe(kind, time, body):
    """What the tests are told of a tag."""
    told = {
        "event": "media",
        "kind": KINDS.get(kind, str(kind)),
        "time": time,
        "hash": hashlib.md5(body).hexdigest(),
        "key": is_key(kind, body),
        "config": is_configuration(kind, body),
    }
    if kind == DATA:
        values = amf.decode(body)
        members = values[1] if len(values) > 1 and isinstance(values[1], dict) else {}
        told["name"] = values[0]
        told["texts"] = {name: value for name, value in members.items() if isinstance(value, str)}
        told["numbers"] = {name: value for name, value in members.items() if type(value) is float}
    return told
