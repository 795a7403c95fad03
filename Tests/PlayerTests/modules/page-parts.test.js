import { Backoff } from "/player/backoff.js";
import { Delay, Meter } from "/player/statistics.js";
import { streamAddress, transportOf } from "/player/stream-address.js";
import { equal, isTrue, Tests, wordsOf } from "./testing.js";

export const tests = new Tests();

const PAGE = "https://proxy.example:8443/player/?stream=x";
for (const [text, transport, address] of [
  ["live/livestream", "http-flv", "https://proxy.example:8443/live/livestream.flv"],
  ["/live/livestream.flv?key=1", "ws-flv", "wss://proxy.example:8443/live/livestream.flv?key=1"],
  ["live/livestream?vhost=a.example", "http-flv", "https://proxy.example:8443/live/livestream.flv?vhost=a.example"],
  ["ws://other:8080/live/a.flv", "http-flv", "http://other:8080/live/a.flv"],
  [" http://other/live/a.flv#b ", "ws-flv", "ws://other/live/a.flv"],
]) tests.test(`${text} by ${transport} is ${address}`, () => equal(streamAddress(text, transport, PAGE).href, address));

tests.test("what is no address of a stream is refused in words", () => {
  for (const text of ["rtmp://proxy/live/a", "http://", "/", "", "javascript:alert(1)"]) {
    isTrue(wordsOf(() => streamAddress(text, "http-flv", PAGE)).endsWith("."), text);
  }
});

tests.test("an address may say how the stream comes", () => {
  equal(["ws://a/b", "WSS://a/b", "http://a/b", "live/a"].map(transportOf), ["ws-flv", "ws-flv", "http-flv", null]);
});

tests.test("waits grow, up to a limit, with jitter, and begin anew", () => {
  const middle = new Backoff(() => 0.5);
  equal(Array.from({ length: 7 }, () => middle.next()), [500, 1000, 2000, 4000, 8000, 15000, 15000]);
  middle.reset();
  equal(middle.next(), 500);
  equal([new Backoff(() => 0).next(), new Backoff(() => 1).next()], [350, 650]);
});

tests.test("rates are those of the last seconds", () => {
  const meter = new Meter();
  for (let now = 0; now <= 10_000; now += 100) meter.add(5, now);
  equal(meter.perSecond(10_000), 50);
  equal(meter.perSecond(20_000), 0);
});

tests.test("the delay is against the frame that came soonest", () => {
  const delay = new Delay();
  equal(delay.of(0, 100), 0);
  delay.note(10, 100);
  delay.note(11, 100.5);
  delay.note(12, 102);
  equal(delay.of(9, 100.5).toFixed(2), "2.00");
  delay.note(0, 20_000);
  equal(Math.round(20_000 - delay.of(0, 20_000)), 93, "what clocks that drift apart have made of 89.5 s");
});
