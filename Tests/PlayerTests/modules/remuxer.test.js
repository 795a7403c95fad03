import { LIMITS, Remuxer } from "/player/remuxer.js";
import {
  HEADER, aac, avc, hevcFrame, inter, joined, key, otherAAC, otherAVC, sound, tag,
} from "./making-flv.js";
import { equal, isTrue, Tests, wordsOf } from "./testing.js";

export const tests = new Tests();

const remuxer = (supports = () => true) => new Remuxer({ supports });

/** Events in short: `["tracks video audio", "video 3", …]`; fragments of one kind in a row are one. */
function short(events) {
  const words = [];
  for (const event of events) {
    const [kind, count] = words.at(-1)?.split(" ") ?? [];
    if (event.what === "media") {
      if (kind === event.kind) words.pop();
      words.push(`${event.kind} ${event.frames + (kind === event.kind ? Number(count) : 0)}`);
    } else if (event.what === "tracks") words.push(["tracks", ...event.tracks.map((track) => track.kind)].join(" "));
    else if (event.what === "change") words.push(`change ${event.track.kind}`);
    else words.push(`${event.what} ${event.kind} ${event.name}`);
  }
  return words;
}

/** Video at 25 and audio at about 43 frames a second, in the order of their times; key frames once a second. */
function seconds(begin, end, { hasVideo = true, hasAudio = true } = {}) {
  const tags = [];
  for (let time = begin; time < end; time += 40) {
    if (hasVideo) tags.push((time - begin) % 1000 === 0 ? key(time) : inter(time));
    if (hasAudio) tags.push(sound(time), sound(time + 20));
  }
  return tags;
}

tests.test("says what there is when both kinds have come, and plays from the first frame on", () => {
  const r = remuxer();
  equal(short(r.push(joined(HEADER, avc(), aac(), key(0), sound(0)))), ["tracks video audio", "audio 1"]);
  equal(short(r.push(joined(inter(40), sound(23)))), ["video 1", "audio 1"]);
  equal(short(r.end()), ["video 1"]);
});

tests.test("waits for a key frame", () => {
  equal(short(remuxer().push(joined(HEADER, avc(), aac(), sound(0), inter(0), inter(40), key(80), inter(120)))), [
    "tracks video audio", "video 1", "audio 1",
  ]);
});

tests.test("takes a stream that is silent, or has no picture, as it is after a while", () => {
  const wait = LIMITS.firstWait;
  for (const [hasVideo, configuration, kind] of [[true, avc(), "video"], [false, aac(), "audio"]]) {
    const kinds = { hasVideo, hasAudio: !hasVideo };
    const r = remuxer();
    equal(short(r.push(joined(HEADER, configuration, ...seconds(0, wait, kinds)))), [], kind);
    isTrue(short(r.push(joined(...seconds(wait + 40, wait + 2000, kinds))))[0] === `tracks ${kind}`, kind);
  }
});

tests.test("plays what little there was when the connection ends", () => {
  const r = remuxer();
  r.push(joined(HEADER, aac(), sound(0), sound(23)));
  equal(short(r.end()), ["tracks audio", "audio 2"]);
});

tests.test("goes on with another configuration at its key frame; the same again changes nothing", () => {
  const r = remuxer();
  r.push(joined(HEADER, avc(), aac(), ...seconds(0, 200)));
  isTrue(!short(r.push(joined(avc(200), aac(200), ...seconds(200, 400)))).includes("change video"), "the same");
  const events = r.push(joined(otherAVC(400), inter(400), key(440), inter(480), otherAAC(480), sound(480)));
  equal(short(events), ["video 2", "change video", "video 1", "change audio", "audio 1"]);
  const { description, mime } = events.find((event) => event.what === "change").track;
  equal([mime, description.width, description.height], ['video/mp4; codecs="avc1.42c00a"', 64, 64]);
});

tests.test("tells anew what there is when sound joins later, at a key frame", () => {
  const r = remuxer();
  const before = r.push(joined(HEADER, avc(), ...seconds(0, 2000, { hasAudio: false })));
  equal(short(before)[0], "tracks video");
  const words = short(r.push(joined(aac(), ...seconds(2040, 2080), ...seconds(2080, 3000))));
  equal(words.filter((word) => word.startsWith("tracks")), ["tracks video audio"]);
});

tests.test("leaves out a kind that no longer comes, and takes it in again", () => {
  const r = remuxer();
  r.push(joined(HEADER, avc(), aac(), ...seconds(0, 1000)));
  let words = short(r.push(joined(...seconds(1000, 13_000, { hasVideo: false }))));
  equal(words.filter((word) => word.startsWith("tracks")), ["tracks audio"]);
  words = short(r.push(joined(...seconds(13_000, 14_000))));
  equal(words.filter((word) => word.startsWith("tracks")), ["tracks video audio"]);
});

tests.test("goes on after another connection as one stream where the kinds are the same", () => {
  const r = remuxer();
  r.push(joined(HEADER, avc(), aac(), ...seconds(50_000, 51_000)));
  r.end();
  const words = short(r.push(joined(HEADER, avc(), aac(), ...seconds(0, 1000))));
  equal(words.slice(0, 2), ["change video", "video 24"]);
  r.end();
  equal(short(r.push(joined(HEADER, aac(), ...seconds(0, 1000, { hasVideo: false }))))[0], "tracks audio");
});

tests.test("plays what the browser can, and says what it cannot", () => {
  const r = remuxer((mime) => mime.startsWith("audio"));
  const words = short(r.push(joined(HEADER, avc(), aac(), ...seconds(0, 2000))));
  equal(words.slice(0, 2), ["unsupported video H.264", "tracks audio"]);
  equal(words.filter((word) => word.startsWith("unsupported")).length, 1);
});

tests.test("gives up what cannot be played at all", () => {
  const frames = Array.from({ length: LIMITS.refusedFrames }, (_, i) => tag(9, 40 * i, [0x12, 1, 2]));
  equal(wordsOf(() => remuxer().push(joined(HEADER, ...frames))), "This page cannot play Sorenson H.263.");
  const r = remuxer(() => false);
  const words = wordsOf(() => r.push(joined(HEADER, avc(), ...seconds(0, 10_000, { hasAudio: false }))));
  equal(words, "This browser cannot play H.264.");
  isTrue(remuxer().push(joined(HEADER, ...frames.map((_, i) => hevcFrame(40 * i)))).length === 0, "no configuration");
});

tests.test("knows a codec by its kind: a picture in a tag of sound is none", () => {
  const code = Array.from("avc1", (letter) => letter.charCodeAt(0));
  const strange = [tag(8, 0, [0x90, ...code, 1, 2, 3]), tag(8, 0, [0x91, ...code, 1])];
  equal(short(remuxer().push(joined(HEADER, ...strange))), ["unsupported audio avc1"]);
});

tests.test("holds no more than it says before it knows what there is", () => {
  const stuck = Array.from({ length: LIMITS.firstFrames + 1 }, () => sound(0));
  equal(short(remuxer().push(joined(HEADER, aac(), ...stuck)))[0], "tracks audio");
});
