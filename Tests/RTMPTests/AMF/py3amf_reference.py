"""What Py3AMF, an independent AMF implementation, makes of values.

Each line of standard input is `0` or `3`, for the version, and bytes in hexadecimal. For each a line is written: the
value as Py3AMF decodes it, in a notation of its own, and the bytes into which Py3AMF encodes that value, with references
wherever it finds a text, a class or an object again. A line that says `error` is followed by the reason.
"""

import datetime
import struct
import sys

import pyamf
from pyamf import amf3


def number(value):
    return struct.pack(">d", value).hex()


def text(value):
    return value.encode("utf-8").hex()


def pairs(items):
    return ",".join(f"{text(key)}:{dump(value)}" for key, value in sorted((str(key), value) for key, value in items))


def dump(value):
    """One notation for values of both versions; the order of properties is not Py3AMF's business."""
    if value is None:
        return "null"
    if value is pyamf.Undefined:
        return "undefined"
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return "n" + number(float(value))
    if isinstance(value, str):
        return "s" + text(value)
    if isinstance(value, datetime.datetime):
        since = value - datetime.datetime(1970, 1, 1)
        return f"d{round(since.total_seconds() * 1000)}"
    if isinstance(value, amf3.ByteArray):
        return "b" + value.getvalue().hex()
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(dump(element) for element in value) + "]"
    if isinstance(value, pyamf.TypedObject):
        return f"o{text(value.alias)}" + "{" + pairs(value.items()) + "}"
    if isinstance(value, pyamf.MixedArray):
        return "a{" + pairs(value.items()) + "}"
    if isinstance(value, dict):
        return "o{" + pairs(value.items()) + "}"
    raise ValueError(f"no notation for {type(value)}")


def main():
    for line in sys.stdin:
        version, digits = line.split()
        encoding = pyamf.AMF0 if version == "0" else pyamf.AMF3
        try:
            values = list(pyamf.decode(bytes.fromhex(digits), encoding=encoding))
            encoded = pyamf.encode(*values, encoding=encoding).getvalue()
            print(" ".join(dump(value) for value in values), encoded.hex())
        except Exception as error:
            print("error", repr(error))


main()
