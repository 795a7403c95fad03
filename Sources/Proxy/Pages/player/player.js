import { Backoff } from "./backoff.js";
import { LIMITS, steer } from "./live-edge.js";
import { MediaOutput } from "./media-output.js";
import { Remuxer } from "./remuxer.js";
import { Delay, Meter } from "./statistics.js";
import { StreamError } from "./stream-error.js";
import { receive } from "./transport.js";

/** Milliseconds between looks at the live edge. */
const BEAT = 200;
/** Milliseconds without a byte after which a connection is taken for dead. */
const SILENCE = 30_000;
/** Milliseconds after which a connection was a good one: when it is lost, the next attempt is soon. */
const GOOD = 10_000;
/** Bytes that the browser has not taken before the network is made to wait. */
const MAXIMUM_WAITING = 8 * 1024 * 1024;

/**
 * Plays live FLV in a `<video>`.
 *
 * `onState(state, words)` tells how it goes: "idle", "connecting", "playing", "waiting" for the next attempt, "failed".
 * `onNotice(words)` tells what is not as it should be although it plays; no words where all is.
 */
export class Player {
  #video;
  #output;
  #onState;
  #onNotice;
  /** The present `play`; another object, or null, means that it is over. */
  #session = null;
  #connection = new AbortController();
  #remuxer = null;
  #target = LIMITS.target;
  #descriptions = {};
  #notices = {};
  #bytes = new Meter();
  #frames = new Meter();
  #delay = new Delay();
  #state = "idle";

  static get isSupported() { return MediaOutput.isSupported; }

  constructor(video, { onState, onNotice }) {
    this.#video = video;
    this.#onState = onState;
    this.#onNotice = onNotice;
    this.#output = new MediaOutput(video, { onFault: (words) => this.#startOver(words) });
    video.addEventListener("error", () => {
      if (video.error !== null && this.#remuxer !== null) this.#startOver("The browser cannot decode the stream.");
    });
    video.addEventListener("waiting", () => this.#noteStall());
    setInterval(() => this.#beat(), BEAT);
  }

  play(url) {
    this.stop();
    this.#session = { hasPlayed: false };
    this.#target = LIMITS.target;
    this.#remuxer = this.#makeRemuxer();
    this.#run(url, this.#session);
  }

  stop() {
    this.#session = null;
    this.#remuxer = null;
    this.#connection.abort(new StreamError("Stopped."));
    this.#output.stop();
    this.#descriptions = {};
    this.#notices = {};
    this.#onNotice("");
    this.#tell("idle", "Stopped.");
  }

  #makeRemuxer() { return new Remuxer({ supports: (mime) => MediaOutput.supports(mime) }); }

  #tell(state, words) {
    this.#state = state;
    this.#onState(state, words);
  }

  /** Says what is not as it should be about one matter; no words where it is again. */
  #note(matter, words) {
    this.#notices[matter] = words;
    this.#onNotice(Object.values(this.#notices).filter((notice) => notice !== "").join(" "));
  }

  // MARK: - Connections

  async #run(url, session) {
    const backoff = new Backoff();
    while (this.#session === session) {
      this.#tell("connecting", "Connecting…");
      const began = performance.now();
      const error = await this.#connect(url, session);
      if (this.#session !== session) return;
      if (performance.now() - began > GOOD) backoff.reset();
      if (error.isFinal && !(error.isMissing && session.hasPlayed)) {
        this.stop();
        return this.#tell("failed", error.message);
      }
      const delay = backoff.next();
      this.#tell("waiting", `${error.message} Trying again in ${Math.ceil(delay / 1000)} s.`);
      await new Promise((resolve) => setTimeout(resolve, delay));
    }
  }

  /** Plays one connection, and says why it is over. */
  async #connect(url, session) {
    this.#connection = new AbortController();
    const { signal } = this.#connection;
    let watch;
    try {
      for await (const bytes of receive(url, signal)) {
        clearTimeout(watch);
        watch = setTimeout(() => this.#lose("Nothing has come for a while."), SILENCE);
        if (bytes.length === 0) this.#tell("connecting", "Connected; waiting for the stream…");
        this.#bytes.add(bytes.length, performance.now());
        if (this.#handle(this.#remuxer.push(bytes))) session.hasPlayed = true;
        while (this.#output.waitingBytes > MAXIMUM_WAITING && !signal.aborted) await afterBeat();
        signal.throwIfAborted();
      }
      return new StreamError("The stream has ended.");
    } catch (error) {
      return error instanceof StreamError ? error : new StreamError(`The player has failed: ${error.message}`);
    } finally {
      clearTimeout(watch);
      this.#connection.abort();
      if (this.#session === session) this.#handle(this.#remuxer.end());
    }
  }

  #lose(words) { this.#connection.abort(new StreamError(words)); }

  /** Nothing of what was there can be used any more. */
  #startOver(words) {
    if (this.#session === null) return;
    this.#output.stop();
    this.#remuxer = this.#makeRemuxer();
    this.#lose(words);
  }

  // MARK: - Media

  /** Whether there was something to play. */
  #handle(events) {
    let hasMedia = false;
    for (const event of events) {
      switch (event.what) {
        case "tracks": this.#begin(event.tracks); break;
        case "change": this.#change(event.track); break;
        case "unsupported":
          this.#note(event.kind, `This ${event.by} cannot play ${event.name}: there is no ${NOUNS[event.kind]}.`);
          break;
        case "media":
          hasMedia = true;
          this.#output.append(event);
          if (event.kind === "video") this.#frames.add(event.frames, performance.now());
          break;
      }
    }
    return hasMedia;
  }

  #begin(tracks) {
    const isPaused = this.#video.paused && this.#video.currentTime > 0;
    this.#output.start(tracks);
    this.#descriptions = Object.fromEntries(tracks.map(({ kind, description }) => [kind, description]));
    for (const { kind } of tracks) this.#note(kind, "");
    if (!isPaused) this.#startVideo();
    this.#notePlaying();
  }

  /** A publisher, or a connection, begins anew. */
  #change(track) {
    this.#output.change(track);
    this.#descriptions[track.kind] = track.description;
    this.#notePlaying();
  }

  #notePlaying() {
    this.#delay = new Delay();
    this.#tell("playing", "Playing.");
  }

