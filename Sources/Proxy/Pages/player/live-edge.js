/** All in seconds. */
export const LIMITS = Object.freeze({
  /** How far behind the newest frame it is played, at first, and at most: each stall adds a step. */
  target: 1,
  maximumTarget: 4,
  step: 0.5,
  /** With so much more than the target, playing is a little faster until it is met. */
  tolerance: 0.5,
  /** With so much more, the rest is left out. */
  excess: 4,
  /** With less than this ahead, playing is a little slower. */
  low: 0.2,
  /** A hole is left behind when less than this is before it. */
  hole: 0.1,
  /** So far within a range a jump to its beginning goes: browsers round. */
  inside: 0.001,
});

const FASTER = 1.08;
const SLOWER = 0.96;

/**
 * How to stay near the live edge: where to jump, or null, and how fast to play.
 *
 * `ranges` is what is buffered, as `[start, end]`; `rate` is how fast it is played now.
 */
export function steer({ ranges, time, rate, target, isPaused }) {
  if (ranges.length === 0) return { seekTo: null, rate: 1 };
  const [lastStart, edge] = ranges.at(-1);
  const current = ranges.find(([start, end]) => start <= time && time < end);
  const next = ranges.find(([start]) => start > time);
  // Who pauses keeps the picture, even where what comes next is forgotten; only the first one has to be found.
  if (isPaused && time > 0) return { seekTo: null, rate: 1 };
  // At the end of everything there is nothing to do but wait.
  if (current === undefined) return { seekTo: next === undefined ? null : next[0] + LIMITS.inside, rate: 1 };
  const ahead = current[1] - time;
  const behind = edge - time;
  if (behind > target + LIMITS.excess) return { seekTo: Math.max(lastStart, edge - target), rate: 1 };
  if (ahead < LIMITS.hole && next !== undefined) return { seekTo: next[0] + LIMITS.inside, rate: 1 };
  if (ahead < LIMITS.low) return { seekTo: null, rate: SLOWER };
  const isFast = rate > 1 ? behind > target : behind > target + LIMITS.tolerance;
  return { seekTo: null, rate: isFast ? FASTER : 1 };
}
