"""The load of RTMP and HTTP-FLV: counts every frame of a good server, and says what a bad one did."""

import os
import socket
import tempfile
import unittest
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from harness import build, peers
from harness.process import Failed, Process, free_port
from tests.faults import FaultyTCPRelay
from tests.tiny_origin import AUDIO, VIDEO, Message, TinyOrigin


class RTMPLoadTests(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)
        # A server that gives up its rights must still reach its own files.
        self.directory.chmod(0o755)
        self.core = min(os.sched_getaffinity(0))

    def run_load(self, *options: object) -> dict[str, int | float]:
        command = [str(build.c_program("rtmp-load")), *map(str, options)]
        with Process("rtmp-load", command, self.core, self.directory / "load.log") as load:
            load.expect("ready", 20)
            load.say("go")
            return load.expect("done", 20)

    def run_tiny(self, protocol: str, fault=lambda message: [message], chunked=True, *options: object):
        rtmp, http = free_port(), free_port()
        with TinyOrigin(rtmp, http, fault, chunked):
            return self.run_load(
                "--mode", "live", "--port", rtmp, "--play-port", http if protocol == "flv" else rtmp,
                "--protocol", protocol, "--milliseconds", 400, *options)

    def open_nginx(self, stack: ExitStack) -> int:
        port = free_port()
        command = peers.nginx_rtmp(self.directory, port, 200)
        server = stack.enter_context(Process("nginx", command, self.core, self.directory / "nginx.log"))
        server.wait_until_listening(port)
        return port

    # Frames of 400 ms: 10 of video and 18 of audio.

    def test_a_good_server_delivers_every_frame_by_every_protocol(self) -> None:
        for protocol, chunked in (("rtmp", True), ("flv", True), ("flv", False)):
            with self.subTest(protocol=protocol, chunked=chunked):
                done = self.run_tiny(protocol, lambda message: [message], chunked, "--players", 3)
                self.assertEqual((done["published"], done["frames"], done["key_frames"]), (28, 3 * 28, 3))
                self.assertEqual(done["with_metadata"], 3)

    def test_many_small_chunks_and_every_way_to_read_give_the_same(self) -> None:
        for options in (("--chunk-size", 1), ("--read-every-ms", 0), ("--prompt-every", 0)):
            with self.subTest(options):
                done = self.run_tiny("rtmp", lambda message: [message], True, "--players", 2, *options)
                self.assertEqual(done["frames"], 2 * 28)

    def test_a_server_may_move_all_timestamps_beyond_24_bits_and_around(self) -> None:
        for shift in (5, 0xFFFFFF - 100, 0xFFFFFFFF - 100):
            def moved(message: Message) -> list[Message]:
                return [replace(message, timestamp=(message.timestamp + shift) % 2**32)]
            for protocol in ("rtmp", "flv"):
                with self.subTest(protocol=protocol, shift=shift):
                    self.assertEqual(self.run_tiny(protocol, moved)["frames"], 28)

    def test_every_stream_goes_to_its_own_players(self) -> None:
        done = self.run_tiny("rtmp", lambda message: [message], True, "--publishers", 4, "--players", 8)
        self.assertEqual((done["published"], done["frames"]), (4 * 28, 8 * 28))

    def test_faults_are_noticed(self) -> None:
        for reason, fault in FAULTS.items():
            for protocol in ("rtmp", "flv"):
                with self.subTest(reason, protocol=protocol), self.assertRaisesRegex(Failed, reason):
                    self.run_tiny(protocol, fault)

    def test_a_frame_of_another_stream_is_noticed(self) -> None:
        first: dict[int, Message] = {}

        def mix(message: Message) -> list[Message]:
            # The second stream begins after the first has ended.
            if message.kind == VIDEO and _stream(message) == 0:
                first[_number(message)] = message
            is_third = message.kind == VIDEO and _stream(message) == 1 and _number(message) == 3
            return [first[3]] if is_third else [message]

        with self.assertRaisesRegex(Failed, "player 1: a video frame of stream 0 came to a viewer of 1"):
            self.run_tiny("rtmp", mix, True, "--publishers", 2, "--players", 2)

    def test_a_last_frame_that_never_comes_is_noticed(self) -> None:
        # The wait for it is five seconds.
        with self.assertRaisesRegex(Failed, "9 of 10 frames of video and 18 of 18 of audio"):
            self.run_tiny("rtmp", lambda message: [] if _number(message) == 9 and message.kind == VIDEO else [message])

    # nginx

    def test_nginx_serves_publishers_players_and_storms(self) -> None:
        with ExitStack() as stack:
            port = self.open_nginx(stack)
            done = self.run_load(
                "--mode", "live", "--port", port, "--publishers", 4, "--players", 20, "--milliseconds", 400)
            self.assertEqual((done["published"], done["frames"], done["with_metadata"]), (4 * 28, 20 * 28, 20))
            done = self.run_load(
                "--mode", "live", "--port", port, "--players", 10, "--milliseconds", 4400, "--joining-ms", 500)
            self.assertGreater(done["first_p99_us"], 1000)
            self.assertGreaterEqual(done["key_frames"], 10)
            for until in ("connect", "play", "frame"):
                done = self.run_load("--mode", "storm", "--port", port, "--until", until,
                                     "--connects-per-second", 200, "--milliseconds", 500)
                self.assertEqual((done["connects"], done["succeeded"], done["errors"]), (100, 100, 0))

    def test_a_relay_that_changes_or_loses_bytes_or_closes_is_noticed(self) -> None:
        faults = {
            "wrong bytes|chunk|was due|had \\d+ of": lambda data: data if len(data) < 1500 else data[:-700] + bytes(
                [data[-700] ^ 1]) + data[-699:],
            "wrong bytes|chunk|a frame of|message of|had \\d+ of": lambda data: data if len(data) < 1500 else data[:-1],
            "closed it": lambda data: data if len(data) < 3000 else None,
        }
        with ExitStack() as stack:
            origin = self.open_nginx(stack)
            for reason, fault in faults.items():
                relay = free_port()
                with (self.subTest(reason), FaultyTCPRelay(relay, origin, _after_the_handshake(fault)),
                      self.assertRaisesRegex(Failed, reason)):
                    self.run_load("--mode", "live", "--port", origin, "--play-port", relay, "--milliseconds", 400)

    # Storms

    def test_refused_connects_and_connects_that_end_early_are_counted(self) -> None:
        rtmp, closing = free_port(), free_port()
        with TinyOrigin(rtmp, free_port()), Closing(closing):
            for port, kind in ((free_port(), "refused"), (closing, "closed")):
                done = self.run_load("--mode", "storm", "--port", rtmp, "--play-port", port,
                                     "--connects-per-second", 100, "--milliseconds", 200)
                self.assertEqual((done["connects"], done["errors"], done[kind]), (20, 20, 20), done)


