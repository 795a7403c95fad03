import { FLVDemuxer } from "./flv-demuxer.js";
import { Lane } from "./lane.js";
import { StreamError } from "./stream-error.js";
import { unitOf } from "./tag-bodies.js";
import { Timeline } from "./timeline.js";

export const LIMITS = Object.freeze({
  /** Milliseconds of one kind after which a stream is taken to have no other. */
  firstWait: 600,
  /** Frames, and bytes of them, that are held meanwhile; with more, the wait is over. */
  firstFrames: 256,
  firstBytes: 16 * 1024 * 1024,
  /** Milliseconds after which a kind that no longer comes is taken out: a browser would wait for it for ever. */
  silence: 10_000,
  /** Frames that cannot be played, without any that can, after which the stream is given up. */
  refusedFrames: 50,
});

/**
 * Turns FLV into fragmented MP4 for MSE: bytes in, events out.
 *
 * - `{what: "tracks", tracks: [{kind, mime, initialization, description}]}`: what there is to play from here on. What
 *   was there before has ended.
 * - `{what: "change", track}`: one of them goes on with another configuration.
 * - `{what: "media", kind, frames, bytes}`: a fragment.
 * - `{what: "unsupported", kind, name, by}`: a codec that is left out, for the "browser" or this "page" cannot play it.
 */
export class Remuxer {
  #supports;
  #limits;
  #timeline = new Timeline();
  #demuxer;
  #lanes;
  /** The kinds that the last "tracks" named. */
  #declared = [];
  /** Whether it is known which kinds the stream has; until then frames are held. */
  #isOpen;
  #firstTime;
  #heldFrames;
  #heldBytes;
  #refusedFrames;
  #fragments = 0;
  #events = [];

  /** `supports(mime)` is `MediaSource.isTypeSupported`. */
  constructor({ supports, limits = LIMITS }) {
    this.#supports = supports;
    this.#limits = limits;
    this.#begin();
  }

  #begin() {
    this.#demuxer = new FLVDemuxer();
    this.#lanes = { video: new Lane("video"), audio: new Lane("audio") };
    this.#timeline.restart();
    this.#isOpen = false;
    this.#firstTime = null;
    this.#heldFrames = 0;
    this.#heldBytes = 0;
    this.#refusedFrames = 0;
  }

  /** The events that `bytes` bring about. */
  push(bytes) {
    for (const { type, timestamp, body } of this.#demuxer.push(bytes)) {
      const unit = unitOf({ type, body });
      if (unit?.what === "configuration") this.#lanes[unit.kind].noteConfiguration(unit);
      else if (unit !== null) this.#takeFrame(unit, timestamp);
    }
    if (this.#isOpen) this.#flush();
    return this.#events.splice(0);
  }

  /** The connection is over: what is still held. The next one begins with a header, and anywhere in time. */
  end() {
    if (!this.#isOpen && this.#activeKinds.length > 0) this.#open();
    if (this.#isOpen) this.#flush({ isLast: true });
    this.#begin();
    return this.#events.splice(0);
  }

  get #activeKinds() { return Object.keys(this.#lanes).filter((kind) => this.#lanes[kind].isActive); }

  // MARK: - Frames

  #takeFrame(unit, timestamp) {
    const lane = this.#lanes[unit.kind];
    if (!unit.isKey && lane.refused !== null) this.#countRefused(lane.refused);
    if (unit.isKey ? !this.#prepare(lane, unit) : lane.waitsForKey) return;
    lane.refused = null;
    lane.waitsForKey = false;
    lane.isActive = true;
    lane.time = this.#timeline.place(unit.kind, timestamp);
    if (this.#isOpen) {
      this.#leaveOutSilent(lane.time);
      // Players begin with a key frame where there is video at all.
      const isStart = unit.kind === "video" ? unit.isKey : !this.#lanes.video.isActive;
      if (isStart && String(this.#activeKinds) !== String(this.#declared)) {
        this.#flush({ isLast: true });
        this.#declare();
      }
    }
    lane.track.add(unit, lane.time);
    if (!this.#isOpen) this.#openWhenKnown(lane.time, unit.data.length);
  }

  /** Whether the lane has a track for this key frame. */
  #prepare(lane, unit) {
    const old = lane.track;
    const state = lane.prepare(unit, this.#supports);
    // What is held before the stream is open, under a configuration that is no more, is not worth a beginning.
    if (state === "changed" && this.#isOpen) this.#emit(old?.take(this.#fragments + 1, { isLast: true }) ?? null);
    if (state === "unsupported") this.#refuse(lane, unit);
    if (state === "unsupported" || state === "unconfigured") {
      lane.isActive = false;
      lane.waitsForKey = true;
      return false;
    }
    return true;
  }

  #refuse(lane, { kind, codec }) {
    const refused = lane.isKnown(codec)
      ? { name: lane.track.description.name, by: "browser" } : { name: codec, by: "page" };
    if (lane.refused?.name !== refused.name) this.#events.push({ what: "unsupported", kind, ...refused });
    lane.refused = refused;
    this.#countRefused(refused);
  }

  #countRefused({ name, by }) {
    if (this.#activeKinds.length > 0 || ++this.#refusedFrames < this.#limits.refusedFrames) return;
    throw new StreamError(`This ${by} cannot play ${name}.`, { isFinal: true });
  }

  #leaveOutSilent(time) {
    for (const lane of Object.values(this.#lanes)) {
      if (!lane.isActive || time - lane.time <= this.#limits.silence) continue;
      lane.isActive = false;
      lane.waitsForKey = true;
    }
  }

  // MARK: - Events

  #openWhenKnown(time, count) {
    this.#firstTime ??= time;
    this.#heldFrames++;
    this.#heldBytes += count;
    const { firstWait, firstFrames, firstBytes } = this.#limits;
    const isWaitOver = time - this.#firstTime > firstWait || this.#heldFrames > firstFrames
      || this.#heldBytes > firstBytes;
    if (this.#activeKinds.length === 2 || isWaitOver) this.#open();
  }

  #open() {
    this.#isOpen = true;
    if (String(this.#activeKinds) !== String(this.#declared)) this.#declare();
  }

  #declare() {
    this.#declared = this.#activeKinds;
    const tracks = this.#declared.map((kind) => this.#lanes[kind].declaration);
    for (const kind of this.#declared) this.#lanes[kind].isNew = false;
    this.#events.push({ what: "tracks", tracks });
  }

  #flush({ isLast = false } = {}) {
    for (const lane of Object.values(this.#lanes)) {
      if (lane.track === null || lane.mime === null) continue;
      const isDeclared = this.#declared.includes(lane.kind);
      if (isDeclared && lane.isActive && lane.isNew) {
        this.#events.push({ what: "change", track: lane.declaration });
        lane.isNew = false;
      }
      const media = lane.track.take(this.#fragments + 1, { isLast });
      if (isDeclared) this.#emit(media);
    }
  }

  #emit(media) {
    if (media === null) return;
    this.#fragments++;
    this.#events.push(media);
  }
}
