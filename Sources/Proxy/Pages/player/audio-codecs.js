import { BitReader, concatenated, u16, u32 } from "./bytes.js";
import { audioEntry, box, fullBox, n16, n32, n8 } from "./mp4-boxes.js";
import { StreamError } from "./stream-error.js";

/**
 * What MSE and MP4 must know of an audio codec, from its configuration record and a frame:
 * `{name, types, channels, rate, timescale, entry, frameLength, silence}`. `frameLength(data)` is in units of the
 * timescale; `silence` is a frame without sound, or null where one cannot be made.
 */
export const AUDIO_CODECS = Object.freeze({ mp4a: aac, Opus: opus, ".mp3": mp3 });

/** For codecs without a configuration record: what of a frame stays the same until the configuration changes. */
export const CONFIGURED_BY_FRAMES = Object.freeze({
  ".mp3": (data) => n8(data[1], data[2] & 0x0c, Number(data[3] >> 6 === 3)),
});

const AAC_RATES = [96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350];
const HIGHEST_RATE = 192_000;
const AAC_CHANNELS = [2, 1, 2, 3, 4, 5, 6, 8];

/** `AudioSpecificConfig` (ISO/IEC 14496-3 §1.6.2.1). */
function aac(record) {
  const bits = new BitReader(record);
  const objectType = () => {
    const type = bits.read(5);
    return type === 31 ? 32 + bits.read(6) : type;
  };
  const sampleRate = () => {
    const index = bits.read(4);
    return index === 15 ? bits.read(24) : AAC_RATES[index];
  };
  const type = objectType();
  const rate = sampleRate();
  const channels = AAC_CHANNELS[bits.read(4)];
  if (!(rate > 0 && rate <= HIGHEST_RATE) || channels === undefined) {
    throw new StreamError("The configuration of AAC has an unknown rate or layout.");
  }
  const [spectralBandReplication, parametricStereo] = [5, 29];
  if (type === spectralBandReplication || type === parametricStereo) {
    sampleRate();
    objectType();
  }
  const length = bits.flag() ? 960 : 1024;
  return {
    kind: "audio", name: "AAC", types: [`audio/mp4; codecs="mp4a.40.${type}"`], channels, rate, timescale: rate,
    entry: audioEntry("mp4a", { channels, rate }, elementaryStream(0x40, record)),
    frameLength: () => length, silence: aacSilence(channels),
  };
}

/** An `esds` box: codec `type` with its own configuration (ISO/IEC 14496-1 §7.2.6). */
function elementaryStream(type, record) {
  const descriptor = (tag, ...contents) => {
    const body = concatenated(contents);
    const length = body.length;
    return concatenated([n8(tag, 0x80 | length >> 21, 0x80 | length >> 14, 0x80 | length >> 7, length & 0x7f), body]);
  };
  const specific = record.length > 0 ? [descriptor(5, record)] : [];
  return fullBox("esds", 0, 0, descriptor(
    3, n16(0), n8(0), descriptor(4, n8(type, 0x15, 0, 0, 0), n32(0, 0), ...specific), descriptor(6, n8(2))));
}

/** A block of one or two channels without a single spectral line (ISO/IEC 14496-3 §4.4.2.1). */
function aacSilence(channels) {
  const window = "0" + "00" + "0" + "000000" + "0";
  const stream = "00000000";
  const tools = "000";
  const end = "111";
  const blocks = {
    1: "000" + "0000" + stream + window + tools + end,
    2: "001" + "0000" + "1" + window + "00" + (stream + tools).repeat(2) + end,
  };
  return channels in blocks ? bytesOf(blocks[channels]) : null;
}

function bytesOf(digits) {
  const octets = digits.match(/.{1,8}/g);
  return Uint8Array.from(octets, (octet) => Number.parseInt(octet.padEnd(8, "0"), 2));
}

/** `OpusHead` (RFC 7845 §5.1), which MP4 keeps with its numbers turned round (Opus in ISOBMFF §4.3.2). */
function opus(record) {
  if (record.length < 19) throw new StreamError("The configuration of Opus is too short.");
  const view = new DataView(record.buffer, record.byteOffset, record.length);
  const channels = record[9];
  const specific = box(
    "dOps", n8(0, channels), n16(view.getUint16(10, true)), n32(view.getUint32(12, true)),
    n16(view.getUint16(16, true)), record.subarray(18));
  return {
    kind: "audio", name: "Opus", types: ['audio/mp4; codecs="opus"'], channels, rate: 48000, timescale: 48000,
    entry: audioEntry("Opus", { channels, rate: 48000 }, specific), frameLength: opusLength, silence: null,
  };
}

/** Samples at 48 kHz by the first bytes of a packet (RFC 6716 §3.1 and §3.2). */
function opusLength(data) {
  const configuration = data[0] >> 3;
  const each = configuration < 12 ? [480, 960, 1920, 2880][configuration & 3]
    : configuration < 16 ? [480, 960][configuration & 1] : [120, 240, 480, 960][configuration & 3];
  const count = [1, 2, 2, data.length > 1 ? data[1] & 63 : 1][data[0] & 3];
  return each * Math.max(count, 1);
}

const MP3_RATES = { 3: [44100, 48000, 32000], 2: [22050, 24000, 16000], 0: [11025, 12000, 8000] };

/** By the header of a frame (ISO/IEC 11172-3 §2.4.2.3, 13818-3, and MPEG 2.5). */
function mp3(_record, data) {
  const header = data.length >= 4 ? u32(data, 0) : 0;
  const version = header >>> 19 & 3;
  const rate = MP3_RATES[version]?.[header >>> 10 & 3];
  if (u16(data, 0) >> 5 !== 0x7ff || (header >>> 17 & 3) !== 1 || rate === undefined) {
    throw new StreamError("What is said to be MP3 is not.");
  }
  const channels = (header >>> 6 & 3) === 3 ? 1 : 2;
  const mpegOne = 3;
  return {
    kind: "audio", name: "MP3", types: ['audio/mp4; codecs="mp4a.6b"', 'audio/mp4; codecs="mp3"'], channels, rate,
    timescale: rate, entry: audioEntry("mp4a", { channels, rate }, elementaryStream(0x6b, n8())),
    frameLength: () => version === mpegOne ? 1152 : 576, silence: null,
  };
}
