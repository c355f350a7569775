// Runs Python away from the page, which stays responsive and can stop it. One for all cells and
// exercises of a page. What it loads is kept in the browser; the next start loads nothing.
import { loadPyodide } from "pyodide";
import { decompress } from "fzstd";
import cells from "./cells.py";

const base = new URL("static/python/", import.meta.url).href;
const KEPT = "lstm-python-"; // and what the site was made of: the name of our cache
const began = performance.now();
const time = {}; // ms from the start: where the time goes
const mark = (name) => {
  time[name] = Math.round(performance.now() - began);
};

let manifest, cache, python;
const files = {}; // by name: bytes that Pyodide asks for
const got = {}; // by name: bytes loaded so far, of a file that is not kept yet

// The browser's cache for sites, or nothing: some windows, and http elsewhere, have none.
const openCache = async () => {
  try {
    const names = (await caches.keys()).filter((name) => name.startsWith(KEPT));
    return { names, open: (name) => caches.open(name) };
  } catch {
    return { names: [], open: () => undefined };
  }
};

// What there is to load, from the site; without a network, from what was kept.
const readManifest = async () => {
  const { names, open } = await openCache();
  const address = `${base}python.json`;
  let answer = await fetch(address, { cache: "no-cache" }).catch(() => undefined);
  if (!answer?.ok) {
    const kept = names.length && (await (await open(names[0])).match(address));
    if (!kept) throw new Error("network");
    manifest = await kept.json();
    cache = await open(names[0]);
    return;
  }
  manifest = await answer.clone().json();
  const name = KEPT + manifest.stamp;
  for (const other of names) if (other !== name) await caches.delete(other);
  cache = await open(name);
  await cache?.put(address, answer).catch(() => {});
};

const progress = (what, names) => {
  const total = names.reduce((sum, name) => sum + manifest.files[name], 0);
  const done = names.reduce((sum, name) => sum + (got[name] ?? 0), 0);
  postMessage({ progress: { what, done, total } });
};

// Read a file to its end, saying how far it is.
const read = async (answer, name, tell) => {
  const parts = [];
  const reader = answer.body.getReader();
  got[name] = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    parts.push(part.value);
    got[name] += part.value.length;
    tell();
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
};

const types = { wasm: "application/wasm", mjs: "text/javascript" };

// Return a response with the file, from the cache if it is there. WebAssembly and scripts are kept
// unpacked: the browser can keep its translation beside them.
const take = async (name, tell) => {
  const address = base + name;
  const kept = await cache?.match(address).catch(() => undefined);
  if (kept) return kept;
  const answer = await fetch(address).catch(() => undefined);
  if (!answer?.ok) throw new Error("network");
  let bytes = await read(answer, name, tell);
  const plain = name.replace(/\.zst$/, "");
  const type = types[plain.split(".").at(-1)];
  if (type && plain !== name) bytes = decompress(bytes);
  const response = () =>
    new Response(bytes, { headers: { "content-type": type ?? "application/octet-stream" } });
  await cache?.put(address, response()).catch(() => {});
  return response();
};

// Load files side by side; return them in order.
const takeAll = (what, names) => {
  const tell = () => progress(what, names);
  return Promise.all(names.map((name) => take(name, tell)));
};

// Pyodide fetches these by itself: it gets what we have.
const ours = globalThis.fetch.bind(globalThis);
globalThis.fetch = (request, options) => {
  const name = String(request.url ?? request).slice(base.length);
  return files[name] ? Promise.resolve(files[name].clone()) : ours(request, options);
};

const SITE = "/lib/python3.14/site-packages";

const install = async (what, names) => {
  for (const wheel of await takeAll(what, names))
    python.unpackArchive(await wheel.arrayBuffer(), "zip", { extractDir: SITE });
};

const start = async () => {
  postMessage({ progress: { what: "Starting Python" } });
  await readManifest();
  const loaded = await takeAll("Loading Python and NumPy", manifest.core);
  const [module, code, memory, stdlib, ...packages] = loaded;
  mark("loaded");
  postMessage({ progress: { what: "Starting Python" } });
  files["pyodide.asm.wasm"] = module;
  files["python_stdlib.zip"] = stdlib;
  const address = URL.createObjectURL(await code.blob());
  const { default: createPyodideModule } = await import(/* webpackIgnore: true */ address);
  const options = {
    indexURL: base,
    lockFileContents: { info: manifest.info, packages: {} },
    packageBaseUrl: base,
    createPyodideModule,
  };
  try {
    const _loadSnapshot = decompress(new Uint8Array(await memory.arrayBuffer()));
    python = await loadPyodide({ ...options, _loadSnapshot });
  } catch (error) {
    console.warn("Python starts without its snapshot:", error);
    python = await loadPyodide(options);
  }
  mark("started");
  for (const wheel of packages)
    python.unpackArchive(await wheel.arrayBuffer(), "zip", { extractDir: SITE });
  python.setStdout({ batched: (text) => say("text", `${text}\n`) });
  python.setStderr({ batched: (text) => say("text", `${text}\n`) });
  python.registerJsModule("page", { say });
  python.runPython(cells);
  mark("ready");
  postMessage({ ready: { time, ...(await sizes()) } });
};

// How much is kept in this browser, and how much was loaded for it now, in bytes.
const sizes = async () => {
  let kept = 0;
  for (const request of (await cache?.keys()) ?? [])
    kept += (await (await cache.match(request))?.blob())?.size ?? 0;
  return { kept, loaded: Object.values(got).reduce((sum, size) => sum + size, 0) };
};

let said; // how much a cell has printed
let drawing = false; // whether Matplotlib is there
const say = (kind, data) => {
  if (kind === "text" && (said += data.length) > 100_000) return;
  postMessage({ output: { kind, data } });
};

// Run cells one after the other; the first that fails is the last.
const run = async (jobs) => {
  const needed = python.globals.get("needed");
  const one = python.globals.get("run");
  for (const { name, code, only, space, quiet, fresh } of jobs) {
    said = 0;
    if (fresh) python.globals.get("forget")(space);
    if (!drawing && needed(code, only && python.toPy(only)).toJs().includes("matplotlib")) {
      await install("Loading Matplotlib", manifest.matplotlib);
      drawing = true;
      postMessage({ ready: { time, ...(await sizes()) } });
    }
    postMessage({ begins: name });
    const good = await one(name, code, space, Boolean(quiet), only && python.toPy(only));
    postMessage({ ends: name, good });
    if (!good && !quiet) return false;
  }
  return true;
};

let starting;
onmessage = async ({ data }) => {
  try {
    await (starting ??= start());
  } catch (error) {
    starting = undefined;
    postMessage({ id: data.id, failed: error.message === "network" ? "network" : String(error) });
    return;
  }
  if (data.complete !== undefined) {
    const found = python.globals.get("complete")(data.complete, data.space).toJs();
    postMessage({ id: data.id, found });
  } else if (data.jobs) {
    try {
      postMessage({ id: data.id, good: await run(data.jobs) });
    } catch (error) {
      if (error.message !== "network") throw error;
      postMessage({ id: data.id, failed: "network" });
    }
  } else postMessage({ id: data.id, good: true });
};
