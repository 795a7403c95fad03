import { ByteQueue, u24, u32 } from "./bytes.js";
import { StreamError } from "./stream-error.js";

export const TagType = Object.freeze({ audio: 8, video: 9, script: 18 });

const HEADER_SIZE = 9;
const TAG_HEADER_SIZE = 11;
const TRAILER_SIZE = 4;

/** Reads FLV, cut anywhere, into tags (Adobe FLV 10.1, annex E). */
export class FLVDemuxer {
  #queue = new ByteQueue();
  #maximumTagSize;
  #hasHeader = false;
  /** Bytes that are passed over: what a header has beyond its known fields, and the size behind each tag. */
  #skipped = 0;

  /** A larger tag ends the stream: it is what the demuxer would have to keep. */
  constructor({ maximumTagSize = 8 * 1024 * 1024 } = {}) { this.#maximumTagSize = maximumTagSize; }

  /** The tags that `bytes` complete: `{type, timestamp, body}`, the timestamp in milliseconds modulo 2³². */
  push(bytes) {
    this.#queue.append(bytes);
    if (!this.#hasHeader && !this.#readHeader()) return [];
    const tags = [];
    for (let tag = this.#next(); tag !== null; tag = this.#next()) {
      // Tags of other types, and encrypted ones, are of no use here.
      if (tag.type in KNOWN) tags.push(tag);
    }
    return tags;
  }

  #readHeader() {
    if (this.#queue.count < HEADER_SIZE) return false;
    const header = this.#queue.peek(HEADER_SIZE);
    const size = u32(header, 5);
    const isFLV = header[0] === 0x46 && header[1] === 0x4c && header[2] === 0x56 && header[3] === 1;
    if (!isFLV || size < HEADER_SIZE || size > this.#maximumTagSize) {
      throw new StreamError("What the server sends is no FLV stream.", { isFinal: true });
    }
    this.#hasHeader = true;
    this.#skipped = size + TRAILER_SIZE;
    return true;
  }

  #next() {
    const skippable = Math.min(this.#skipped, this.#queue.count);
    this.#queue.skip(skippable);
    this.#skipped -= skippable;
    if (this.#skipped > 0 || this.#queue.count < TAG_HEADER_SIZE) return null;
    const header = this.#queue.peek(TAG_HEADER_SIZE);
    const size = u24(header, 1);
    if (size > this.#maximumTagSize) throw new StreamError(`A piece of the stream is too large: ${size} bytes.`);
    if (this.#queue.count < TAG_HEADER_SIZE + size) return null;
    const type = header[0];
    const timestamp = (header[7] << 24 | u24(header, 4)) >>> 0;
    this.#queue.skip(TAG_HEADER_SIZE);
    this.#skipped = TRAILER_SIZE;
    return { type, timestamp, body: this.#queue.take(size) };
  }
}

const KNOWN = Object.fromEntries(Object.values(TagType).map((type) => [type, true]));
