import { TrackBuffer } from "./track-buffer.js";

/** Safari on iPhones has the managed one alone. */
const Source = globalThis.MediaSource ?? globalThis.ManagedMediaSource;

/** Seconds of what has been played that are kept, and how much more there may be before they are cut. */
const KEPT = 10;
const SLACK = 20;
/** Seconds before the live edge that are kept while the viewer pauses. */
const KEPT_PAUSED = 30;
/** Seconds that are kept when the browser's memory is full. */
const KEPT_FULL = 1;

/** Feeds a `<video>` with tracks and fragments. */
export class MediaOutput {
  #video;
  #onFault;
  #buffers = {};
  #address = null;
  #source = null;

  static get isSupported() { return Source !== undefined; }
  static supports(mime) { return Source.isTypeSupported(mime); }

  constructor(video, { onFault }) {
    this.#video = video;
    this.#onFault = onFault;
  }

  /** Begins anew, with these tracks. */
  start(tracks) {
    this.stop();
    const source = new Source();
    this.#source = source;
    const options = { makeRoom: (buffer) => this.#makeRoom(buffer), onFault: this.#onFault };
    const buffers = Object.fromEntries(tracks.map(({ kind, mime }) => [kind, new TrackBuffer(mime, options)]));
    this.#buffers = buffers;
    for (const { kind, initialization } of tracks) buffers[kind].append(initialization);
    source.addEventListener("sourceopen", () => {
      if (this.#source !== source) return;
      URL.revokeObjectURL(this.#address);
      for (const buffer of Object.values(buffers)) buffer.attach(source);
    }, { once: true });
    // A managed source is refused where the picture could be sent to another screen.
    this.#video.disableRemotePlayback = true;
    this.#address = URL.createObjectURL(source);
    this.#video.src = this.#address;
  }

  change({ kind, mime, initialization }) { this.#buffers[kind]?.change(mime, initialization); }

  append({ kind, bytes }) { this.#buffers[kind]?.append(bytes); }

  get waitingBytes() {
    return Object.values(this.#buffers).reduce((sum, buffer) => sum + buffer.waitingBytes, 0);
  }

  stop() {
    for (const buffer of Object.values(this.#buffers)) buffer.end();
    this.#buffers = {};
    if (this.#source === null) return;
    this.#source = null;
    URL.revokeObjectURL(this.#address);
    this.#video.removeAttribute("src");
    this.#video.load();
  }

  /** What both tracks have, as `[start, end]` in seconds. */
  get ranges() {
    const { buffered } = this.#video;
    return Array.from({ length: buffered.length }, (_, i) => [buffered.start(i), buffered.end(i)]);
  }

  /** Forgets what has been played a while ago. */
  trim() {
    const ranges = this.ranges;
    if (ranges.length === 0) return;
    const end = this.#video.paused
      ? Math.max(ranges.at(-1)[1] - KEPT_PAUSED, this.#video.currentTime - KEPT)
      : this.#video.currentTime - KEPT;
    if (end - ranges[0][0] > SLACK - KEPT) this.#removeBefore(end);
  }

  #makeRoom(buffer) {
    const edge = this.ranges.at(-1)?.[1] ?? 0;
    const ends = [this.#video.currentTime - KEPT_FULL, edge - KEPT, edge - KEPT_FULL];
    return ends.some((end) => buffer.removeBefore(end));
  }

  #removeBefore(end) {
    for (const buffer of Object.values(this.#buffers)) buffer.removeBefore(end);
  }
}
