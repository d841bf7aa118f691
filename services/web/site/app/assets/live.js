// Tells on the landing page how this service does right now. Without it the page says nothing of that.
"use strict";

async function ask(path, cache = "no-store") {
  const answer = await fetch(path, { cache, credentials: "omit" });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer;
}

async function show() {
  const say = (id, text) => { document.getElementById(id).textContent = text; };
  const service = await (await ask("/.well-known/hopcount.json")).json();
  const began = performance.now(); // the connection is there by now: the wait is the service's own
  await ask("/health");
  say("live-time", `${Math.max(1, Math.round(performance.now() - began))} ms`);
  say("live-state", "Up and answering");
  say("live-region", service.region);
  say("live-version", service.version);
  const figures = await ask("/figures", "default").then((answer) => answer.json(), () => null); // if they are shown
  if (figures) {
    say("live-clicks", (figures.clicks + figures.botClicks).toLocaleString("en"));
    document.getElementById("live-clicks").parentElement.hidden = false;
  }
  document.getElementById("live").hidden = false;
}

show().catch(() => {}); // nothing is said rather than something wrong