  async #startVideo() {
    try {
      await this.#video.play();
    } catch (error) {
      // Browsers let a page make noise once the viewer has touched it; without sound it may play at any time.
      if (error.name !== "NotAllowedError" || this.#video.muted) return;
      this.#video.muted = true;
      this.#note("policy", "The browser plays without sound until you switch it on.");
      this.#video.play().catch(() => {});
    }
  }

  // MARK: - The live edge

  #beat() {
    if (this.#session === null) return;
    const { ranges } = this.#output;
    const time = this.#video.currentTime;
    if (ranges.length > 0) this.#delay.note(ranges.at(-1)[1], performance.now() / 1000);
    if (!this.#video.seeking) {
      const { seekTo, rate } = steer({
        ranges, time, rate: this.#video.playbackRate, target: this.#target, isPaused: this.#video.paused,
      });
      if (seekTo !== null) this.#video.currentTime = seekTo;
      if (rate !== this.#video.playbackRate) this.#video.playbackRate = rate;
    }
    this.#output.trim();
  }

  /** A stall while data comes means that the distance to the live edge is too small for this network. */
  #noteStall() {
    const hasStarted = this.#output.ranges.some(([start]) => start < this.#video.currentTime);
    if (this.#state !== "playing" || this.#video.seeking || !hasStarted) return;
    this.#target = Math.min(this.#target + LIMITS.step, LIMITS.maximumTarget);
  }

  /** How it goes, in numbers; times in seconds, rates per second. */
  get statistics() {
    const now = performance.now();
    const time = this.#video.currentTime;
    const current = this.#output.ranges.find(([start, end]) => start <= time && time <= end);
    const quality = this.#video.getVideoPlaybackQuality?.();
    return {
      video: this.#descriptions.video ?? null,
      audio: this.#descriptions.audio ?? null,
      frameRate: this.#frames.perSecond(now),
      bitRate: 8 * this.#bytes.perSecond(now),
      buffered: current === undefined ? 0 : current[1] - time,
      delay: this.#delay.of(time, now / 1000),
      droppedFrames: quality?.droppedVideoFrames ?? 0,
      shownFrames: quality?.totalVideoFrames ?? 0,
    };
  }
}

const NOUNS = { video: "picture", audio: "sound" };
const afterBeat = () => new Promise((resolve) => setTimeout(resolve, BEAT));
