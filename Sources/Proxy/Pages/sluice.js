import { Player } from "./player/player.js";
import { streamAddress, transportOf } from "./player/stream-address.js";
import { watchServer } from "./server-state.js";

const byID = (id) => document.getElementById(id);
const form = byID("form");
const video = byID("video");
const transports = form.elements.transport;

// MARK: - What is said

function say(id, words) { byID(id).textContent = words; }

function showState(state, words) {
  say("error", state === "failed" ? words : "");
  say("status", state === "failed" ? "" : words);
  byID("stop").disabled = state === "idle" || state === "failed";
  document.body.dataset.state = state;
}

function showStatistics() {
  const { video: picture, audio, ...figures } = player.statistics;
  say("picture", picture === null ? "–" : `${picture.name}, ${picture.width} × ${picture.height}`);
  say("sound", audio === null ? "–" : `${audio.name}, ${audio.rate / 1000} kHz, ${channelsInWords(audio.channels)}`);
  say("frame-rate", `${figures.frameRate.toFixed(1)} per second`);
  say("bit-rate", `${Math.round(figures.bitRate / 1000)} kbit/s`);
  say("buffered", `${figures.buffered.toFixed(1)} s`);
  say("latency", `${figures.delay.toFixed(1)} s`);
  say("dropped", `${figures.droppedFrames} of ${figures.shownFrames}`);
}

const channelsInWords = (count) => (count === 1 ? "mono" : count === 2 ? "stereo" : `${count} channels`);

// MARK: - What is done

const player = new Player(video, { onState: showState, onNotice: (words) => say("notice", words) });

function play() {
  try {
    player.play(streamAddress(form.elements.url.value, transports.value, location.href));
  } catch (error) {
    player.stop();
    showState("failed", error.message);
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  play();
});
byID("stop").addEventListener("click", () => player.stop());
form.elements.url.addEventListener("input", () => {
  const transport = transportOf(form.elements.url.value);
  if (transport !== null) transports.value = transport;
});

/** `?url=` or `?stream=` names the stream, `?transport=` how it comes, `?autoplay=1` starts it, muted. */
function followLink() {
  const link = new URLSearchParams(location.search);
  const address = link.get("url") ?? link.get("stream");
  if (address === null) return;
  form.elements.url.value = address;
  const transport = link.get("transport") ?? transportOf(address);
  if (transport === "http-flv" || transport === "ws-flv") transports.value = transport;
  if (link.get("autoplay") !== "1") return;
  video.muted = true;
  play();
}

if (Player.isSupported) {
  followLink();
  setInterval(showStatistics, 500);
} else {
  byID("play").disabled = true;
  showState("failed", "This browser cannot play live streams: it has no Media Source Extensions.");
}
watchServer();
