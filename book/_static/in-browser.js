// Buttons for what runs in the page: cells, exercises, assignments. Nothing is loaded before a
// click, unless Python was used in this session already, or a link brings code along.
"use strict";

{
  const root = new URL(document.documentElement.dataset.content_root, location.href).href;
  const page = location.href.slice(root.length).split(/[?#]/)[0];
  const fromFolder =
    "Opened as a file, a page cannot run Python: browsers want http or localhost for that. In the " +
    "course's folder, run make serve; in any other, python -m http.server; then open the address " +
    "that it names. The notebook can be downloaded, too.";

  const element = (tag, attributes) => Object.assign(document.createElement(tag), attributes);

  // The code behind the buttons, with the style of what it shows.
  let loading;
  const load = () =>
    (loading ??= new Promise((resolve, reject) => {
      const style = element("link", { rel: "stylesheet", href: `${root}lite/page.css` });
      style.onload = () => import(`${root}lite/page.js`).then(resolve, reject);
      style.onerror = reject;
      document.head.append(style);
    }));

  // Say under a row of buttons what is going on; an empty text takes it away.
  const say = (row, text) => {
    let line = row.nextElementSibling;
    if (!line?.matches(".live-says")) {
      line = element("p", { className: "live-says", role: "status" });
      row.after(line);
    }
    line.textContent = text;
    line.hidden = !text;
  };

  const press = async (row, act) => {
    if (location.protocol === "file:") return say(row, fromFolder);
    say(row, "Loading …");
    try {
      const code = await load();
      say(row, "");
      return act(code);
    } catch {
      loading = undefined;
      const why = navigator.onLine ? "The page's code could not be loaded." : "There is no network.";
      return say(row, `${why} Try again, or download the notebook: the button is above, at the right.`);
    }
  };

  const button = (row, text, act) => {
    const made = element("button", { type: "button", textContent: text });
    made.addEventListener("click", () => press(row, act));
    row.append(made);
  };

  for (const cell of document.querySelectorAll(".cell.live")) {
    const row = element("p", { className: "live-bar" });
    cell.querySelector(".cell_input").after(row);
    button(row, "Run it here", (code) => code.press(cell));
  }

  const answers = (slug) => {
    try {
      return JSON.parse(localStorage.getItem(`lstm-answers-${slug}`)) ?? {};
    } catch {
      return {};
    }
  };
  for (const place of document.querySelectorAll(".exercise")) {
    const row = element("p", { className: "live-bar" });
    place.append(row);
    const written = answers(place.dataset.slug)[place.dataset.name];
    if (written?.passed) place.classList.add("passed");
    button(row, written ? "Go on" : "Write it here", (code) => code.write(place));
  }
  for (const place of document.querySelectorAll(".gather")) {
    const row = element("p", { className: "live-bar" });
    place.append(row);
    button(row, "Write it in this page", (code) => code.writeAll(place));
  }

  // The notebook has a page of its own: say here what would go wrong there.
  for (const link of document.querySelectorAll(".do-open"))
    link.addEventListener("click", (event) => {
      const why =
        location.protocol === "file:"
          ? fromFolder
          : navigator.onLine
            ? ""
            : "There is no network. Without one, write the functions in the pages of the book.";
      if (!why) return;
      event.preventDefault();
      say(link.closest(".do"), why);
    });

  if (location.protocol !== "file:") {
    if (location.hash.startsWith("#run=")) load().then((code) => code.fromAddress());
    let used;
    try {
      used = sessionStorage.getItem("lstm-python-used");
    } catch {
      // a window that keeps nothing
    }
    const runs = document.querySelector(".cell.live, .exercise, .gather");
    if (used && runs) (window.requestIdleCallback ?? setTimeout)(() => load().then((code) => code.prepare()));
  }
}
