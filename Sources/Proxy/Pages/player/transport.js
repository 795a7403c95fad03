import { StreamError } from "./stream-error.js";

/** Bytes that may wait here; a WebSocket cannot be told to pause, so with more it is given up. */
const MAXIMUM_WAITING = 32 * 1024 * 1024;

/**
 * The bytes of the stream at `url`, until it ends; `signal` stops them by throwing its reason. The first piece is empty
 * and says that the server has the stream.
 */
export function receive(url, signal) {
  return url.protocol.startsWith("ws") ? overWebSocket(url, signal) : overHTTP(url, signal);
}

async function* overHTTP(url, signal) {
  const answer = await ask(url, signal);
  const reader = answer.body.getReader();
  try {
    yield new Uint8Array();
    for (;;) {
      const { done, value } = await reader.read().catch(() => { throw lost(signal); });
      if (done) return;
      yield value;
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

async function ask(url, signal) {
  const answer = await fetch(url, { signal, cache: "no-store" }).catch(() => {
    throw signal.aborted ? signal.reason : new StreamError("The server cannot be reached.");
  });
  if (answer.ok) return answer;
  answer.body?.cancel().catch(() => {});
  throw refusal(answer.status);
}

const lost = (signal) => (signal.aborted ? signal.reason : new StreamError("The connection was lost."));

function refusal(status) {
  if (status === 404) return new StreamError("There is no such stream.", { isFinal: true, isMissing: true });
  if (status === 401 || status === 403) {
    return new StreamError(`The server does not let you watch this stream (${status}).`, { isFinal: true });
  }
  if (status === 503) return new StreamError("The server has no room or no origin for this stream (503).");
  return new StreamError(`The server answers with error ${status}.`, { isFinal: status < 500 });
}

async function* overWebSocket(url, signal) {
  signal.throwIfAborted();
  const socket = new WebSocket(url);
  socket.binaryType = "arraybuffer";
  const waiting = [];
  let waitingBytes = 0;
  let hasOpened = false;
  let end = null;
  let wake = () => {};
  const finish = (error) => {
    end ??= { error };
    wake();
  };
  socket.onopen = () => {
    hasOpened = true;
    waiting.push(new Uint8Array());
    wake();
  };
  socket.onmessage = ({ data }) => {
    if (typeof data === "string") return;
    waiting.push(new Uint8Array(data));
    waitingBytes += data.byteLength;
    if (waitingBytes > MAXIMUM_WAITING) finish(new StreamError("The browser cannot keep up with the stream."));
    wake();
  };
  socket.onclose = ({ wasClean }) => finish(wasClean ? null : new StreamError("The connection was lost."));
  const abort = () => finish(signal.reason);
  signal.addEventListener("abort", abort);
  try {
    for (;;) {
      while (waiting.length > 0 && !signal.aborted) {
        const bytes = waiting.shift();
        waitingBytes -= bytes.length;
        yield bytes;
      }
      if (end !== null) break;
      await new Promise((resolve) => { wake = resolve; });
    }
  } finally {
    signal.removeEventListener("abort", abort);
    socket.close();
  }
  // A browser does not say why a handshake failed; the same address over HTTP does.
  if (!hasOpened && !signal.aborted) await explain(url, signal);
  if (end.error !== null) throw end.error;
}

async function explain(url, signal) {
  const same = new URL(url);
  same.protocol = url.protocol === "wss:" ? "https:" : "http:";
  const answer = await ask(same, signal);
  answer.body?.cancel().catch(() => {});
  throw new StreamError("The server does not offer this stream by WebSocket; HTTP-FLV works.", { isFinal: true });
}
