// Cells that run in the page, and the buttons that open an assignment in the browser.
// Nothing is loaded before a click.
"use strict";

{
  const root = new URL(document.documentElement.dataset.content_root, location.href).href;
  const page = location.href.slice(root.length).split(/[?#]/)[0];
  const notebook = `${root}_sources/${page.replace(/html$/, "ipynb")}`;

  // Why this browser cannot run Python here; undefined if it can.
  const lack = () => {
    if (location.protocol === "file:")
      return "From a folder, browsers run no Python: run make serve, and open the page it names.";
    if (typeof WebAssembly !== "object" || typeof Worker !== "function")
      return "This browser has no WebAssembly, or it is switched off: it cannot run Python.";
  };
  const offline = "There is no network, and Python is not loaded yet.";

  const element = (tag, attributes) => Object.assign(document.createElement(tag), attributes);

  // Buttons: say here what would go wrong there. The link to the notebook stands beside them.
  for (const link of document.querySelectorAll(".do-open"))
    link.addEventListener("click", (event) => {
      const missing = lack() ?? (navigator.onLine ? undefined : offline);
      if (!missing) return;
      event.preventDefault();
      const row = link.closest(".do");
      if (row.nextElementSibling?.role !== "alert")
        row.after(element("p", { role: "alert" }));
      row.nextElementSibling.textContent = `${missing} You can download the notebook.`;
    });

  const cells = [...document.querySelectorAll(".cell.tag_live, .cell.tag_live-setup")].map(
    (cell) => {
      const source = cell.querySelector(".cell_input pre").textContent;
      return { cell, source, editor: undefined, ran: false };
    },
  );
  const code = (one) => one.editor?.value ?? one.source;

  let worker; // for all cells: they share their variables, as in a notebook
  let running; // the cell that runs

  const start = () => {
    worker = new Worker(`${root}lite/live-worker.js`, { type: "module" });
    worker.onmessage = ({ data }) => {
      if (data.progress) running.show(data.progress);
      else finish(data);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      finish({ failed: true });
    };
  };

  const stop = () => {
    worker?.terminate();
    worker = undefined;
    for (const one of cells) one.ran = false;
  };

  const finish = ({ output = "", failed = false, done = [] }) => {
    for (const k of done) cells[k].ran = true;
    const one = running;
    running = undefined;
    one.button.textContent = "Run again";
    one.show(output);
    if (!failed) return;
    stop();
    one.output.replaceChildren(
      navigator.onLine ? "Python could not be loaded. Try again, or " : `${offline} Try again, or `,
      element("a", { href: notebook, textContent: "download this page's notebook", download: "" }),
      ".",
    );
  };

  const run = (one) => {
    if (running) {
      const same = running === one;
      stop();
      finish({ output: "Stopped. Variables are forgotten." });
      if (same) return;
    }
    running = one;
    one.button.textContent = "Stop";
    one.show("Starting Python …");
    const at = cells.indexOf(one);
    const before = cells.slice(0, at).filter((other) => !other.ran);
    if (!worker) start();
    worker.postMessage([...before, one].map((each) => [cells.indexOf(each), code(each)]));
  };

  // The first click: the code becomes a text field, and its output a place for new ones.
  const open = (one) => {
    const { cell } = one;
    one.printed = cell.querySelector(".cell_output");
    one.output = element("pre", { className: "live-output", role: "status", tabIndex: 0 });
    one.output.setAttribute("aria-label", "Output");
    one.show = (text) => {
      one.output.textContent = text;
    };
    one.editor = element("textarea", { value: one.source, spellcheck: false, wrap: "off" });
    one.editor.rows = one.source.trimEnd().split("\n").length;
    one.editor.className = "live-code";
    one.editor.setAttribute("aria-label", "Code of this cell");
    one.editor.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey || event.shiftKey)) return;
      event.preventDefault();
      run(one);
    });
    cell.querySelector(".cell_input").hidden = true;
    if (one.printed) one.printed.hidden = true;
    one.bar.before(one.editor);
    one.bar.after(one.output);
    one.reset.hidden = false;
  };

  const reset = (one) => {
    if (running === one) stop();
    if (running === one) running = undefined;
    one.editor.remove();
    one.output.remove();
    one.editor = undefined;
    one.ran = false;
    one.cell.querySelector(".cell_input").hidden = false;
    if (one.printed) one.printed.hidden = false;
    one.button.textContent = "Run it here";
    one.reset.hidden = true;
    one.button.focus();
  };

  for (const one of cells.filter(({ cell }) => cell.classList.contains("tag_live"))) {
    one.bar = element("p", { className: "live-bar" });
    one.button = element("button", { type: "button", textContent: "Run it here" });
    one.reset = element("button", { type: "button", textContent: "As printed", hidden: true });
    one.bar.append(one.button, one.reset);
    one.cell.querySelector(".cell_input").after(one.bar);
    one.button.addEventListener("click", () => {
      if (!one.editor) open(one);
      const missing = lack();
      if (missing) one.show(`${missing} The notebook is under the download button, above.`);
      else run(one);
    });
    one.reset.addEventListener("click", () => reset(one));
  }
}
