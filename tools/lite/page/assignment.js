// The page around an assignment's notebook: says what is going on, saves, downloads, starts over.
import { answersOf, download as saveAs } from "./answers.js";

const slug = document.documentElement.dataset.slug;
const name = `${slug}.ipynb`;
const released = `files/${name}`;
const byId = (id) => document.getElementById(id);
const patience = 120; // s without Python before we say that something is wrong
const quiet = 1; // s without a change before it is saved

let app, frame;
let panel; // the notebook; also a property of the window, for whoever looks in from outside
let kept = true; // whether what was saved last was kept
let before; // the cells as they were opened or saved; if that failed, as they were downloaded

const say = (text) => {
  byId("status").textContent = text;
};

// Something is wrong: say what, and offer the notebook itself. Without a text, all is well again.
const complain = (text = "") => {
  byId("problem").hidden = !text;
  byId("problem").firstElementChild.textContent = text;
};

const giveUp = (text) => {
  complain(text);
  say("");
  frame?.remove();
};

// What this browser lacks, in words; undefined if it can run Python.
const lack = () => {
  if (location.protocol === "file:")
    return "From a folder, browsers run no Python. Run make serve, and open the page it names.";
  if (typeof WebAssembly !== "object" || typeof Worker !== "function")
    return "This browser has no WebAssembly, or it is switched off: it cannot run Python.";
  if (!navigator.onLine) return "There is no network, and Python is not loaded yet.";
};

// Whether the browser lets a page keep anything: not in every private window.
const keeps = () =>
  new Promise((resolve) => {
    try {
      if (localStorage) resolve(true);
    } catch {
      // a database may still do
    }
    try {
      const request = indexedDB.open("lstm-course-test");
      request.onerror = () => resolve(false);
      request.onsuccess = () => {
        request.result.close();
        indexedDB.deleteDatabase("lstm-course-test");
        resolve(true);
      };
    } catch {
      resolve(false);
    }
  });

const until = async (found, seconds) => {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; ) {
    try {
      const value = found();
      if (value) return value;
    } catch {
      // the frame is between two pages
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
};

// The notebook as Jupyter elsewhere knows it: the kernel of the browser has another name.
const content = () => {
  const notebook = panel.context.model.toJSON();
  notebook.metadata.kernelspec = { display_name: "Python 3", language: "python", name: "python3" };
  return notebook;
};
const time = () => new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });

const cells = () => JSON.stringify(panel.context.model.toJSON().cells);
// Whether something would be lost if the page went away now. Opening a notebook writes nothing.
const isUnsaved = () => panel && cells() !== before;

const save = async () => {
  if (!isUnsaved()) {
    panel.context.model.dirty = false;
    return;
  }
  const saving = cells();
  try {
    await panel.context.save();
    if (kept) before = saving;
  } catch {
    // saveState says that it failed
  }
};

const onSaved = (_, state) => {
  if (state === "completed" && kept) {
    complain();
    say(`Saved in this browser at ${time()}.`);
  }
  if (state === "failed") {
    kept = false;
    complain(
      "Your work could not be saved: the browser's storage is full or closed. It is still here. " +
        "Download it before you leave the page.",
    );
  }
};

const saveWhenQuiet = () => {
  let waiting;
  return () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => panel && save(), quiet * 1000);
  };
};

const download = () => {
  if (!kept) before = cells();
  saveAs(content(), name);
  say(`Downloaded as ${name}.`);
};

const startOver = async () => {
  const { contents } = app.serviceManager;
  panel.context.model.dirty = false;
  panel = window.panel = undefined;
  await contents.delete(name);
  await open();
};

const size = byId("status").dataset.size;

// Whether Python was loaded here before, as far as we know.
const wasHere = () => {
  try {
    const was = localStorage.getItem("lstm-notebook-loaded");
    localStorage.setItem("lstm-notebook-loaded", "1");
    return Boolean(was);
  } catch {
    return false;
  }
};

const isStub = (source) => /raise NotImplementedError\(\)|YOUR ANSWER HERE/.test(source);

// What was written in the chapters can be put into the notebook, where it has nothing yet.
const offerAnswers = () => {
  const answers = answersOf(slug);
  const empty = [...panel.context.model.cells].filter(
    (cell) => answers[cell.id] && isStub(cell.sharedModel.getSource()),
  );
  byId("take-over").hidden = !empty.length;
  byId("take-over").textContent = `Take over ${empty.length} from the book's pages`;
  byId("take-over").onclick = () => {
    for (const cell of empty) cell.sharedModel.setSource(answers[cell.id].code);
    byId("take-over").hidden = true;
    say("What you wrote in the book's pages is in the notebook now.");
  };
};

const open = async () => {
  byId("actions").hidden = true;
  say("Opening the notebook: you can read it already …");
  frame?.remove();
  frame = document.createElement("iframe");
  frame.title = "The notebook";
  byId("text").hidden = false;
  frame.src = `notebooks/index.html?path=${name}`;
  document.querySelector("main").append(frame);

  const slow = "Python could not be loaded, or takes very long. Is there a network?";
  app = await until(() => frame.contentWindow.jupyterapp, patience);
  const shown = () => app.shell.currentWidget?.context && app.shell.currentWidget;
  const opened = app && (await until(shown, patience));
  if (!opened) return giveUp(slow);
  await opened.context.ready;
  panel = window.panel = opened;
  before = cells();
  panel.context.saveState.connect(onSaved);
  panel.context.model.contentChanged.connect(saveWhenQuiet());
  byId("actions").hidden = false;
  byId("text").hidden = true;
  offerAnswers();
  say(wasHere() ? "Starting Python …" : `Starting Python: the first time, ${size} MB are loaded …`);
  const { sessionContext } = panel;
  if (await until(() => sessionContext.session?.kernel?.status === "idle", patience))
    say("Python is ready. What you write is saved in this browser.");
  else complain(slow);
};

const begin = async () => {
  const missing = lack();
  if (missing) return giveUp(missing);
  if (!(await keeps()))
    return giveUp(
      "This window may not keep anything, as in some private windows: no notebook can be opened.",
    );
  await open();
};

byId("download").addEventListener("click", download);
byId("again").addEventListener("click", () => location.reload());
byId("start-over").addEventListener("click", () => byId("sure").showModal());
byId("sure").addEventListener("close", ({ target }) => {
  if (target.returnValue === "download") download();
  if (target.returnValue === "download" || target.returnValue === "delete") startOver();
  target.returnValue = "";
});
addEventListener("beforeunload", (event) => {
  if (isUnsaved()) event.preventDefault();
});
begin();
