import { TrackBuffer } from "/player/track-buffer.js";
import { equal, isTrue, Tests } from "./testing.js";

export const tests = new Tests();

/** A `SourceBuffer` that writes down what it is asked for, and is busy until told. */
class FakeBuffer extends EventTarget {
  log = [];
  updating = false;
  room = Infinity;
  held = 0;
  buffered = { length: 1, start: () => 5, end: () => 50 };

  appendBuffer(bytes) {
    if (this.held + bytes.length > this.room) throw new DOMException("full", "QuotaExceededError");
    this.held += bytes.length;
    this.#begin(`append ${bytes.length}`);
  }

  remove(start, end) {
    this.held = 0;
    this.buffered = { length: 1, start: () => end, end: () => 50 };
    this.#begin(`remove ${start} ${end}`);
  }

  changeType(mime) { this.log.push(`type ${mime}`); }

  #begin(words) {
    this.log.push(words);
    this.updating = true;
  }

  finish() {
    this.updating = false;
    this.dispatchEvent(new Event("updateend"));
  }
}

function made({ room = Infinity, makeRoom = () => false } = {}) {
  const buffer = new FakeBuffer();
  buffer.room = room;
  const faults = [];
  const track = new TrackBuffer("a", { makeRoom, onFault: (words) => faults.push(words) });
  track.append(new Uint8Array(3));
  track.attach({ addSourceBuffer: () => buffer });
  return { track, buffer, faults };
}

tests.test("one piece of work comes after the other, in order", () => {
  const { track, buffer } = made();
  track.change("b", new Uint8Array(4));
  track.change("b", new Uint8Array(5));
  equal(track.waitingBytes, 9);
  for (let i = 0; i < 3; i++) buffer.finish();
  equal(buffer.log, ["append 3", "type b", "append 4", "append 5"]);
  equal(track.waitingBytes, 0);
});

tests.test("what is forgotten is forgotten first, if there is something", () => {
  const { track, buffer } = made();
  track.append(new Uint8Array(4));
  equal([track.removeBefore(5), track.removeBefore(20)], [false, true]);
  for (let i = 0; i < 2; i++) buffer.finish();
  equal(buffer.log, ["append 3", "remove 0 20", "append 4"]);
});

tests.test("where the browser's memory is full, room is made, and what waits goes on", () => {
  const { track, buffer, faults } = made({ room: 6, makeRoom: (track) => track.removeBefore(30) });
  track.append(new Uint8Array(4));
  for (let i = 0; i < 3; i++) buffer.finish();
  equal(buffer.log, ["append 3", "remove 0 30", "append 4"]);
  equal(faults, []);
});

tests.test("where no room can be made, that is said once, and nothing more is done", () => {
  const { track, buffer, faults } = made({ room: 6 });
  track.append(new Uint8Array(4));
  buffer.finish();
  track.append(new Uint8Array(1));
  buffer.finish();
  isTrue(faults.length === 1 && faults[0].includes("memory"), faults);
  equal(buffer.log, ["append 3"]);
});

tests.test("an error of the browser is said, but not after the end", () => {
  const first = made();
  first.buffer.dispatchEvent(new Event("error"));
  equal(first.faults.length, 1);
  const second = made();
  second.track.end();
  second.buffer.dispatchEvent(new Event("error"));
  equal(second.faults, []);
});
