import { StreamError } from "./stream-error.js";

/** Bytes that come in pieces and are taken from the front. */
export class ByteQueue {
  #buffer = new Uint8Array(64 * 1024);
  #start = 0;
  #end = 0;

  get count() { return this.#end - this.#start; }

  append(bytes) {
    if (this.#end + bytes.length > this.#buffer.length) this.#makeRoom(bytes.length);
    this.#buffer.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** The first `count` bytes, valid until the next `append`. */
  peek(count) { return this.#buffer.subarray(this.#start, this.#start + count); }

  /** A copy of the first `count` bytes, which leave. */
  take(count) {
    const bytes = this.#buffer.slice(this.#start, this.#start + count);
    this.skip(count);
    return bytes;
  }

  skip(count) { this.#start += count; }

  /** Moves what is there to the front, in a buffer twice as large where half of it would not be free. */
  #makeRoom(count) {
    const needed = this.count + count;
    const old = this.#buffer;
    if (needed > old.length / 2) this.#buffer = new Uint8Array(2 * needed);
    this.#buffer.set(old.subarray(this.#start, this.#end));
    this.#end = this.count;
    this.#start = 0;
  }
}

/** Reads bits, most significant first; throws where there are no more. */
export class BitReader {
  #bytes;
  #bit = 0;

  constructor(bytes) { this.#bytes = bytes; }

  /** Up to 32 bits. */
  read(count) {
    if (this.#bit + count > 8 * this.#bytes.length) throw new StreamError("A codec configuration is too short.");
    let value = 0;
    for (let i = 0; i < count; i++, this.#bit++) {
      value = value * 2 + (this.#bytes[this.#bit >> 3] >> (7 - (this.#bit & 7)) & 1);
    }
    return value;
  }

  skip(count) {
    for (; count > 0; count -= 32) this.read(Math.min(count, 32));
  }

  flag() { return this.read(1) === 1; }

  /** An unsigned Exp-Golomb number (H.264 §9.1). */
  golomb() {
    let zeros = 0;
    while (!this.flag()) {
      if (++zeros > 31) throw new StreamError("A codec configuration has a number that is too large.");
    }
    return 2 ** zeros - 1 + this.read(zeros);
  }

  /** A signed one (H.264 §9.1.1). */
  signedGolomb() {
    const value = this.golomb();
    return value % 2 === 1 ? (value + 1) / 2 : -value / 2;
  }
}

export function concatenated(pieces) {
  const whole = new Uint8Array(pieces.reduce((count, piece) => count + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

export function areEqual(one, other) {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}

export const u16 = (bytes, at) => bytes[at] << 8 | bytes[at + 1];
export const u24 = (bytes, at) => u16(bytes, at) << 8 | bytes[at + 2];
export const u32 = (bytes, at) => (u24(bytes, at) << 8 | bytes[at + 3]) >>> 0;
export const fourCC = (bytes, at) => String.fromCharCode(...bytes.subarray(at, at + 4));
export const hex = (byte) => byte.toString(16).padStart(2, "0");
