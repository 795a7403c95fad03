import { BitReader } from "./bytes.js";

/** Profiles whose parameter sets say how colours are sampled (H.264 §7.3.2.1.1). */
const AVC_COLOUR_PROFILES = new Set([44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 244]);

/** Width and height of pictures by a sequence parameter set of H.264 (§7.3.2.1.1), its NAL header included. */
export function avcSize(set) {
  const bits = new BitReader(unescaped(set.subarray(1)));
  const profile = bits.read(8);
  bits.skip(16);
  bits.golomb();
  let chroma = 1;
  if (AVC_COLOUR_PROFILES.has(profile)) {
    chroma = bits.golomb();
    if (chroma === 3) bits.skip(1);
    bits.golomb();
    bits.golomb();
    bits.skip(1);
    if (bits.flag()) skipScalingLists(bits, chroma === 3 ? 12 : 8);
  }
  bits.golomb();
  skipPictureOrder(bits);
  bits.golomb();
  bits.skip(1);
  const width = 16 * (bits.golomb() + 1);
  const units = bits.golomb() + 1;
  const fields = bits.flag() ? 1 : 2;
  if (fields === 2) bits.skip(1);
  bits.skip(1);
  const crop = bits.flag() ? [0, 1, 2, 3].map(() => bits.golomb()) : [0, 0, 0, 0];
  const unitX = chroma === 1 || chroma === 2 ? 2 : 1;
  const unitY = (chroma === 1 ? 2 : 1) * fields;
  return {
    width: width - unitX * (crop[0] + crop[1]),
    height: 16 * units * fields - unitY * (crop[2] + crop[3]),
  };
}

function skipScalingLists(bits, count) {
  for (let list = 0; list < count; list++) {
    if (!bits.flag()) continue;
    let last = 8;
    let next = 8;
    for (let i = 0; i < (list < 6 ? 16 : 64) && next !== 0; i++) {
      next = (last + bits.signedGolomb() + 256) & 255;
      if (next !== 0) last = next;
    }
  }
}

function skipPictureOrder(bits) {
  const type = bits.golomb();
  if (type === 0) bits.golomb();
  if (type !== 1) return;
  bits.skip(1);
  bits.golomb();
  bits.golomb();
  const count = bits.golomb();
  for (let i = 0; i < count; i++) bits.golomb();
}

/** The same of H.265 (§7.3.2.2.1). */
export function hevcSize(set) {
  const bits = new BitReader(unescaped(set.subarray(2)));
  bits.skip(4);
  const layers = bits.read(3);
  bits.skip(1 + 88 + 8);
  const isDescribed = [];
  for (let i = 0; i < layers; i++) isDescribed.push([bits.flag(), bits.flag()]);
  if (layers > 0) bits.skip(2 * (8 - layers));
  for (const [hasProfile, hasLevel] of isDescribed) bits.skip((hasProfile ? 88 : 0) + (hasLevel ? 8 : 0));
  bits.golomb();
  const chroma = bits.golomb();
  if (chroma === 3) bits.skip(1);
  const width = bits.golomb();
  const height = bits.golomb();
  const crop = bits.flag() ? [0, 1, 2, 3].map(() => bits.golomb()) : [0, 0, 0, 0];
  return {
    width: width - (chroma === 1 || chroma === 2 ? 2 : 1) * (crop[0] + crop[1]),
    height: height - (chroma === 1 ? 2 : 1) * (crop[2] + crop[3]),
  };
}

/** Without the bytes that keep start codes out of a NAL unit (H.264 §7.4.1.1). */
export function unescaped(bytes) {
  let zeros = 0;
  return bytes.filter((byte) => {
    const isEscape = zeros >= 2 && byte === 3;
    zeros = byte === 0 && !isEscape ? zeros + 1 : 0;
    return !isEscape;
  });
}
