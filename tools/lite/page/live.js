// Cells of a chapter that run in the page. They share their variables, as in a notebook. What a
// cell needs of those above it runs first, by itself: see tools/lite/lite_cells.py.
import { edit } from "./editor.js";
import { Output, button, element, root } from "./output.js";
import { halt, isRunning, lack, run } from "./python.js";

const page = location.href.split(/[?#]/)[0].slice(root.length);
const space = page;
const notebook = `${root}_sources/${page.replace(/html$/, "ipynb")}`;

const sourceOf = (cell) => cell.querySelector(".cell_input pre")?.textContent.trimEnd() ?? "";

// Of which cells which statements have to run before: { cell: [places] }.
const needsOf = (cell) => {
  const said = [...cell.classList].find((name) => name.startsWith("needs-")) ?? "needs";
  const parts = said.split("-").slice(1).map((part) => part.split("_").map(Number));
  return new Map(parts.map(([k, ...places]) => [k, places]));
};

// A short name that follows the code, not its place: links survive a new cell above.
const nameOf = (code) => {
  let hash = 0x811c9dc5;
  for (const letter of code) hash = Math.imul(hash ^ letter.codePointAt(0), 0x01000193) >>> 0;
  return hash.toString(36);
};

const all = [...document.querySelectorAll("div.cell")].map((cell, k) => {
  const source = sourceOf(cell);
  return { k, cell, source, name: nameOf(source), needs: needsOf(cell), ran: new Set() };
});
const WHOLE = -1; // in `ran`: all of a cell
const isLive = ({ cell }) => cell.classList.contains("live");
const beginAnew = () => all.forEach((one) => one.ran.clear());
const isEdited = (one) => one.editor && codeOf(one) !== one.source;
const codeOf = (one) => one.editor?.code.trimEnd() ?? one.source;

const squeeze = async (text, Stream) => {
  const stream = new Blob([text]).stream().pipeThrough(new Stream("deflate-raw"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
};

/** Put a cell's code into an address, and read it from there. */
export const toHash = async (name, code) => {
  const bytes = await squeeze(code, CompressionStream);
  const text = btoa(String.fromCharCode(...bytes));
  return `#run=${name}.${text.replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "")}`;
};

const fromHash = async (hash) => {
  const [, name, text] = /^#run=(\w+)\.([\w-]+)$/.exec(hash) ?? [];
  if (!name) return {};
  const letters = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  const bytes = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
  const code = new TextDecoder().decode(await squeeze(bytes, DecompressionStream));
  return { name, code };
};

// What runs before a cell: what it needs, if that has not run; or all live cells above, anew.
const before = (one, anew) => {
  if (anew) {
    const above = all.slice(0, one.k).filter((other) => isLive(other) || one.needs.has(other.k));
    return above.map((other) => ({ one: other, only: isLive(other) ? undefined : one.needs.get(other.k) }));
  }
  return [...one.needs].flatMap(([k, places]) => {
    const other = all[k];
    if (other.ran.has(WHOLE)) return [];
    if (isEdited(other)) return [{ one: other }];
    const only = places.filter((place) => !other.ran.has(place));
    return only.length ? [{ one: other, only }] : [];
  });
};

const go = async (one, { anew = false } = {}) => {
  const missing = lack();
  if (missing) {
    one.output.status(missing);
    return;
  }
  if (isRunning()) beginAnew();
  if (anew) beginAnew();
  const steps = [...before(one, anew), { one }];
  const jobs = steps.map((step, k) => ({
    name: `cell ${step.one.k + 1}`,
    code: codeOf(step.one),
    only: step.only,
    space,
    fresh: anew && k === 0,
  }));
  const named = new Map(jobs.map((job, k) => [job.name, steps[k]]));
  one.start.textContent = "Stop";
  one.output.clear();
  const began = performance.now();
  const opened = (name) => {
    const other = named.get(name).one;
    return other.editor && (other === one || !named.get(name).only) ? other : undefined;
  };
  const show = {
    status: (...how) => one.output.status(...how),
    begins: (name) => opened(name)?.output.clear(),
    output(name, kind, data) {
      opened(name)?.output.show(kind, data);
      if (kind === "error" && named.get(name).one !== one)
        one.output.show("error", `A cell above ended with an error:\n${data}`);
    },
    ends(name, good) {
      const { one: other, only } = named.get(name);
      for (const place of good ? (only ?? [WHOLE]) : []) other.ran.add(place);
    },
  };
  const { good, failed, stopped } = await run(jobs, show);
  one.start.textContent = "Run";
  if (failed || stopped) beginAnew();
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  if (failed) one.output.failed(failed);
  else if (stopped) one.output.done("Stopped. Variables are forgotten.");
  else one.output.done(good ? `Done, ${seconds} s.` : "Ended with an error.");
};

const share = async (one) => {
  const address = location.href.split("#")[0] + (await toHash(one.name, codeOf(one)));
  history.replaceState(null, "", address);
  try {
    await navigator.clipboard.writeText(address);
    one.output.status("The link is copied: whoever opens it sees this cell with your code.");
  } catch {
    one.output.status("The link is in the address bar, with your code in it.");
  }
};

const close = (one) => {
  if (one.start.textContent === "Stop") halt();
  one.editor.remove();
  one.place.remove();
  one.output.place.remove();
  one.editor = undefined;
  one.ran.clear();
  one.input.hidden = false;
  if (one.printed) one.printed.hidden = false;
  one.bar.replaceChildren(one.first);
  one.first.focus();
};

/** Make a cell an editor with its buttons. */
export const open = (cell, { code, first, bar } = {}) => {
  const one = all.find((other) => other.cell === cell);
  if (one.editor) return one;
  one.bar = bar ?? cell.querySelector(".live-bar");
  one.first = first ?? one.bar.firstElementChild;
  one.input = cell.querySelector(".cell_input");
  one.printed = cell.querySelector(".cell_output");
  one.output = new Output(notebook);
  one.place = element("div", { className: "live-code" });
  one.start = button("Run", () => {
    if (one.start.textContent === "Stop") halt();
    else go(one);
  });
  one.bar.before(one.place);
  one.bar.after(one.output.place);
  one.editor = edit(one.place, {
    code: code ?? one.source,
    label: "Code of this cell",
    space,
    run: () => go(one),
    change: () => one.ran.clear(),
  });
  one.bar.replaceChildren(
    one.start,
    button("Run all above", () => go(one, { anew: true })),
    button("Reset", () => close(one)),
    button("Copy link", () => share(one)),
  );
  one.input.hidden = true;
  if (one.printed) one.printed.hidden = true;
  return one;
};

/** Run a cell whose button was pressed. */
export const press = (cell) => {
  const one = open(cell);
  one.start.focus();
  return go(one);
};

/** Show the cell that an address brings along. It is not run: somebody else wrote it. */
export const fromAddress = async () => {
  const { name, code } = await fromHash(location.hash).catch(() => ({}));
  const found = all.find((one) => one.name === name && isLive(one));
  if (!found) return;
  found.cell.closest("details")?.setAttribute("open", "");
  const one = open(found.cell, { code });
  one.output.status("This code came with the link. Read it, then run it.");
  one.cell.scrollIntoView({ block: "center" });
  one.start.focus({ preventScroll: true });
};
