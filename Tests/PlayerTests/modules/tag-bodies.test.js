import { unitOf } from "/player/tag-bodies.js";
import { bytes, equal, Tests } from "./testing.js";

export const tests = new Tests();

const configuration = (kind, codec, ...record) => ({ kind, codec, what: "configuration", record });
const frame = (kind, codec, data, isKey = true, composition = 0) =>
  ({ kind, codec, what: "frame", data, isKey, composition });

/** Type, body, unit, and what it is. */
const BODIES = [
  [9, "17 00 00 00 00 aa bb", configuration("video", "avc1", 0xaa, 0xbb), "H.264 configuration"],
  [9, "17 01 00 00 50 aa", frame("video", "avc1", [0xaa], true, 80), "H.264 key frame with a B-frame's delay"],
  [9, "27 01 ff ff d8 aa", frame("video", "avc1", [0xaa], false, -40), "H.264 shown before it is decoded"],
  [9, "17 02 00 00 00", null, "H.264 end"],
  [9, "57 00", null, "a command"],
  [9, "1c 00 00 00 00 01", configuration("video", "hvc1", 1), "H.265 by the codec id 12"],
  [9, "2c 01 00 00 00 01", frame("video", "hvc1", [1], false), "H.265 by the codec id 12, frame"],
  [9, "22 01 02", frame("video", "Sorenson H.263", [1, 2], false), "what MP4 has no place for"],
  [8, "af 00 12 10", configuration("audio", "mp4a", 0x12, 0x10), "AAC configuration"],
  [8, "af 01 21", frame("audio", "mp4a", [0x21]), "AAC frame"],
  [8, "2f ff fb", frame("audio", ".mp3", [0xff, 0xfb]), "MP3"],
  [8, "bf 01", frame("audio", "Speex", [1]), "Speex"],
  [9, "90 68766331 01 02", configuration("video", "hvc1", 1, 2), "enhanced: H.265 configuration"],
  [9, "91 68766331 000028 aa", frame("video", "hvc1", [0xaa], true, 40), "enhanced: H.265 with composition time"],
  [9, "a3 61766331 aa", frame("video", "avc1", [0xaa], false), "enhanced: H.264 without"],
  [9, "91 61763031 aa", frame("video", "av01", [0xaa]), "enhanced: AV1"],
  [9, "94 61763031 aa", null, "enhanced: metadata"],
  [9, "d1 61763031 aa", null, "enhanced: a command"],
  [8, "90 4f707573 4f", configuration("audio", "Opus", 0x4f), "enhanced: Opus configuration"],
  [8, "91 4f707573 fc", frame("audio", "Opus", [0xfc]), "enhanced: Opus"],
  [8, "91 664c6143 fc", frame("audio", "FLAC", [0xfc]), "enhanced: a codec that has a name, but is not played"],
  [8, "94 4f707573 00", null, "enhanced: channel layout"],
  [9, "97 02 000001 01 61763031 aa", frame("video", "av01", [0xaa]), "enhanced: behind a modifier"],
  [9, "97 ff 00ff" + "00".repeat(256) + "03 61763031 aa", frame("video", "av01", [0xaa]), "a long modifier"],
  [9, "96 01 68766331 00 000010 aa", frame("video", "hvc1", [0xaa], true, 16), "one of one track"],
  [9, "96 13 68766331 00 000001 aa 01 000001 bb", frame("video", "hvc1", [0xaa]), "the first of many tracks"],
  [9, "96 23 68766331 00 000001 aa 61763031 01 000001 bb", frame("video", "hvc1", [0xaa]), "of many codecs"],
  [9, "96 13 68766331 01 000001 aa", null, "a second track alone"],
  [9, "96 16 68766331 00 000001 aa", null, "tracks in tracks"],
  [9, "96 33 68766331 00 000001 aa", null, "an unknown layout"],
  [18, "02 00", null, "script data"],
];

tests.test("are read as what they are", () => {
  for (const [type, body, unit, about] of BODIES) equal(unitOf({ type, body: bytes(body) }), unit, about);
});

tests.test("cut short anywhere are nothing, or a shorter frame", () => {
  for (const [type, body, , about] of BODIES) {
    const whole = bytes(body);
    for (let count = 0; count < whole.length; count++) {
      const unit = unitOf({ type, body: whole.subarray(0, count) });
      equal(unit === null || ["frame", "configuration"].includes(unit.what), true, `${about}, ${count} bytes`);
    }
  }
});
