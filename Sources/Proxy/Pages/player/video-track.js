import { fragment, initialization } from "./mp4-boxes.js";

/** Frames of video on their way into fragments, in milliseconds as they came. */
export class VideoTrack {
  kind = "video";
  /** What a frame lasts that nothing comes after. */
  static #lastDuration = 40;
  #samples = [];

  constructor(description) { this.description = description; }

  get initialization() { return initialization(this.description); }

  add({ data, isKey, composition }, time) {
    const last = this.#samples.at(-1);
    // Frames are decoded in the order in which they come, so each has to be later, if only by the least there is.
    const place = last === undefined ? time : Math.max(time, last.time + 1);
    if (last !== undefined) last.duration = place - last.time;
    this.#samples.push({ time: place, duration: 0, composition: time + composition - place, isKey, data });
  }

  /** What is complete as a fragment, or null. A frame is complete when the next one tells how long it lasts. */
  take(number, { isLast = false } = {}) {
    const held = isLast ? [] : this.#samples.splice(-1);
    const samples = this.#samples;
    this.#samples = held;
    if (samples.length === 0) return null;
    if (isLast) samples.at(-1).duration = VideoTrack.#lastDuration;
    return { what: "media", kind: this.kind, frames: samples.length, bytes: fragment(number, samples) };
  }
}
