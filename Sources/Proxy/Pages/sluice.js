"use strict";

const show = (id, text) => { document.getElementById(id).textContent = text; };

async function ask(path) {
  const answer = await fetch(path, { cache: "no-store" });
  return { isGood: answer.ok, body: await answer.json() };
}

async function refresh() {
  try {
    const { isGood, body } = await ask("/readyz");
    show("state", isGood ? "ready" : body.message);
    const { body: versions } = await ask("/api/v1/versions");
    show("version", versions.data.version);
    show("server", `${versions.server}, process ${versions.pid}`);
  } catch {
    show("state", "not answering");
  }
}

refresh();
setInterval(refresh, 5000);
