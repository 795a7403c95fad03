import { steer } from "/player/live-edge.js";
import { equal, isTrue, Tests } from "./testing.js";

export const tests = new Tests();

const at = (time, ranges, more = {}) => steer({ ranges, time, rate: 1, target: 1, isPaused: false, ...more });

for (const [about, found, seekTo] of [
  ["waits where nothing has come", at(0, []), null],
  ["goes to where the stream begins", at(0, [[1, 2]]), 1.001],
  ["stays within the target", at(3, [[1, 4]]), null],
  ["jumps when far behind", at(2, [[1, 20]]), 19],
  ["jumps no further than the last range", at(2, [[1, 4], [19.5, 20]]), 19.5],
  ["goes over a hole when it is there", at(3.95, [[1, 4], [5, 6]]), 5.001],
  ["plays up to a hole", at(3.5, [[1, 4], [5, 6]]), null],
  ["goes on when it stands in a hole", at(4.5, [[1, 4], [5, 6]]), 5.001],
  ["waits at the end", at(4, [[1, 4]]), null],
  ["shows the first picture although paused", at(0, [[1, 2]], { isPaused: true }), 1.001],
  ["stays where the viewer paused", at(3, [[40, 70]], { isPaused: true }), null],
]) tests.test(about, () => equal(found.seekTo, seekTo));

tests.test("plays faster when a little behind, until the target is met, and slower when short of data", () => {
  isTrue(at(2, [[1, 4]]).rate > 1, "2 s behind");
  equal(at(2.6, [[1, 4]]).rate, 1);
  isTrue(at(2.6, [[1, 4]], { rate: 1.08 }).rate > 1, "goes on being faster");
  equal(at(3.1, [[1, 4]], { rate: 1.08 }).rate, 1);
  isTrue(at(3.9, [[1, 4]]).rate < 1, "little is left");
});
