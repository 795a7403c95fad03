import { AudioTrack } from "/player/audio-track.js";
import { AUDIO_CODECS } from "/player/audio-codecs.js";
import { VideoTrack } from "/player/video-track.js";
import { bytes, equal, Tests } from "./testing.js";
import { samplesOf } from "./reading-mp4.js";

export const tests = new Tests();

const SOUND = Uint8Array.of(0x21, 0x10);
/** Times and durations, in samples of 48 kHz, of frames at these milliseconds. */
function sounded(...times) {
  const track = new AudioTrack(AUDIO_CODECS.mp4a(bytes("11 90")));
  for (const time of times) track.add({ data: SOUND }, time);
  return samplesOf(track.take(1).bytes).map(({ time, duration, size }) => [time, duration, size]);
}

tests.test("sound is counted in samples, whatever milliseconds it is said to last", () => {
  equal(sounded(1000, 1021, 1043, 1064), [0, 1, 2, 3].map((i) => [48000 + 1024 * i, 1024, 2]));
});

tests.test("a gap in sound is filled with silence", () => {
  const samples = sounded(1000, 1200);
  equal(samples.length, 10);
  equal(samples.map(([, , size]) => size === 2), [true, ...new Array(8).fill(false), true]);
  equal(samples.at(-1)[0], 48000 + 9 * 1024);
});

tests.test("a gap that is too long is left", () => {
  equal(sounded(1000, 7000).map(([time]) => time), [48000, 7 * 48000]);
});

tests.test("of more sound than time, what is too much is left out", () => {
  const samples = sounded(...new Array(20).fill(1000));
  equal(samples.length, 5);
});

tests.test("a frame of video lasts until the next one, and the last is held", () => {
  const track = new VideoTrack({});
  const add = (time, composition, isKey = false) => track.add({ data: SOUND, isKey, composition }, time);
  add(1000, 80, true);
  add(1040, 120);
  add(1080, -40);
  const part = ({ time, duration, composition }) => [time, duration, composition];
  equal(samplesOf(track.take(1).bytes).map(part), [[1000, 40, 80], [1040, 40, 120]]);
  equal(track.take(2), null);
  equal(samplesOf(track.take(2, { isLast: true }).bytes).map(part), [[1080, 40, -40]]);
});

tests.test("video is decoded in the order in which it comes, and shown when it says", () => {
  const track = new VideoTrack({});
  for (const time of [1000, 990, 1040]) track.add({ data: SOUND, isKey: true, composition: 0 }, time);
  const samples = samplesOf(track.take(1, { isLast: true }).bytes);
  equal(samples.map(({ time, composition }) => [time, time + composition]), [[1000, 1000], [1001, 990], [1040, 1040]]);
});
