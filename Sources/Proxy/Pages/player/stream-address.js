import { StreamError } from "./stream-error.js";

const SCHEMES = { "http-flv": { plain: "http:", secure: "https:" }, "ws-flv": { plain: "ws:", secure: "wss:" } };
const SECURE = new Set(["https:", "wss:"]);
const KNOWN = new Set(["http:", "https:", "ws:", "wss:"]);

/**
 * The URL by which `transport`, "http-flv" or "ws-flv", gets the stream that `text` names.
 *
 * `text` is a URL, or a path on the server of the page, `page`; a path without an ending gets `.flv`.
 */
export function streamAddress(text, transport, page) {
  let url;
  try {
    url = new URL(text.trim(), new URL("/", page));
  } catch {
    throw new StreamError("This is no address of a stream.", { isFinal: true });
  }
  if (!KNOWN.has(url.protocol)) {
    const words = `A browser cannot play ${url.protocol}// addresses: use http:// or ws://.`;
    throw new StreamError(words, { isFinal: true });
  }
  if (url.pathname === "/") throw new StreamError("The address names no stream.", { isFinal: true });
  url.protocol = SCHEMES[transport][SECURE.has(url.protocol) ? "secure" : "plain"];
  url.hash = "";
  const name = url.pathname.split("/").at(-1);
  if (!name.includes(".")) url.pathname += ".flv";
  return url;
}

/** The transport that an address asks for by its scheme, or null where it leaves that open. */
export function transportOf(text) {
  if (/^\s*wss?:/i.test(text)) return "ws-flv";
  return /^\s*https?:/i.test(text) ? "http-flv" : null;
}
