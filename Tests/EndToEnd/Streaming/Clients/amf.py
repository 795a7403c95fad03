"""AMF0 as RTMP's commands need it."""

import struct


def encode(*values):
    return b"".join(map(_encode, values))


def _encode(value):
    if value is None:
        return b"\x05"
    if isinstance(value, bool):
        return b"\x01" + bytes([value])
    if isinstance(value, (int, float)):
        return b"\x00" + struct.pack(">d", value)
    if isinstance(value, str):
        text = value.encode()
        if len(text) > 0xFFFF:
            return b"\x0c" + struct.pack(">I", len(text)) + text
        return b"\x02" + _name(text)
    if isinstance(value, list):
        return b"\x0a" + struct.pack(">I", len(value)) + b"".join(map(_encode, value))
    members = b"".join(_name(name.encode()) + _encode(member) for name, member in value.items())
    return b"\x03" + members + b"\x00\x00\x09"


def _name(text):
    return struct.pack(">H", len(text)) + text


def decode(data):
    """All the values in `data`."""
    values, place = [], 0
    while place < len(data):
        value, place = _decode(data, place)
        values.append(value)
    return values


def _decode(data, place):
    kind, place = data[place], place + 1
    if kind == 0:
        return struct.unpack_from(">d", data, place)[0], place + 8
    if kind == 1:
        return data[place] != 0, place + 1
    if kind == 2:
        return _text(data, place)
    if kind == 3:
        return _members(data, place)
    if kind in (5, 6):
        return None, place
    if kind == 8:
        return _members(data, place + 4)
    if kind == 10:
        (count,) = struct.unpack_from(">I", data, place)
        values, place = [], place + 4
        for _ in range(count):
            value, place = _decode(data, place)
            values.append(value)
        return values, place
    if kind == 11:
        return struct.unpack_from(">d", data, place)[0], place + 10
    if kind == 12:
        (size,) = struct.unpack_from(">I", data, place)
        return data[place + 4 : place + 4 + size].decode(), place + 4 + size
    raise ValueError(f"AMF0 type {kind}")


def _text(data, place):
    (size,) = struct.unpack_from(">H", data, place)
    return data[place + 2 : place + 2 + size].decode(), place + 2 + size


def _members(data, place):
    members = {}
    while data[place : place + 3] != b"\x00\x00\x09":
        name, place = _text(data, place)
        members[name], place = _decode(data, place)
    return members, place + 3
