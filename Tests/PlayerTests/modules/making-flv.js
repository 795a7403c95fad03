/** FLV for tests of modules. The payloads of frames are a few bytes: nothing here decodes them. */
import { bytes } from "./testing.js";

export const HEADER = Uint8Array.of(0x46, 0x4c, 0x56, 1, 5, 0, 0, 0, 9, 0, 0, 0, 0);

export function tag(type, timestamp, body) {
  const size = body.length;
  return Uint8Array.of(
    type, size >> 16, size >> 8, size, timestamp >> 16, timestamp >> 8, timestamp, timestamp >>> 24, 0, 0, 0, ...body,
    0, 0, (size + 11) >> 8, size + 11);
}

/** 320 × 180, baseline. */
const AVC_320 = bytes(
  "01 42 c0 0c ff e1 00 19 67 42 c0 0c d9 01 41 9f 9f 01 10 00 00 03 00 10 00 00 03 03 28 f1 42 a4 80"
  + "01 00 05 68 cb 83 cb 20");
/** 64 × 64, baseline. */
const AVC_64 = bytes(
  "01 42 c0 0a ff e1 00 17 67 42 c0 0a d9 04 26 c0 44 00 00 03 00 04 00 00 03 00 ca 3c 48 99 20"
  + "01 00 05 68 cb 83 cb 20");

export const avc = (timestamp = 0, record = AVC_320) => tag(9, timestamp, [0x17, 0, 0, 0, 0, ...record]);
export const otherAVC = (timestamp = 0) => avc(timestamp, AVC_64);
export const key = (timestamp, composition = 0) => tag(9, timestamp, [0x17, 1, 0, 0, composition, 0, 0, 0, 1, 0x65]);
export const inter = (timestamp) => tag(9, timestamp, [0x27, 1, 0, 0, 0, 0, 0, 0, 1, 0x41]);
/** 44.1 kHz, stereo. */
export const aac = (timestamp = 0) => tag(8, timestamp, [0xaf, 0, 0x12, 0x10]);
/** 48 kHz, mono. */
export const otherAAC = (timestamp = 0) => tag(8, timestamp, [0xaf, 0, 0x11, 0x88]);
export const sound = (timestamp) => tag(8, timestamp, [0xaf, 1, 0x21, 0x10]);
export const hevcFrame = (timestamp) => tag(9, timestamp, [0x1c, 1, 0, 0, 0, 1]);

export function joined(...pieces) {
  return Uint8Array.from(pieces.flatMap((piece) => Array.from(piece)));
}
