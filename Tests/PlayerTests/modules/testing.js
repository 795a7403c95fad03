/** The tests of one module: `test` adds one, `run` runs them all and says what failed. */
export class Tests {
  #tests = [];

  test(name, body) { this.#tests.push({ name, body }); }

  /** `{count, failures: ["name: what"]}`. */
  async run() {
    const failures = [];
    for (const { name, body } of this.#tests) {
      try {
        await body();
      } catch (error) {
        failures.push(`${name}: ${error.stack ?? error}`);
      }
    }
    return { count: this.#tests.length, failures };
  }
}

const shown = (value) => JSON.stringify(value, (_, part) => (ArrayBuffer.isView(part) ? Array.from(part) : part));

export function equal(found, wanted, about = "") {
  if (shown(found) !== shown(wanted)) throw new Error(`${about} is ${shown(found)}, not ${shown(wanted)}`);
}

export function isTrue(condition, about) {
  if (!condition) throw new Error(`not true: ${about}`);
}

/** The words of the error that `body` throws, which has to be a `StreamError`. */
export function wordsOf(body) {
  try {
    body();
  } catch (error) {
    if (error.name === "StreamError") return error.message;
    throw error;
  }
  throw new Error("nothing was thrown");
}

/** Numbers below `bound` that look random and are the same each time (a multiplicative generator modulo 2³¹ − 1). */
export function seeded(seed) {
  let state = seed % 2147483646 + 1;
  return (bound) => {
    state = state * 48271 % 2147483647;
    return state % bound;
  };
}

export function bytes(digits) {
  return Uint8Array.from(digits.replaceAll(" ", "").match(/../g) ?? [], (two) => parseInt(two, 16));
}
