// The app's Python: Pyodide in a worker of its own, between whose start and the first message from the page
// everything that can be done without the page is done.
//
// The page says what to load in this worker's address (?python=FOLDER&archive=FILE), then sends one message with
// how the app was opened, then packets. Packets go back as bytes, all else as objects: {stage}, {failed}.

const asked = new URL(self.location.href).searchParams;
const python = new URL(asked.get("python"), self.location.href).href;
const archive = new URL(asked.get("archive"), self.location.href).href;

// All at once: Pyodide asks for its files one after the other, and finds each on its way already.
const fetched = new Map();
const fetchNow = self.fetch.bind(self);
for (const url of [`${python}pyodide.asm.wasm`, `${python}python_stdlib.zip`, archive]) {
  fetched.set(url, fetchNow(url));
}
self.fetch = (target, options) => {
  const url = String(target?.url ?? target);
  const early = fetched.get(url);
  fetched.delete(url);
  return early ?? fetchNow(target, options);
};

const flet = { args: null, documentUrl: "", receive_callback: send };
const opened = new Promise((resolve) => { self.onmessage = (event) => resolve(event.data) });

function send(packet) {
  const bytes = packet.toJs();
  self.postMessage(bytes, [bytes.buffer]);
}

async function load() {
  const arrived = self.fetch(archive).then((answer) => {
    if (!answer.ok) throw new Error(`${archive} answers ${answer.status}`);
    return answer.arrayBuffer();
  });
  arrived.catch(() => {}); // Said below, where it is waited for.
  const { loadPyodide } = await import(`${python}pyodide.mjs`);
  const pyodide = await loadPyodide({ indexURL: python, stdout: console.debug, stderr: console.warn });
  self.postMessage({ stage: "python" });
  pyodide.registerJsModule("flet_js", flet);
  pyodide.unpackArchive(await arrived, "zip", { extractDir: "/app" });
  pyodide.runPython("import sys; sys.path.insert(0, '/app'); import hopcount_app.app");
  self.postMessage({ stage: "app" });
  return pyodide;
}

async function start() {
  const pyodide = await load();
  const { args, documentUrl, openedAt } = await opened;
  Object.assign(flet, { args, documentUrl });
  self.openedAt = openedAt; // for hopcount_app.browser
  const early = [];
  self.onmessage = (event) => early.push(event.data);
  await pyodide.runPythonAsync("import runpy; runpy.run_module('main', run_name='__main__')");
  await flet.start_connection(send);
  self.onmessage = (event) => flet.send(event.data);
  early.forEach((packet) => flet.send(packet));
  self.postMessage({ stage: "running" });
}

start().catch((error) => self.postMessage({ failed: String(error) }));
