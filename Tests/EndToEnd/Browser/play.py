"""Plays a stream on the built-in page in a headless chromium, and checks that it really plays.

    play.py http://127.0.0.1:18080/ live/livestream --transport ws-flv --width 640 --height 360 --seconds 3

Prints what was seen as one line of JSON. Exits with 1, and says why, where something is not as it should be.

With --rounds it prints a line for each: the next one begins, on the same page, when a line comes in at standard input.
A SIGTERM ends it in the middle, and takes the browser and its profile along.
"""

import argparse
import json
import signal
import sys
import urllib.parse

from chromium import BrowserError, Chromium

# What is on the screen, as a number: of a picture so small that it is made in no time.
SHOWN = """(() => {
    if (video.videoWidth === 0) return null;
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [32, 18];
    const context = canvas.getContext("2d");
    context.drawImage(video, 0, 0, canvas.width, canvas.height);
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    return data.reduce((sum, byte) => (Math.imul(sum, 31) + byte) | 0, 0);
  })()"""

STATE = """(() => {
  const video = document.getElementById("video");
  const words = (id) => document.getElementById(id).textContent;
  const { totalVideoFrames, droppedVideoFrames } = video.getVideoPlaybackQuality();
  return {
    state: document.body.dataset.state, time: video.currentTime, isPaused: video.paused, readyState: video.readyState,
    width: video.videoWidth, height: video.videoHeight, frames: totalVideoFrames, dropped: droppedVideoFrames,
    videoBytes: video.webkitVideoDecodedByteCount, audioBytes: video.webkitAudioDecodedByteCount,
    status: words("status"), notice: words("notice"), error: words("error"),
    ranges: Array.from({ length: video.buffered.length }, (_, i) => [video.buffered.start(i), video.buffered.end(i)]),
    picture: words("picture"), sound: words("sound"), latency: words("latency"), frameRate: words("frame-rate"),
    shown: SHOWN,
  };
})()""".replace("SHOWN", SHOWN)


def player_address(page, stream, transport, autoplay=True):
    """The built-in page's link to a stream."""
    query = {"stream": stream, "transport": transport, "autoplay": "1" if autoplay else "0"}
    return urllib.parse.urljoin(page, "?" + urllib.parse.urlencode(query))


def state_of(page):
    """What a viewer of the page sees and hears, as a dictionary."""
    return page.evaluate(STATE)


def wait_until_played(page, seconds, within=30):
    """Waits until the picture has moved on by `seconds` from where it is now, and returns the state then; `pictures` in
    it is how many different ones were seen in between."""
    begin = state_of(page)["time"]
    page.evaluate("window.seen = new Set(), true")
    condition = f"""(() => {{
      const state = {STATE};
      if (state.error !== "") throw new Error(state.error);
      state.pictures = seen.add(state.shown).size;
      return state.time < {begin} || state.time >= {begin} + {seconds} ? state : null;
    }})()"""
    return page.wait_for(condition, within=within)


def check(before, after, options):
    """What is wrong with how it played between two states."""
    if options.video:
        if (after["width"], after["height"]) != (options.width or after["width"], options.height or after["height"]):
            yield f"the picture is {after['width']} x {after['height']}"
        if after["frames"] - before["frames"] < options.frames:
            yield f"only {after['frames'] - before['frames']} frames were decoded"
        if after["videoBytes"] <= before["videoBytes"]:
            yield "no video was decoded"
        if after["pictures"] < options.pictures:
            yield f"only {after['pictures']} different pictures were seen"
    if options.audio and after["audioBytes"] <= before["audioBytes"]:
        yield "no audio was decoded"
    if after["time"] < before["time"] + options.seconds:
        yield f"time went from {before['time']} s to {after['time']} s"
    if after["state"] != "playing" or after["isPaused"]:
        yield f"it does not play: {after['status']!r}"
    for words in (after["error"], after["notice"]):
        if words:
            yield f"the page says {words!r}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("page", help="URL of the built-in page")
    parser.add_argument("stream", help="app/stream, a path or a URL")
    parser.add_argument("--transport", choices=["http-flv", "ws-flv"], default="http-flv")
    parser.add_argument("--seconds", type=float, default=3, help="how much has to be played")
    parser.add_argument("--within", type=float, default=30, help="seconds that it may take")
    parser.add_argument("--width", type=int)
    parser.add_argument("--height", type=int)
    parser.add_argument("--frames", type=int, default=20, help="how many frames have to be decoded meanwhile")
    parser.add_argument("--pictures", type=int, default=5, help="how many different ones have to be seen meanwhile")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--no-video", dest="video", action="store_false")
    parser.add_argument("--no-audio", dest="audio", action="store_false")
    options = parser.parse_args()
    # As any other end: through all that is to be cleaned up. Who starts this may have it blocked.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("play.py: stopped"))
    try:
        with Chromium() as browser:
            page = browser.open(player_address(options.page, options.stream, options.transport))
            for number in range(options.rounds):
                if number > 0 and not sys.stdin.readline():
                    sys.exit("play.py: nobody asks for the next round")
                play_round(page, options)
    except BrowserError as error:
        sys.exit(f"play.py: {error}")


def play_round(page, options):
    page.wait_for(f"{STATE}.time > 0 || {STATE}.error !== ''", within=options.within)
    before = state_of(page)
    after = wait_until_played(page, options.seconds, options.within)
    print(json.dumps(after), flush=True)
    if faults := list(check(before, after, options)) + page.faults:
        sys.exit("play.py: " + "; ".join(faults))


if __name__ == "__main__":
    main()
