import { FLVDemuxer } from "/player/flv-demuxer.js";
import { HEADER, joined, tag } from "./making-flv.js";
import { bytes, equal, isTrue, Tests, wordsOf } from "./testing.js";

export const tests = new Tests();

const FILE = bytes(
  "46 4c 56 01 05 00 00 00 09 00 00 00 00"
  + "08 00 00 02 00 00 17 00 00 00 00 af 01 00 00 00 0d"
  + "09 00 00 01 ff ff ff ff 00 00 00 27 00 00 00 0c"
  + "12 00 00 00 00 00 00 01 00 00 00 00 00 00 0b");
const TAGS = [
  { type: 8, timestamp: 23, body: [0xaf, 1] },
  { type: 9, timestamp: 0xffffffff, body: [0x27] },
  { type: 18, timestamp: 0x01000000, body: [] },
];

tests.test("reads tags, with all 32 bits of their timestamps", () => {
  equal(new FLVDemuxer().push(FILE), TAGS);
});

tests.test("reads the same, cut in two anywhere", () => {
  for (let at = 0; at <= FILE.length; at++) {
    const demuxer = new FLVDemuxer();
    equal([...demuxer.push(FILE.subarray(0, at)), ...demuxer.push(FILE.subarray(at))], TAGS, `cut at ${at}`);
  }
});

tests.test("reads the same byte by byte", () => {
  const demuxer = new FLVDemuxer();
  equal(Array.from(FILE).flatMap((byte) => demuxer.push(Uint8Array.of(byte))), TAGS);
});

tests.test("passes over a longer header, and tags of no use", () => {
  const longer = joined(bytes("46 4c 56 01 05 00 00 00 0b aa bb 00 00 00 00"), tag(40, 1, [1, 2]), tag(8, 2, [3]));
  equal(new FLVDemuxer().push(longer), [{ type: 8, timestamp: 2, body: [3] }]);
});

tests.test("gives bodies that stay as they are", () => {
  const demuxer = new FLVDemuxer();
  const [first] = demuxer.push(joined(HEADER, tag(8, 0, [1, 2, 3])));
  for (let i = 0; i < 10_000; i++) demuxer.push(tag(9, i, [9, 9, 9, 9, 9, 9, 9]));
  equal(first.body, [1, 2, 3]);
});

tests.test("refuses what is no FLV", () => {
  for (const [file, about] of [
    [bytes("3c 21 64 6f 63 74 79 70 65"), "HTML"], [bytes("46 4c 56 02 05 00 00 00 09"), "version 2"],
    [bytes("46 4c 56 01 05 00 00 00 08"), "short header"], [bytes("46 4c 56 01 05 ff ff ff ff"), "endless header"],
  ]) equal(wordsOf(() => new FLVDemuxer().push(file)), "What the server sends is no FLV stream.", about);
});

tests.test("refuses a tag that is too large, before its body comes", () => {
  const demuxer = new FLVDemuxer({ maximumTagSize: 1000 });
  equal(demuxer.push(joined(HEADER, tag(9, 0, new Array(1000).fill(7)))).length, 1);
  isTrue(wordsOf(() => demuxer.push(bytes("09 00 03 e9 00 00 00 00 00 00 00"))).includes("1001"), "names the size");
});
