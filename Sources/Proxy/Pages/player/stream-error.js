/** What is wrong with a stream, in words for the viewer. */
export class StreamError extends Error {
  /** `isFinal`: trying again would not help. `isMissing`: there is no such stream, now. */
  constructor(words, { isFinal = false, isMissing = false } = {}) {
    super(words);
    this.name = "StreamError";
    this.isFinal = isFinal;
    this.isMissing = isMissing;
  }
}
