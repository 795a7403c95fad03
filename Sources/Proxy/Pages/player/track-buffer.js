/** A `SourceBuffer` that is given its work one piece after the other, also before it exists. */
export class TrackBuffer {
  #mime;
  #work = [];
  #buffer = null;
  #makeRoom;
  #onFault;
  #isOver = false;

  /** Bytes that the browser has not taken yet. */
  waitingBytes = 0;

  /** `makeRoom(buffer)` is asked when the browser's memory is full; it returns whether some is being freed. */
  constructor(mime, { makeRoom, onFault }) {
    this.#mime = mime;
    this.#makeRoom = makeRoom;
    this.#onFault = onFault;
  }

  attach(source) {
    this.#buffer = source.addSourceBuffer(this.#mime);
    this.#buffer.addEventListener("updateend", () => this.#next());
    this.#buffer.addEventListener("error", () => this.#fail("The browser cannot read the stream."));
    this.#next();
  }

  append(bytes) {
    this.waitingBytes += bytes.length;
    this.#work.push({ what: "append", bytes });
    this.#next();
  }

  change(mime, initialization) {
    if (mime !== this.#mime) this.#work.push({ what: "type", mime });
    this.#mime = mime;
    this.append(initialization);
  }

  /** Forgets what is before `end`, in seconds, before anything else; returns whether there is something. */
  removeBefore(end) {
    if (this.#isOver || this.#buffer === null) return false;
    const ranges = this.#buffer.buffered;
    if (ranges.length === 0 || ranges.start(0) >= end) return false;
    if (this.#work[0]?.what !== "remove") this.#work.unshift({ what: "remove", end });
    this.#next();
    return true;
  }

  end() {
    this.#isOver = true;
    this.#work = [];
    this.waitingBytes = 0;
  }

  #next() {
    while (!this.#isOver && this.#buffer !== null && !this.#buffer.updating && this.#work.length > 0) {
      const work = this.#work.shift();
      try {
        this.#do(work);
      } catch (error) {
        const isFull = error.name === "QuotaExceededError";
        if (!isFull) return this.#fail(`The browser cannot read the stream: ${error.message}`);
        this.#work.unshift(work);
        if (!this.#makeRoom(this)) this.#fail("The browser has no memory left for the stream.");
        return;
      }
      if (work.what === "append") this.waitingBytes -= work.bytes.length;
    }
  }

  #do(work) {
    switch (work.what) {
      case "append": this.#buffer.appendBuffer(work.bytes); break;
      case "type": this.#buffer.changeType(work.mime); break;
      case "remove": this.#buffer.remove(0, work.end); break;
    }
  }

  #fail(words) {
    if (this.#isOver) return;
    this.end();
    this.#onFault(words);
  }
}
