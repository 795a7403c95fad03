import { concatenated } from "./bytes.js";

/** Numbers as bytes, big end first. */
export const n8 = (...values) => Uint8Array.from(values);
export const n16 = (...values) => Uint8Array.from(values.flatMap((value) => [value >> 8, value]));
export const n32 = (...values) => Uint8Array.from(values.flatMap((v) => [v >>> 24, v >>> 16, v >>> 8, v]));
export const n64 = (value) => n32(Math.floor(value / 2 ** 32), value % 2 ** 32);
export const zeros = (count) => new Uint8Array(count);
export const text = (characters) => Uint8Array.from(characters, (character) => character.charCodeAt(0));

/** A box (ISO/IEC 14496-12 §4.2). */
export function box(type, ...contents) {
  const size = contents.reduce((sum, piece) => sum + piece.length, 8);
  return concatenated([n32(size), text(type), ...contents]);
}

/** A box with a version and flags. */
export const fullBox = (type, version, flags, ...contents) => box(type, n32(version * 2 ** 24 + flags), ...contents);

const NO_TURN = n32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000);

/** The sample entry of a video codec, with the box that configures it (§12.1.3). */
export function visualEntry(type, { width, height }, ...configuration) {
  return box(
    type, zeros(6), n16(1), zeros(16), n16(width, height), n32(0x480000, 0x480000, 0), n16(1), zeros(32),
    n16(0x18, 0xffff), ...configuration);
}

/** That of an audio codec (§12.2.3). */
export function audioEntry(type, { channels, rate }, ...configuration) {
  return box(
    type, zeros(6), n16(1), zeros(8), n16(channels, 16, 0, 0), n32(rate < 65536 ? rate * 65536 : 0), ...configuration);
}

/** The initialization segment of one track, whose samples come in fragments (§8.8). */
export function initialization({ kind, entry, timescale, width = 0, height = 0 }) {
  const isVideo = kind === "video";
  const media = box(
    "mdia",
    fullBox("mdhd", 0, 0, n32(0, 0, timescale, 0), n16(0x55c4, 0)),
    fullBox("hdlr", 0, 0, zeros(4), text(isVideo ? "vide" : "soun"), zeros(12), text("Sluice\0")),
    box(
      "minf",
      isVideo ? fullBox("vmhd", 0, 1, zeros(8)) : fullBox("smhd", 0, 0, zeros(4)),
      box("dinf", fullBox("dref", 0, 0, n32(1), fullBox("url ", 0, 1))),
      box(
        "stbl", fullBox("stsd", 0, 0, n32(1), entry), fullBox("stts", 0, 0, n32(0)), fullBox("stsc", 0, 0, n32(0)),
        fullBox("stsz", 0, 0, n32(0, 0)), fullBox("stco", 0, 0, n32(0)))));
  const track = box(
    "trak",
    fullBox(
      "tkhd", 0, 3, n32(0, 0, 1, 0, 0, 0, 0), n16(0, 0, isVideo ? 0 : 0x100, 0), NO_TURN,
      n32(width * 65536, height * 65536)),
    media);
  return concatenated([
    box("ftyp", text("isom"), n32(0x200), text("isomiso5iso6mp41")),
    box(
      "moov",
      fullBox("mvhd", 0, 0, n32(0, 0, 1000, 0, 0x10000), n16(0x100, 0), zeros(8), NO_TURN, zeros(24), n32(2)),
      track,
      box("mvex", fullBox("trex", 0, 0, n32(1, 1, 0, 0, 0)))),
  ]);
}

const DEPENDS_ON_NOTHING = 0x02000000;
const DEPENDS_ON_OTHERS = 0x01010000;

/** A media segment of `{time, duration, composition, isKey, data}`, in units of the track's timescale (§8.8.4–12). */
export function fragment(number, samples) {
  const table = concatenated(samples.map(({ duration, data, isKey, composition }) =>
    n32(duration, data.length, isKey ? DEPENDS_ON_NOTHING : DEPENDS_ON_OTHERS, composition)));
  const HAS_OFFSET_AND_ALL_FIELDS = 0x000f01;
  const BASE_IS_MOOF = 0x020000;
  const boxes = (offset) => box(
    "moof",
    fullBox("mfhd", 0, 0, n32(number)),
    box(
      "traf",
      fullBox("tfhd", 0, BASE_IS_MOOF, n32(1)),
      fullBox("tfdt", 1, 0, n64(samples[0].time)),
      fullBox("trun", 1, HAS_OFFSET_AND_ALL_FIELDS, n32(samples.length, offset), table)));
  const size = samples.reduce((sum, { data }) => sum + data.length, 8);
  return concatenated([
    boxes(boxes(0).length + 8), n32(size), text("mdat"), ...samples.map(({ data }) => data),
  ]);
}
