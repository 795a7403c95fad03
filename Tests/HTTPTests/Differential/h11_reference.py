"""What h11, an independent HTTP/1.1 implementation, makes of requests.

Standard input holds cases, each a 32-bit big-endian length and that many bytes. For each case one line of JSON is
written: what h11 read as a server before the first request was complete, before it wanted more, or before it refused.
"""

import json
import struct
import sys

import h11

# Beyond every bound that the tests ask for, so that h11 judges syntax alone.
LARGEST_HEAD = 1 << 20


def read_case(data):
    """The first request in `data`, as far as h11 gets."""
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=LARGEST_HEAD)
    connection.receive_data(data)
    result = {"outcome": "incomplete", "body": ""}
    body = b""
    try:
        while True:
            event = connection.next_event()
            if event is h11.NEED_DATA or event is h11.PAUSED:
                break
            if isinstance(event, h11.Request):
                result["method"] = event.method.decode("latin-1")
                result["target"] = event.target.decode("latin-1")
                result["version"] = event.http_version.decode("latin-1")
                result["fields"] = [
                    [name.decode("latin-1"), value.decode("latin-1")] for name, value in event.headers
                ]
            elif isinstance(event, h11.Data):
                body += bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                result["outcome"] = "complete"
                result["left"] = len(connection.trailing_data[0])
                break
            else:
                break
    except h11.RemoteProtocolError as error:
        result["outcome"] = "refused"
        result["reason"] = str(error)
        result["status"] = error.error_status_hint
    result["body"] = body.hex()
    return result


def main():
    source = sys.stdin.buffer
    while True:
        prefix = source.read(4)
        if len(prefix) < 4:
            return
        (length,) = struct.unpack(">I", prefix)
        print(json.dumps(read_case(source.read(length))))


main()
