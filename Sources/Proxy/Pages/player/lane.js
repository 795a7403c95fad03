import { AUDIO_CODECS, CONFIGURED_BY_FRAMES } from "./audio-codecs.js";
import { AudioTrack } from "./audio-track.js";
import { areEqual } from "./bytes.js";
import { VIDEO_CODECS } from "./video-codecs.js";
import { VideoTrack } from "./video-track.js";

const CODECS = { video: VIDEO_CODECS, audio: AUDIO_CODECS };

/** All of a stream that is of one kind: which configuration came last, and the track that is made by it. */
export class Lane {
  /** Frames come, and can be played. */
  isActive = false;
  waitsForKey = true;
  /** The player has not been told the track's configuration. */
  isNew = false;
  /** Where the last frame was placed. */
  time = 0;
  track = null;
  /** How the browser calls the codec; null where it cannot play it. */
  mime = null;
  /** The codec that was last refused, and by whom: it is said once. */
  refused = null;
  #configuration = null;
  #applied = null;

  constructor(kind) { this.kind = kind; }

  isKnown(codec) { return Object.hasOwn(CODECS[this.kind], codec); }

  /** What comes next follows this configuration; one that is sent again changes nothing. */
  noteConfiguration({ codec, record }) {
    const known = this.#configuration;
    if (known?.codec !== codec || !areEqual(known.record, record)) this.#configuration = { codec, record };
  }

  /**
   * Makes a track where the configuration has changed before this key frame, and says what became of it: "ready",
   * "changed", "unconfigured", or "unsupported".
   */
  prepare({ codec, data }, supports) {
    if (!this.isKnown(codec)) return "unsupported";
    const recordOf = CONFIGURED_BY_FRAMES[codec];
    if (recordOf !== undefined) this.noteConfiguration({ codec, record: recordOf(data) });
    if (this.#configuration?.codec !== codec) return "unconfigured";
    if (this.#configuration !== this.#applied) {
      const description = CODECS[this.kind][codec](this.#configuration.record, data);
      this.#applied = this.#configuration;
      this.mime = description.types.find(supports) ?? null;
      this.track = this.kind === "video" ? new VideoTrack(description) : new AudioTrack(description);
      this.isNew = true;
      return this.mime === null ? "unsupported" : "changed";
    }
    return this.mime === null ? "unsupported" : "ready";
  }

  /** The track as the player has to know it. */
  get declaration() {
    const { initialization, description } = this.track;
    return { kind: this.kind, mime: this.mime, initialization, description };
  }
}
