/** What the tests in Python ask of the modules: remuxing whole files, also damaged ones. */
import { Remuxer } from "/player/remuxer.js";
import { seeded } from "./testing.js";

/** Remuxes the file at `url` in random pieces of up to `largest` bytes: `{tracks, kinds: {video, audio}}` in base64. */
export async function remuxed(url, seed, largest) {
  const file = new Uint8Array(await (await fetch(url)).arrayBuffer());
  const remuxer = new Remuxer({ supports: () => true });
  const random = seeded(seed);
  const tracks = [];
  const kinds = {};
  const take = (events) => {
    for (const event of events) {
      if (event.what === "unsupported") throw new Error(`${event.name} is not supported`);
      if (event.what === "media") kinds[event.kind].push(event.bytes);
      for (const track of event.what === "tracks" ? event.tracks : event.what === "change" ? [event.track] : []) {
        const { name, width = null, height = null, rate = null, channels = null } = track.description;
        tracks.push({ kind: track.kind, mime: track.mime, name, width, height, rate, channels });
        (kinds[track.kind] ??= []).push(track.initialization);
      }
    }
  };
  for (let at = 0; at < file.length;) {
    const count = 1 + random(largest);
    take(remuxer.push(file.subarray(at, at + count)));
    at += count;
  }
  take(remuxer.end());
  for (const kind of Object.keys(kinds)) kinds[kind] = await base64(kinds[kind]);
  return { tracks, kinds };
}

async function base64(pieces) {
  const reader = new FileReader();
  const done = new Promise((resolve) => { reader.onload = resolve; });
  reader.readAsDataURL(new Blob(pieces));
  await done;
  return reader.result.split(",")[1];
}

/** Remuxes the file with random damage, `count` times; what is thrown other than `StreamError`, in words. */
export async function faultsOfDamaged(url, seed, count) {
  const file = new Uint8Array(await (await fetch(url)).arrayBuffer());
  const random = seeded(seed);
  const faults = [];
  for (let run = 0; run < count; run++) {
    const damaged = file.slice(0, 1 + random(file.length));
    for (let i = random(20); i >= 0; i--) {
      // Most of it where configurations are: at the start.
      damaged[random(random(2) === 0 ? Math.min(600, damaged.length) : damaged.length)] = random(256);
    }
    const remuxer = new Remuxer({ supports: () => true });
    try {
      for (let at = 0; at < damaged.length; at += 4096) remuxer.push(damaged.subarray(at, at + 4096));
    } catch (error) {
      if (error.name !== "StreamError") faults.push(`run ${run}: ${error.stack}`);
    }
    try {
      remuxer.end();
    } catch (error) {
      faults.push(`run ${run}, at the end: ${error.stack}`);
    }
  }
  return faults;
}