class Closing(FaultyTCPRelay):
    """Takes connections and closes them."""

    def __init__(self, port: int) -> None:
        super().__init__(port, 0, lambda data: None)

    def _accept(self) -> None:
        while True:
            client = self.own(self.listener.accept()[0])
            client.recv(1, socket.MSG_PEEK)
            client.shutdown(socket.SHUT_RDWR)


def _after_the_handshake(fault):
    passed = 0

    def change(data: bytes) -> bytes | None:
        nonlocal passed
        passed += len(data)
        return fault(data) if passed > 6000 else data

    return change


def _is_frame(message: Message) -> bool:
    return message.kind in (AUDIO, VIDEO) and message.body[1] == 1


def _stream(message: Message) -> int:
    """The stream that a frame names; -1 for what is no frame."""
    return _marked(message, 0, 3)


def _number(message: Message) -> int:
    return _marked(message, 3, 4)


def _marked(message: Message, offset: int, count: int) -> int:
    """A number in a frame's name, which has seven bits in each byte."""
    if not _is_frame(message):
        return -1
    at = (28 if message.kind == VIDEO else 4) + offset
    return sum((byte & 127) << 7 * place for place, byte in enumerate(message.body[at:at + count]))


def _fifth_video(change):
    return lambda message: change(message) if message.kind == VIDEO and _number(message) == 5 else [message]


def _flip(message: Message, at: int) -> list[Message]:
    body = bytearray(message.body)
    body[at] ^= 1
    return [replace(message, body=bytes(body))]


FAULTS = {
    "video frame 6 came where 5 was due": _fifth_video(lambda message: []),
    "video frame 5 came where 6 was due": _fifth_video(lambda message: [message, message]),
    "wrong bytes in video frame 5 from offset": _fifth_video(lambda message: _flip(message, -1)),
    "wrong bytes in the head of a video frame, 5 were expected": _fifth_video(lambda message: _flip(message, 30)),
    "video frame 5 has \\d+ bytes, not": _fifth_video(lambda message: [replace(message, body=message.body[:-1])]),
    "video frame 5 has the timestamp 201, 1 ms off": _fifth_video(
        lambda message: [replace(message, timestamp=message.timestamp + 1)]),
    "goes back in time": lambda message: [
        replace(message, timestamp=message.timestamp + (3 if message.kind == AUDIO else 0))],
    "closed it after": _fifth_video(lambda message: None),
    "audio frame 8 came where 7 was due": lambda message: (
        [] if message.kind == AUDIO and _number(message) == 7 else [message]),
    "wrong bytes in audio frame 7": lambda message: (
        _flip(message, -1) if message.kind == AUDIO and _number(message) == 7 else [message]),
    "a frame of video came before its sequence header": lambda message: (
        [] if message.kind == VIDEO and not _is_frame(message) else [message]),
    "the sequence header of audio is not the one": lambda message: (
        _flip(message, -1) if message.kind == AUDIO and not _is_frame(message) else [message]),
    "the first frame of video is number 1, no key frame": lambda message: (
        [] if message.kind == VIDEO and _number(message) == 0 else [message]),
}


if __name__ == "__main__":
    unittest.main()
