import { fourCC, u16, u24 } from "./bytes.js";
import { TagType } from "./flv-demuxer.js";

/**
 * What is in the tags of audio and video, legacy and Enhanced RTMP v2.
 *
 * A unit is `{kind, codec, what, …}`: `what` is "configuration" with its `record`, or "frame" with its `data`, `isKey`
 * and `composition` in milliseconds. `codec` is a FourCC, or in words what has none.
 */

const LEGACY_VIDEO = {
  2: "Sorenson H.263", 3: "Screen Video", 4: "VP6", 5: "VP6", 6: "Screen Video 2", 7: "avc1", 12: "hvc1",
};
const LEGACY_AUDIO = {
  0: "PCM", 1: "ADPCM", 2: ".mp3", 3: "PCM", 4: "Nellymoser", 5: "Nellymoser", 6: "Nellymoser", 7: "G.711", 8: "G.711",
  10: "mp4a", 11: "Speex", 14: ".mp3",
};
/** FourCCs that are not played, in words. */
const ENHANCED_WORDS = { "ac-3": "AC-3", "ec-3": "E-AC-3", fLaC: "FLAC", vp08: "VP8", vvc1: "H.266" };
const KEY_FRAME = 1;
const COMMAND_FRAME = 5;
const ENHANCED_AUDIO = 9;
const Packet = Object.freeze({ start: 0, frames: 1, videoFramesX: 3, multitrack: 5, videoMultitrack: 6, modifier: 7 });
const ONE_TRACK = 0;
const MANY_CODECS = 2;

/** The unit in a tag; null where there is nothing to play: an end, metadata, what is cut short, a second track. */
export function unitOf({ type, body }) {
  if (body.length === 0) return null;
  if (type === TagType.video) return body[0] & 0x80 ? enhancedVideo(body) : legacyVideo(body);
  if (type === TagType.audio) return body[0] >> 4 === ENHANCED_AUDIO ? enhancedAudio(body) : legacyAudio(body);
  return null;
}

const configuration = (kind, codec, record) => ({ kind, codec, what: "configuration", record });

function frame(kind, codec, data, isKey = true, composition = 0) {
  return data.length === 0 ? null : { kind, codec, what: "frame", data, isKey, composition };
}

const signed24 = (bytes, at) => u24(bytes, at) << 8 >> 8;

function legacyVideo(body) {
  const codec = LEGACY_VIDEO[body[0] & 15] ?? `video codec ${body[0] & 15} of FLV`;
  if (body[0] >> 4 === COMMAND_FRAME) return null;
  const isKey = body[0] >> 4 === KEY_FRAME;
  if (codec.length !== 4) return frame("video", codec, body.subarray(1), isKey);
  if (body.length < 5) return null;
  const data = body.subarray(5);
  if (body[1] === Packet.start) return configuration("video", codec, data);
  return body[1] === Packet.frames ? frame("video", codec, data, isKey, signed24(body, 2)) : null;
}

function legacyAudio(body) {
  const codec = LEGACY_AUDIO[body[0] >> 4] ?? `audio codec ${body[0] >> 4} of FLV`;
  if (codec !== "mp4a") return frame("audio", codec, body.subarray(1));
  if (body.length < 2) return null;
  return body[1] === Packet.start
    ? configuration("audio", codec, body.subarray(2))
    : frame("audio", codec, body.subarray(2));
}

function enhancedVideo(body) {
  if ((body[0] >> 4 & 7) === COMMAND_FRAME) return null;
  const isKey = (body[0] >> 4 & 7) === KEY_FRAME;
  const track = firstTrack(body, Packet.videoMultitrack);
  if (track === null) return null;
  const { packet, codec, data } = track;
  if (packet === Packet.start) return configuration("video", codec, data);
  if (packet === Packet.videoFramesX) return frame("video", codec, data, isKey);
  if (packet !== Packet.frames) return null;
  // Only these two have B-frames that RTMP knows of.
  if (codec !== "avc1" && codec !== "hvc1") return frame("video", codec, data, isKey);
  return data.length < 3 ? null : frame("video", codec, data.subarray(3), isKey, signed24(data, 0));
}

function enhancedAudio(body) {
  const track = firstTrack(body, Packet.multitrack);
  if (track === null) return null;
  if (track.packet === Packet.start) return configuration("audio", track.codec, track.data);
  return track.packet === Packet.frames ? frame("audio", track.codec, track.data) : null;
}

function codecAt(body, at) {
  const code = fourCC(body, at);
  return ENHANCED_WORDS[code] ?? code;
}

/** Packet type, codec and bytes behind an enhanced header, those of the first of several tracks; null if cut short. */
function firstTrack(body, multitrack) {
  let packet = body[0] & 15;
  let at = 1;
  while (packet === Packet.modifier) {
    let size = body[at++] + 1;
    if (size === 256) {
      size = u16(body, at) + 1;
      at += 2;
    }
    at += size;
    if (!(at < body.length)) return null;
    packet = body[at++] & 15;
  }
  if (packet !== multitrack) {
    return at + 4 > body.length ? null : { packet, codec: codecAt(body, at), data: body.subarray(at + 4) };
  }
  if (at + 6 > body.length) return null;
  const layout = body[at] >> 4;
  packet = body[at] & 15;
  if (packet === multitrack || packet === Packet.modifier || layout > MANY_CODECS) return null;
  // The codec stands once for all tracks, or at the front of each: before the first one's number either way.
  const codec = codecAt(body, at + 1);
  if (body[at + 5] !== 0) return null;
  at += 6;
  if (layout === ONE_TRACK) return { packet, codec, data: body.subarray(at) };
  const end = at + 3 + u24(body, at);
  return end > body.length || at + 3 > body.length ? null : { packet, codec, data: body.subarray(at + 3, end) };
}
