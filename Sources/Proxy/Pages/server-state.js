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
  } catch {
    show("state", "not answering");
  }
}

/** Keeps the page's words about the server up to date. */
export function watchServer() {
  refresh();
  setInterval(refresh, 5000);
}
