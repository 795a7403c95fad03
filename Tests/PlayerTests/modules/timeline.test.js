import { Timeline } from "/player/timeline.js";
import { equal, Tests } from "./testing.js";

export const tests = new Tests();

/** Places `"a 10"`, `"v 20"`, …; "restart" is one. */
function placed(...steps) {
  const timeline = new Timeline();
  return steps.flatMap((step) => {
    if (step === "restart") return timeline.restart() ?? [];
    const [kind, timestamp] = step.split(" ");
    return [timeline.place(kind, Number(timestamp))];
  });
}

for (const [about, steps, times] of [
  ["begins at a second, wherever the clock is", ["a 4000000000", "v 4000000010"], [1000, 1010]],
  ["keeps what is before the first frame", ["a 500", "v 100", "v 140"], [1000, 600, 640]],
  ["goes on where 32 bits end", ["v 4294967290", "a 4294967295", "v 34", "a 10"], [1000, 1005, 1040, 1016]],
  ["leaves a pause", ["v 0", "v 40", "v 4040"], [1000, 1040, 5040]],
  ["leaves disorder", ["v 5000", "v 4900", "v 5040"], [1000, 900, 1040]],
  ["closes a leap forward", ["v 0", "v 90000", "v 90040"], [1000, 1040, 1080]],
  ["closes a leap backward", ["v 90000", "v 90040", "v 0", "v 40"], [1000, 1040, 1080, 1120]],
  [
    "tells the old clock from the new while both come",
    ["v 90000", "a 90010", "v 0", "a 90030", "a 5", "v 40", "a 28"],
    [1000, 1010, 1050, 1030, 1055, 1090, 1078],
  ],
  ["places a kind that comes late by the others", ["a 0", "a 3000", "a 6000", "v 6010"], [1000, 4000, 7000, 7010]],
  [
    "places a kind that was away by the others",
    ["a 0", "v 0", "a 4000", "a 8000", "v 8000"], [1000, 1000, 5000, 9000, 9000],
  ],
  ["goes behind all else after a restart", ["v 0", "v 4000", "restart", "v 3000", "a 3010"], [1000, 5000, 5040, 5050]],
]) tests.test(about, () => equal(placed(...steps), times));
