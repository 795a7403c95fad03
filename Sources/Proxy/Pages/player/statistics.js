/** Milliseconds over which rates are taken. */
const WINDOW = 3000;

/** How much comes per second. */
export class Meter {
  #counts = [];

  add(count, now) {
    this.#counts.push({ count, now });
    this.#forget(now);
  }

  perSecond(now) {
    this.#forget(now);
    return this.#counts.reduce((sum, { count }) => sum + count, 0) * 1000 / WINDOW;
  }

  #forget(now) {
    while (this.#counts.length > 0 && this.#counts[0].now <= now - WINDOW) this.#counts.shift();
  }
}

/** How much the clocks of the encoder and of the viewer may drift apart, in seconds per second. */
const DRIFT = 0.0002;

/**
 * How late the picture is, against the frame that came soonest after it was made.
 *
 * FLV says nothing of when that was, so what every frame needs on its way is not in it.
 */
export class Delay {
  #soonest = Infinity;
  #noted = 0;

  /** `edge` and `now` in seconds: the newest frame is there. */
  note(edge, now) {
    this.#soonest = Math.min(this.#soonest + DRIFT * (now - this.#noted), now - edge);
    this.#noted = now;
  }

  of(time, now) { return Number.isFinite(this.#soonest) ? Math.max(0, now - time - this.#soonest) : 0; }
}
