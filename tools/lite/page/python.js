// The page's side of Python: one worker, started when something first runs.
// A job's `show` hears how it goes: status(text, done, total), begins(name), output(name, kind,
// data), ends(name, good).

const address = new URL("worker.js", import.meta.url);
export const root = new URL("..", import.meta.url).href;
const KEPT = "lstm-python-";
const USED = "lstm-python-used"; // in this session: the next page starts Python by itself

let worker;
let ready; // what the worker said when Python had started
let running; // the job that runs: { id, show, resolve }
const questions = new Map(); // completions asked for, by id
const listeners = new Set();
let count = 0;

const megabytes = (bytes) => (bytes / 1e6).toFixed(1);

const words = ({ what, done, total }) =>
  total ? `${what}: ${megabytes(done)} of ${megabytes(total)} MB …` : `${what} …`;

const hear = ({ data }) => {
  if (data.progress) running?.show.status(words(data.progress), data.progress.done, data.progress.total);
  if (data.ready) {
    const first = !ready;
    ready = data.ready;
    for (const listener of listeners) listener(ready);
    if (first) keepPage();
  }
  if (data.begins) {
    running.cell = data.begins;
    running.show.status("Running …");
    running.show.begins(data.begins);
  }
  if (data.output) running.show.output(running.cell, data.output.kind, data.output.data);
  if (data.ends) running.show.ends(data.ends, data.good);
  if (data.id === undefined) return;
  if (questions.has(data.id)) {
    questions.get(data.id)(data.found ?? []);
    questions.delete(data.id);
    return;
  }
  if (data.failed) stop();
  finish(data);
};

const finish = (answer) => {
  const job = running;
  running = undefined;
  job?.resolve(answer);
};

const launch = () => {
  worker = new Worker(address, { type: "module", name: "Python" });
  worker.onmessage = hear;
  worker.onerror = (event) => {
    event.preventDefault();
    stop();
    finish({ failed: navigator.onLine ? event.message || "worker" : "network" });
  };
  try {
    sessionStorage.setItem(USED, "1");
  } catch {
    // then the next page waits for a click
  }
};

/** Whether Python was used in this session, on any page of the book. */
export const wasUsed = () => {
  try {
    return sessionStorage.getItem(USED) === "1";
  } catch {
    return false;
  }
};

/** Hear what Python says when it has started: where the time went, and how much is kept. */
export const onReady = (listener) => {
  listeners.add(listener);
  if (ready) listener(ready);
};

export const isRunning = () => Boolean(running);

/** Run cells; resolves to { good } or { failed }, or { stopped } if somebody stopped it. */
export const run = async (jobs, show) => {
  while (running) {
    if (!running.waits) halt();
    else {
      running.show.status = show.status; // it only starts: it is not in the way
      await running.promise;
    }
  }
  if (!worker) launch();
  const job = { id: ++count, show };
  job.promise = new Promise((resolve) => (job.resolve = resolve));
  running = job;
  show.status("Starting Python …");
  worker.postMessage({ id: job.id, jobs });
  return job.promise;
};

/** Start Python before somebody asks for it. */
export const prepare = () => {
  if (worker) return;
  launch();
  const show = { status() {}, begins() {}, output() {}, ends() {} };
  const job = { id: ++count, show, waits: true };
  job.promise = new Promise((resolve) => (job.resolve = resolve));
  running = job;
  worker.postMessage({ id: job.id });
};

const stop = () => {
  worker?.terminate();
  worker = ready = undefined;
  for (const answer of questions.values()) answer([]);
  questions.clear();
};

/** Stop what runs. Variables are lost: whoever keeps count of what ran must begin anew. */
export const halt = () => {
  stop();
  finish({ stopped: true });
};

/** Ask what could stand at the end of `text`; nothing while Python is not there, or busy. */
export const complete = (text, space) => {
  if (!ready || running) return Promise.resolve([]);
  const id = ++count;
  worker.postMessage({ id, complete: text, space });
  return new Promise((resolve) => questions.set(id, resolve));
};

/** Why this browser cannot run Python here; undefined if it can. */
export const lack = () => {
  if (typeof WebAssembly !== "object" || typeof Worker !== "function")
    return "This browser has no WebAssembly, or it is switched off: it cannot run Python.";
};

// Pages and what they show are kept too, once Python is: so that both are there without a network.
const keepPage = async () => {
  if (!navigator.serviceWorker || !("caches" in window)) return;
  try {
    await navigator.serviceWorker.register(`${root}sw.js`);
    const pages = await caches.open("lstm-pages");
    const shown = performance.getEntriesByType("resource").map((entry) => entry.name);
    const ours = [location.href.split("#")[0], ...shown].filter(
      (name) => name.startsWith(root) && !name.includes("/lite/static/"),
    );
    await Promise.allSettled([...new Set(ours)].map((name) => pages.add(name)));
    await pages.add(address.href);
  } catch {
    // then only Python itself is kept
  }
};

/** Delete all that was kept for Python and for reading without a network; not what was written. */
export const forget = async () => {
  for (const name of await caches.keys())
    if (name.startsWith(KEPT) || name === "lstm-pages") await caches.delete(name);
  const ours = (await navigator.serviceWorker?.getRegistrations()) ?? [];
  await Promise.all(
    ours.filter(({ scope }) => scope === root).map((registration) => registration.unregister()),
  );
  ready = ready && { ...ready, kept: 0 };
  for (const listener of listeners) listener({ ...ready, kept: 0 });
};
