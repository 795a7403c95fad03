import { BitReader, hex, u16, u32 } from "./bytes.js";
import { box, fullBox, visualEntry } from "./mp4-boxes.js";
import { avcSize, hevcSize } from "./parameter-sets.js";
import { StreamError } from "./stream-error.js";

/**
 * What MSE and MP4 must know of a video codec, from its configuration record and the first key frame:
 * `{name, types, width, height, timescale, entry}`; `types` are the spellings of its name, best first.
 */
export const VIDEO_CODECS = Object.freeze({ avc1: avc, hvc1: hevc, av01: av1, vp09: vp9 });

/** FLV counts video in milliseconds, and so does MP4 then: exactly. */
const TIMESCALE = 1000;

function description(name, type, fourCC, size, ...configuration) {
  const entry = visualEntry(fourCC, size, ...configuration);
  return { kind: "video", name, types: [`video/mp4; codecs="${type}"`], ...size, timescale: TIMESCALE, entry };
}

/** `AVCDecoderConfigurationRecord` (ISO/IEC 14496-15 §5.3.3). */
function avc(record) {
  const setSize = record.length > 8 && (record[5] & 31) > 0 ? u16(record, 6) : 0;
  const set = record.subarray(8, 8 + setSize);
  if (set.length < 4) throw new StreamError("The configuration of H.264 has no parameters.");
  const type = `avc1.${hex(record[1])}${hex(record[2])}${hex(record[3])}`;
  return description("H.264", type, "avc1", avcSize(set), box("avcC", record));
}

const HEVC_SEQUENCE_SET = 33;

/** `HEVCDecoderConfigurationRecord` (§8.3.3); its name by annex E.3. */
function hevc(record) {
  if (record.length < 23) throw new StreamError("The configuration of H.265 is too short.");
  const space = ["", "A", "B", "C"][record[1] >> 6];
  let compatibility = 0;
  for (let bit = 0; bit < 32; bit++) compatibility += (u32(record, 2) >>> bit & 1) * 2 ** (31 - bit);
  const tier = record[1] & 0x20 ? "H" : "L";
  const constraints = Array.from(record.subarray(6, 12));
  while (constraints.length > 0 && constraints.at(-1) === 0) constraints.pop();
  const type = [
    `hvc1.${space}${record[1] & 31}`, compatibility.toString(16), `${tier}${record[12]}`,
    ...constraints.map((byte) => byte.toString(16)),
  ].join(".").toUpperCase().replace("HVC1", "hvc1");
  return description("H.265", type, "hvc1", hevcSize(hevcSequenceSet(record)), box("hvcC", record));
}

function hevcSequenceSet(record) {
  let at = 23;
  for (let arrays = record[22]; arrays > 0 && at + 3 <= record.length; arrays--) {
    const type = record[at] & 63;
    const count = u16(record, at + 1);
    at += 3;
    for (let i = 0; i < count && at + 2 <= record.length; i++) {
      const size = u16(record, at);
      if (type === HEVC_SEQUENCE_SET) return record.subarray(at + 2, at + 2 + size);
      at += 2 + size;
    }
  }
  throw new StreamError("The configuration of H.265 has no parameters.");
}

/** `AV1CodecConfigurationRecord` (AV1 in ISOBMFF §2.3); its name by §5. */
function av1(record, key) {
  if (record.length < 4) throw new StreamError("The configuration of AV1 is too short.");
  const profile = record[1] >> 5;
  const level = String(record[1] & 31).padStart(2, "0");
  const tier = record[2] & 0x80 ? "H" : "M";
  const depth = record[2] & 0x40 ? (record[2] & 0x20 ? "12" : "10") : "08";
  const header = av1SequenceHeader(record.subarray(4)) ?? av1SequenceHeader(key);
  if (header === null) throw new StreamError("The stream has no sequence header of AV1.");
  return description("AV1", `av01.${profile}.${level}${tier}.${depth}`, "av01", av1Size(header), box("av1C", record));
}

const AV1_SEQUENCE_HEADER = 1;

/** The body of the first sequence header among `units` (AV1 §5.3); null where there is none. */
function av1SequenceHeader(units) {
  let at = 0;
  while (at < units.length) {
    const type = units[at] >> 3 & 15;
    const hasSize = (units[at] & 2) !== 0;
    at += units[at] & 4 ? 2 : 1;
    let size = hasSize ? 0 : units.length - at;
    for (let group = 0; hasSize && group < 4; group++) {
      size += (units[at] & 127) * 2 ** (7 * group);
      if (!(units[at++] & 128)) break;
    }
    if (type === AV1_SEQUENCE_HEADER) return units.subarray(at, at + size);
    at += size;
  }
  return null;
}

/** The largest picture by a sequence header (AV1 §5.5.1). */
function av1Size(header) {
  const bits = new BitReader(header);
  bits.skip(4);
  if (bits.flag()) bits.skip(5);
  else skipAV1OperatingPoints(bits);
  const widthBits = bits.read(4) + 1;
  const heightBits = bits.read(4) + 1;
  return { width: bits.read(widthBits) + 1, height: bits.read(heightBits) + 1 };
}

function skipAV1OperatingPoints(bits) {
  let delayBits = 0;
  if (bits.flag()) {
    bits.skip(64);
    if (bits.flag()) bits.golomb();
    if (bits.flag()) {
      delayBits = bits.read(5) + 1;
      bits.skip(32 + 10);
    }
  }
  const hasInitialDelay = bits.flag();
  const count = bits.read(5) + 1;
  for (let i = 0; i < count; i++) {
    bits.skip(12);
    if (bits.read(5) > 7) bits.skip(1);
    if (delayBits > 0 && bits.flag()) bits.skip(2 * delayBits + 1);
    if (hasInitialDelay && bits.flag()) bits.skip(4);
  }
}

/** `VPCodecConfigurationRecord` (VP Codec ISOBMFF Binding §2.2), perhaps behind version and flags of its box. */
function vp9(record, key) {
  const hasVersion = record.length >= 12 && u32(record, 0) === 0x01000000;
  const bare = hasVersion ? record.subarray(4) : record;
  if (bare.length < 8) throw new StreamError("The configuration of VP9 is too short.");
  const [profile, level, depth] = [bare[0], bare[1], bare[2] >> 4].map((value) => String(value).padStart(2, "0"));
  return description("VP9", `vp09.${profile}.${level}.${depth}`, "vp09", vp9Size(key), fullBox("vpcC", 1, 0, bare));
}

/** By the uncompressed header of a key frame (VP9 §6.2). */
function vp9Size(key) {
  const bits = new BitReader(key);
  bits.skip(2);
  const profile = bits.read(1) + 2 * bits.read(1);
  if (profile === 3) bits.skip(1);
  bits.skip(4 + 24);
  if (profile >= 2) bits.skip(1);
  const RGB = 7;
  const isRGB = bits.read(3) === RGB;
  if (!isRGB) bits.skip(1);
  if (profile % 2 === 1) bits.skip(isRGB ? 1 : 3);
  return { width: bits.read(16) + 1, height: bits.read(16) + 1 };
}
