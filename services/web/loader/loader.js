// Opens the app: starts Python and Flutter side by side, shows how far they are, and leaves the screen to the app
// when it has drawn itself. Where files are is written on the script's element by the build.

(() => {
  const { engine, python, archive, worker: workerFile, builds } = document.currentScript.dataset;
  const STAGES = { engine: [0.3, "Loading the app"], python: [0.3, "Loading Python"], app: [0.2, "Preparing your links"], running: [0.1, "Nearly there"] };
  const SLOW_SECONDS = 90;
  let progress = 0.1;
  let settled = false;

  const shown = (id) => document.getElementById(id);
  const whenParsed = (act) => document.readyState === "loading" ? document.addEventListener("DOMContentLoaded", act, { once: true }) : act();

  function reached(stage) {
    performance.mark(stage);
    const [share, text] = STAGES[stage];
    delete STAGES[stage];
    progress += share;
    const next = Object.values(STAGES)[0];
    whenParsed(() => {
      if (settled) return;
      shown("progress").value = progress;
      shown("stage").textContent = next ? next[1] : text;
    });
  }

  function fail(title, text, reason) {
    if (settled) return;
    settled = true;
    console.error(title, reason ?? "");
    whenParsed(() => {
      shown("skeleton").classList.add("failed");
      shown("skeleton").setAttribute("aria-busy", "false");
      shown("failure-title").textContent = title;
      shown("failure-text").textContent = text;
      shown("failure").hidden = false;
      shown("again").onclick = () => location.reload();
    });
  }

  const broken = (reason) => fail("Hopcount did not open", "Part of the app could not be loaded. Look at your connection, then try again.", reason);
  const outdated = (reason) => fail("This browser is too old for Hopcount", "The app needs a current version of Chrome, Edge, Firefox or Safari. Short links work in any browser.", reason);

  function finish() {
    if (settled) return;
    settled = true;
    performance.mark("app-drawn");
    whenParsed(() => shown("skeleton")?.remove());
  }

  if (typeof WebAssembly !== "object" || !("noModule" in HTMLScriptElement.prototype)) {
    outdated("no WebAssembly or no modules");
    return;
  }

  // Flutter's loader does not look whether the scripts it adds can be had.
  addEventListener("error", ({ target }) => { if (target instanceof HTMLScriptElement) broken(target.src) }, true);

  // Python starts now, long before Flutter asks for it.
  const worker = new Worker(`${workerFile}?${new URLSearchParams({ python, archive })}`, { type: "module" });
  let receive = () => {};
  let running;
  const isRunning = new Promise((resolve, reject) => { running = { resolve, reject } });
  isRunning.catch(broken);
  worker.onerror = (event) => running.reject(event.message || "the worker failed");
  worker.onmessage = ({ data }) => {
    if (data instanceof Uint8Array) {
      receive(data);
    } else if (data.stage) {
      reached(data.stage);
      if (data.stage === "running") running.resolve();
    } else {
      running.reject(data.failed);
    }
  };

  // What Flutter's side of Flet calls.
  globalThis.jsConnect = async (_app, args, onMessage) => {
    receive = (packet) => { onMessage(packet); drawn.sent() };
    worker.postMessage({ args, documentUrl: document.URL, openedAt: performance.timeOrigin });
    await isRunning;
  };
  globalThis.jsSend = async (_app, packet) => worker.postMessage(packet, [packet.buffer]);
  globalThis.jsDisconnect = async () => worker.terminate();

  globalThis.flet = {
    pyodide: true,
    multiView: false,
    noCdn: true,
    webSocketEndpoint: "",
    entrypointBaseUrl: engine,
    assetBase: engine,
    canvasKitBaseUrl: `${engine}canvaskit/`,
    fontFallbackBaseUrl: `${engine}assets/fonts/`,
    routeUrlStrategy: "path",
  };

  // The app has drawn itself when Flutter paints and Python has sent it something to show.
  const drawn = (() => {
    let painted = false;
    let packets = 0;
    const check = () => { if (painted && packets > 1) requestAnimationFrame(() => requestAnimationFrame(finish)) };
    addEventListener("flutter-first-frame", () => { painted = true; check() }, { once: true });
    return { sent: () => { packets += 1; check() } };
  })();

  const script = document.createElement("script");
  script.src = `${engine}flutter.js`;
  script.onload = async () => {
    globalThis._flutter.buildConfig = JSON.parse(builds);
    const config = { entrypointBaseUrl: engine, assetBase: engine, canvasKitBaseUrl: `${engine}canvaskit/`, fontFallbackBaseUrl: flet.fontFallbackBaseUrl };
    try {
      await globalThis._flutter.loader.load({
        config,
        onEntrypointLoaded: async (initializer) => {
          reached("engine");
          const runner = await initializer.initializeEngine(config);
          await runner.runApp();
        },
      });
    } catch (error) {
      broken(error);
    }
  };
  document.head.append(script);
  setTimeout(() => { if (!settled) whenParsed(() => { shown("stage").textContent = "This takes longer than usual" }) }, SLOW_SECONDS * 1000);
})();
