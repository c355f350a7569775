// A function of an assignment, written and checked where the book teaches it.
import {
  answersOf,
  download,
  filled,
  functionsOf,
  keep,
  pointsOf,
  sourceOf,
  toCheck,
  toFill,
} from "./answers.js";
import { edit } from "./editor.js";
import { Output, button, element, root } from "./output.js";
import { halt, lack, prepare, run } from "./python.js";

const loaded = {};

const notebookOf = (slug) =>
  (loaded[slug] ??= fetch(`${root}lite/files/${slug}.ipynb`).then((answer) => {
    if (!answer.ok) throw new Error(`${answer.status}`);
    return answer.json();
  }));

const notWritten = (code) => code.includes("raise NotImplementedError()");

// How far an assignment is, in words, with the button that hands it in.
const gathered = (slug, notebook) => {
  const place = element("p", { className: "exercise-gathered" });
  const tell = () => {
    const answers = answersOf(slug);
    const names = functionsOf(notebook).map((cell) => cell.id);
    const passed = names.filter((name) => answers[name]?.passed);
    const points = (some) => some.reduce((sum, name) => sum + pointsOf(notebook, name), 0);
    place.firstChild.textContent =
      `Of ${slug}, ${passed.length} of ${names.length} functions pass their checks: ` +
      `${points(passed)} of ${points(names)} points. `;
  };
  place.append(
    document.createTextNode(""),
    button("Download to hand in", () => {
      download(filled(notebook, answersOf(slug)), `${slug}.ipynb`);
      said.textContent = ` Downloaded as ${slug}.ipynb, with all you wrote for ${slug}. Keep its name.`;
    }),
    element("span", { role: "status" }),
  );
  const said = place.lastChild;
  const hear = ({ detail, key }) => (detail === slug || key?.endsWith(`-${slug}`)) && tell();
  addEventListener("lstm-answers", hear);
  addEventListener("storage", hear);
  tell();
  return place;
};

const LOST = "This window may not keep anything: download your work before you leave the page.";

/** Make an exercise an editor with its check. */
export const open = async (place, { gather = true } = {}) => {
  const { slug, name } = place.dataset;
  const bar = place.querySelector(".live-bar");
  const output = new Output(`${root}lite/files/${slug}.ipynb`);
  bar.after(output.place);
  let notebook;
  try {
    notebook = await notebookOf(slug);
  } catch {
    delete loaded[slug];
    output.failed("network");
    return undefined;
  }
  const cell = notebook.cells.find((one) => one.id === name);
  const stub = sourceOf(cell);
  const editing = element("div", { className: "live-code" });
  bar.before(editing);
  let waiting;
  const save = (passed) => {
    clearTimeout(waiting);
    const code = editor.code;
    const kept = keep(slug, name, code === stub ? undefined : { code, passed });
    place.classList.toggle("passed", Boolean(passed));
    if (!kept) output.status(LOST);
    return kept;
  };
  const check = async () => {
    const missing = lack();
    if (missing) return output.status(missing);
    save(false);
    start.textContent = "Stop";
    output.clear();
    const began = performance.now();
    const answers = { ...answersOf(slug), [name]: { code: editor.code } };
    const jobs = toCheck(notebook, name, answers).map((job, k) => ({
      ...job,
      space: `lite/files/${slug}.ipynb`,
      fresh: k === 0,
    }));
    const result = await run(jobs, {
      status: (...how) => output.status(...how),
      begins() {},
      output: (_, kind, data) => output.show(kind, data),
      ends() {},
    });
    start.textContent = "Check";
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    if (result.failed) return output.failed(result.failed);
    if (result.stopped) return output.done("Stopped.");
    const kept = save(result.good);
    const words = result.good ? `Passed, ${seconds} s.` : "Not right yet.";
    return output.done(kept ? `${words} What you wrote is kept in this browser.` : `${words} ${LOST}`);
  };
  const start = button("Check", () => (start.textContent === "Stop" ? halt() : check()), {
    className: "live-first",
  });
  const editor = edit(editing, {
    code: answersOf(slug)[name]?.code ?? stub,
    label: `Your ${name}`,
    space: `lite/files/${slug}.ipynb`,
    run: check,
    change: () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => save(false) && output.status("Kept in this browser."), 500);
    },
  });
  addEventListener("pagehide", () => editor.code !== (answersOf(slug)[name]?.code ?? stub) && save(false));
  const again = button("Start over", () => {
    if (again.dataset.sure) {
      editor.code = stub;
      save(false);
      output.clear();
      output.status("As it was handed out.");
    }
    again.textContent = again.dataset.sure ? "Start over" : "Really start over?";
    again.dataset.sure = again.dataset.sure ? "" : "1";
  });
  bar.replaceChildren(start, again);
  if (gather) bar.after(gathered(slug, notebook));
  if (answersOf(slug)[name]?.passed) place.classList.add("passed");
  editor.focus();
  if (!lack()) prepare(); // it starts while one writes
  return editor;
};

/** On an assignment's page: all its functions, the written answer, and the download. */
export const openAll = async (place) => {
  const { slug } = place.dataset;
  let notebook;
  try {
    notebook = await notebookOf(slug);
  } catch {
    delete loaded[slug];
    place.append(element("p", { role: "alert", textContent: "The notebook could not be loaded." }));
    return;
  }
  place.querySelector(".live-bar").remove();
  const question = place.querySelector(".gather-question");
  for (const cell of toFill(notebook)) {
    if (cell.cell_type !== "code") continue;
    const points = pointsOf(notebook, cell.id);
    const one = element("div", { className: "exercise" });
    Object.assign(one.dataset, { slug, name: cell.id });
    const title = element("p", {}, element("strong", {}, element("code", { textContent: cell.id })));
    title.append(`, ${points} points`);
    const bar = element("p", { className: "live-bar" });
    const written = answersOf(slug)[cell.id];
    bar.append(
      button(written && !notWritten(written.code) ? "Go on" : "Write it here", () =>
        open(one, { gather: false }),
      ),
    );
    if (written?.passed) one.classList.add("passed");
    one.append(title, bar);
    place.insertBefore(one, question);
  }
  const answer = toFill(notebook).find((cell) => cell.cell_type === "markdown");
  if (answer) {
    const field = element("textarea", { rows: 5, value: answersOf(slug)[answer.id]?.code ?? "" });
    field.setAttribute("aria-label", "Your answer to the question");
    const said = element("p", { className: "live-status", role: "status" });
    field.addEventListener("input", () => {
      const code = field.value.trim();
      const kept = keep(slug, answer.id, code ? { code: field.value } : undefined);
      said.textContent = kept ? "Kept in this browser." : LOST;
    });
    question.hidden = false;
    question.append(field, said);
  }
  place.append(gathered(slug, notebook));
};
