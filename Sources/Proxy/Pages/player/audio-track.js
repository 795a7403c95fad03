import { fragment, initialization } from "./mp4-boxes.js";

/** Seconds by which timestamps may differ from the count of samples before they are believed. */
const TOLERANCE = 0.1;
/** Seconds without sound that are filled; players go over what is longer. */
const LONGEST_FILL = 5;
/** Bytes of a frame that may be repeated where silence cannot be made. */
const LARGEST_FILL = 4096;

/**
 * Frames of audio on their way into fragments, counted in samples: milliseconds are too coarse to join them.
 *
 * A browser plays frames one after the other, whatever their times say. So that sound stays with the picture, a gap is
 * filled with silence, and where there is more sound than time, a frame is left out.
 */
export class AudioTrack {
  kind = "audio";
  #samples = [];
  /** Where the next frame is expected. */
  #next = null;

  constructor(description) { this.description = description; }

  get initialization() { return initialization(this.description); }

  add({ data }, milliseconds) {
    const { timescale, frameLength, silence } = this.description;
    const time = Math.round(milliseconds * timescale / 1000);
    const length = frameLength(data);
    if (this.#next === null || time - this.#next > LONGEST_FILL * timescale) this.#next = time;
    const lead = time - this.#next;
    if (lead < -TOLERANCE * timescale) return;
    if (lead > TOLERANCE * timescale) this.#fill(time, silence ?? data, length);
    this.#append(data, length);
  }

  #fill(end, data, length) {
    if (data.length > LARGEST_FILL) this.#next = end;
    while (end - this.#next >= length) this.#append(data, length);
  }

  #append(data, duration) {
    // A fragment has one time: a gap that is not filled makes the frame before it longer.
    const last = this.#samples.at(-1);
    if (last !== undefined && last.time + last.duration < this.#next) last.duration = this.#next - last.time;
    this.#samples.push({ time: this.#next, duration, composition: 0, isKey: true, data });
    this.#next += duration;
  }

  /** What has come as a fragment, or null. */
  take(number) {
    const samples = this.#samples;
    this.#samples = [];
    if (samples.length === 0) return null;
    return { what: "media", kind: this.kind, frames: samples.length, bytes: fragment(number, samples) };
  }
}
