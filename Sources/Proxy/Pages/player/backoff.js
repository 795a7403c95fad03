const FIRST = 500;
const LONGEST = 15_000;
/** So that viewers who were cut off together do not come back together. */
const JITTER = 0.3;

/** Milliseconds to wait before each further attempt: twice as long each time. */
export class Backoff {
  #next = FIRST;

  constructor(random = Math.random) { this.random = random; }

  next() {
    const delay = this.#next * (1 + JITTER * (2 * this.random() - 1));
    this.#next = Math.min(2 * this.#next, LONGEST);
    return delay;
  }

  reset() { this.#next = FIRST; }
}
