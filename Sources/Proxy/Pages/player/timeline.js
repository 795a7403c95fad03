/** A step of a clock further than this, in milliseconds, is a new beginning; a smaller one is a pause, or disorder. */
const LIMITS = Object.freeze({ forward: 5000, backward: 2000 });
/** Where the first frame is placed: what belongs a little before it still has its place. */
const START = 1000;
/** Between the last frame before a new beginning and the first one after it. */
const STEP = 40;

/**
 * Places the timestamps of audio and video, 32-bit milliseconds that begin anywhere and wrap, on one line that goes on.
 *
 * Audio and video of a publisher that begins anew arrive interleaved with what is left of the old clock; each is placed
 * by the clock that it fits.
 */
export class Timeline {
  /** For each kind, the last timestamp and where it was placed. */
  #last = {};
  #end = null;

  /** Milliseconds on the line. */
  place(kind, timestamp) {
    const time = this.#fitting(kind, timestamp) ?? (this.#end === null ? START : this.#end + STEP);
    this.#last[kind] = { timestamp, time };
    this.#end = Math.max(this.#end ?? 0, time);
    return time;
  }

  /** The next frame is a new beginning, whatever its timestamp. */
  restart() { this.#last = {}; }

  #fitting(kind, timestamp) {
    const own = this.#last[kind];
    for (const last of [own, ...Object.values(this.#last).filter((other) => other !== own)]) {
      if (last === undefined) continue;
      const step = (timestamp - last.timestamp) | 0;
      if (step >= -LIMITS.backward && step <= LIMITS.forward && last.time + step >= 0) return last.time + step;
    }
    return null;
  }
}
